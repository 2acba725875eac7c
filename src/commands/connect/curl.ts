// curl: what the REST door takes and gives, without any client.

import type { Block, Trainer } from './guide.ts';
import { quoted, shellWord, tokenLine } from './spelling.ts';
import type { ServerFacts } from './server-facts.ts';

/** One request. `body` is text between single quotes, in which the shell's own quoting may stand. */
export function curl(
  facts: ServerFacts,
  url: string,
  { body, into }: { readonly body?: string; readonly into?: string } = {},
): string {
  const call = [
    'curl -sS --fail-with-body',
    ...(facts.tls?.ca === undefined ? [] : [`--cacert ${shellWord(facts.tls.ca)}`]),
    ...(facts.needsToken ? ['-H "authorization: Bearer $GROUPWISE_TOKEN"'] : []),
    shellWord(url),
    ...(body === undefined ? [] : [`-H 'content-type: application/json' -d '${body}'`]),
  ].join(' ');
  return into === undefined ? call : `${into}=$(${call})`;
}

export const curlTrainer: Trainer = {
  name: 'curl',
  title: 'curl',
  summary: 'JSON over REST, without any client',
  door: 'http',
  docs: 'docs/api.md',
  guide: (facts) => ({
    blocks: [
      ...tokenBlock(facts),
      { title: 'The datasets', language: 'bash', text: curl(facts, `${facts.http}/v1/datasets`) },
      {
        title: 'Rewards and advantages of two completions',
        language: 'bash',
        text: curl(facts, `${facts.http}/v1/score`, { body: scoreBody(facts) }),
      },
      {
        title: 'A run, and its first group of prompts',
        language: 'bash',
        text: [
          curl(facts, `${facts.http}/v1/runs`, { body: runBody(facts), into: 'RUN' }),
          `RUN=$(echo "$RUN" | python3 -c 'import json, sys; print(json.load(sys.stdin)["run_id"])')`,
          curl(facts, `${facts.http}/v1/runs/RUN/leases`, { body: '{"groups": 1}' }).replace(
            '/runs/RUN/',
            '/runs/"$RUN"/',
          ),
        ].join('\n'),
      },
    ],
    traps: [
      'The group of the last line is leased to you: hand in its completions, or it goes to another client when the lease expires.',
    ],
  }),
};

function tokenBlock(facts: ServerFacts): readonly Block[] {
  const text = tokenLine(facts).join('\n');
  return text === '' ? [] : [{ title: 'Once', language: 'bash', text }];
}

function scoreBody({ reward = 'math' }: ServerFacts): string {
  return `{"reward": ${rewardJson(reward)}, "estimator": "grpo:trl", "groups": [{"ground_truth": "18", "completions": [{"text": "so \\\\boxed{18}"}, {"text": "Answer: 17"}]}]}`;
}

function runBody({ dataset, reward }: ServerFacts): string {
  const own = reward === undefined ? '' : `, "reward": ${rewardJson(reward)}`;
  return `{"dataset": ${quoted(dataset.name)}, "split": ${quoted(splitOf(dataset.splits))}, "group_size": 8, "seed": 1${own}}`;
}

function splitOf(splits: ServerFacts['dataset']['splits']): string {
  return splits.find(({ name }) => name === 'train')?.name ?? splits[0]?.name ?? 'train';
}

/** A recipe is JSON already; single quotes in it must leave those of the shell. */
function rewardJson(reward: string): string {
  const json = reward.trimStart().startsWith('{') ? reward : quoted(reward);
  return json.replaceAll("'", String.raw`'\''`);
}
