// OpenRLHF's remote reward model: `--reward.remote_url URL`, one sample in a request of lists. Its client waits 180 s, tries
// five times a second apart whatever the status, and has no word for "unscorable": a fault is held and tried again here, and
// then refused.

import { z } from 'zod';
import { LIMITS } from '../../contract/limits.ts';
import type { MountedCall, MountedRequest } from '../../contract/mounted-call.ts';
import { list, text } from '../../contract/schemas/values.ts';
import { invalidArgument } from '../../core/errors.ts';
import { recipeFor } from './asked.ts';
import type { Dialect, Translator } from './dialect.ts';
import { readLabel } from './label.ts';
import { json, openObject, parse, requireReward, type Rewarded, scoresByScorer } from './replies.ts';
import { readPrompt, withoutEndTokens } from './texts.ts';

const HOLD_MS = 150_000;
const MOST = LIMITS.completionsPerRequestMax;

/** What may stand before the prompt where the tokenizer adds tokens of its own. */
const START_TOKENS = /^(?:<[^<>\s]{1,40}>|\[[A-Z]{1,20}\]|\s)*$/u;

const request = openObject({
  query: list(text(LIMITS.promptCharsMax + LIMITS.completionCharsMax), 0, MOST, 'texts'),
  prompts: list(text(LIMITS.promptCharsMax), 0, MOST, 'texts').optional(),
  labels: list(z.unknown(), 0, MOST, 'labels').optional(),
});

type Request = z.output<typeof request>;

export const openRlhf: Dialect = (translator) => {
  const call: MountedCall = {
    method: 'POST',
    path: '/compat/openrlhf/get_reward',
    name: 'compat/openrlhf',
    answer: (received) => answer(translator, received),
  };
  return [call];
};

async function answer({ scoring, choices }: Translator, { body, query, signal }: MountedRequest) {
  const choice = choices.of(query, HOLD_MS, ['response_marker']);
  const wire = parse(request, body);
  checkLengths(wire);
  const samples = wire.query.map((whole, index) => {
    const prompt = wire.prompts?.[index] ?? '';
    const response = responseOf(whole, {
      prompt,
      marker: query['response_marker'],
      field: `query[${index}]`,
    });
    const label = readLabel(wire.labels?.[index], `labels[${index}]`);
    return {
      group: {
        prompt: readPrompt(prompt),
        reference: label.reference,
        completions: [{ memberIndex: 0, text: response }],
      },
      reward: recipeFor(label, choice, `labels[${index}]`),
    };
  });
  const outcomes = await Promise.all(
    samples.map(({ group, reward }, index) =>
      scoring.outcome(group, {
        dialect: 'openrlhf',
        ...reward,
        holdMs: choice.holdMs,
        signal,
        field: `labels[${index}]`,
      }),
    ),
  );
  return json(replyOf(outcomes.map((outcome, index) => requireReward(outcome, `query[${index}]`))));
}

/** An empty request is answered: some clients send one to each server but the first. */
function replyOf(rewarded: readonly Rewarded[]) {
  const rewards = rewarded.map(({ reward }) => reward);
  const isShare = rewards.every((reward) => reward >= 0 && reward <= 1);
  return {
    rewards,
    // The trainer filters groups by these, and takes them to lie between 0 and 1.
    ...(isShare && { scores: rewards }),
    extra_logs: logsOf(rewarded),
  };
}

/** Scores by scorer, of scorers that spoke of every sample: the trainer stacks the lists. */
function logsOf(rewarded: readonly Rewarded[]): Readonly<Record<string, readonly number[]>> {
  const bySample = rewarded.map(({ scores }) => scoresByScorer(scores));
  const names = Object.keys(bySample[0] ?? {}).filter((name) =>
    bySample.every((scores) => Object.hasOwn(scores, name)),
  );
  return Object.fromEntries(names.map((name) => [name, bySample.map((scores) => scores[name] ?? 0)]));
}

function checkLengths({ query, prompts, labels }: Request): void {
  for (const [field, given] of [
    ['prompts', prompts],
    ['labels', labels],
  ] as const) {
    const isOptional = field === 'prompts' || query.length === 0;
    if (given === undefined && isOptional) continue;
    if (given?.length === query.length) continue;
    throw invalidArgument(field, `Must be as many as query, ${query.length}, not ${given?.length ?? 0}`);
  }
}

/** The response in a text that holds prompt and response, decoded with special tokens. */
function responseOf(
  whole: string,
  {
    prompt,
    marker,
    field,
  }: { readonly prompt: string; readonly marker: string | undefined; readonly field: string },
): string {
  const promptAt = prompt === '' ? -1 : whole.indexOf(prompt);
  if (promptAt !== -1 && START_TOKENS.test(whole.slice(0, promptAt))) {
    return withoutEndTokens(whole.slice(promptAt + prompt.length)).toWellFormed();
  }
  const markerAt = marker === undefined || marker === '' ? -1 : whole.lastIndexOf(marker);
  if (markerAt === -1 || marker === undefined) {
    throw invalidArgument(
      field,
      'Must begin with its prompt, or hold the text that ?response_marker= names before the response',
    );
  }
  return withoutEndTokens(whole.slice(markerAt + marker.length)).toWellFormed();
}
