// The typed client of this package, over gRPC.

import type { Trainer } from './guide.ts';
import { quoted, shellWord, tokenLine } from './spelling.ts';
import { type ServerFacts, trainSplit } from './server-facts.ts';

export const typescript: Trainer = {
  name: 'typescript',
  title: 'TypeScript',
  summary: 'groupwise/client, for a loop of your own',
  door: 'grpc',
  docs: 'docs/api.md',
  guide: (facts) => ({
    blocks: [
      {
        title: 'Install, in your project',
        language: 'bash',
        text: [
          `PACKED=$(npm pack --silent ${shellWord(facts.home)}) && npm install ./"$PACKED"`,
          ...tokenLine(facts),
        ].join('\n'),
      },
      {
        title: 'A group: prompt out, completions in, rewards and advantages back',
        language: 'typescript',
        text: script(facts),
      },
    ],
    traps: ['An outcome is scored or unscorable: an unscorable one has no reward, and advantage 0.'],
  }),
};

function script(facts: ServerFacts): string {
  const { grpc = '', tls, needsToken, reward } = facts;
  const options = [
    `address: ${quoted(grpc)}`,
    ...(needsToken ? ["token: process.env['GROUPWISE_TOKEN']"] : []),
    ...(tls === undefined
      ? []
      : [tls.ca === undefined ? 'tls: true' : `tls: { rootCertificates: readFileSync(${quoted(tls.ca)}) }`]),
  ];
  const run = [
    `dataset: ${quoted(facts.dataset.name)}`,
    `split: ${quoted(trainSplit(facts))}`,
    'groupSize: 2',
    'seed: 1',
    "estimator: { name: 'grpo:trl' }",
    ...(reward === undefined ? [] : [`reward: ${rewardValue(reward)}`]),
  ];
  const imports = tls?.ca === undefined ? '' : "import { readFileSync } from 'node:fs';\n";
  return `${imports}import { EnvClient } from 'groupwise/client';

const client = new EnvClient({ ${options.join(', ')} });
const { runId } = await client.openRun({ ${run.join(', ')} });
const { groups } = await client.leaseGroups({ runId, groups: 1 });
for (const { leaseId, prompt } of groups) {
  process.stdout.write(\`\${prompt.at(-1)?.content}\\n\`);
  const completions = ['So the answer is \\\\boxed{18}', 'Answer: 17'].map((text, memberIndex) => ({ memberIndex, text }));
  const results = await client.submitCompletions({ runId, groups: [{ leaseId, completions }] });
  process.stdout.write(\`\${JSON.stringify(results)}\\n\`);
}
client.close();`;
}

function rewardValue(reward: string): string {
  return reward.trimStart().startsWith('{') ? reward : quoted(reward);
}
