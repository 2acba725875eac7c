// slime and miles: the same remote reward model with different patience, over HTTP.

import type { Trainer } from './guide.ts';
import { command, compatUrlWord, httpTrust, rowFiles, shellWord, tokenLine } from './spelling.ts';
import type { ServerFacts } from './server-facts.ts';

export const slime: Trainer = {
  name: 'slime',
  title: 'slime',
  summary: '--rm-type remote_rm and its URL',
  door: 'http',
  call: 'POST /compat/slime/remote_rm',
  docs: 'docs/compat.md#slime-and-miles',
  example: 'examples/slime',
  guide: (facts) => ({
    blocks: blocksOf(facts, 'slime/remote_rm'),
    traps: [
      'No --group-rm: the remote reward model is asked for one completion at a time.',
      'A fault is held for 100 s and tried again; slime asks ten times, then raises.',
    ],
  }),
};

export const miles: Trainer = {
  name: 'miles',
  title: 'miles',
  summary: '--rm-type remote_rm and its URL',
  door: 'http',
  call: 'POST /compat/miles/remote_rm',
  docs: 'docs/compat.md#slime-and-miles',
  guide: (facts) => ({
    blocks: blocksOf(facts, 'miles/remote_rm'),
    traps: [
      'Where your miles has --rm-timeout, it makes 0 of a request that takes longer: add hold_ms, in milliseconds and below it, to the URL.',
      'A fault is held for 270 s and tried again; miles asks once.',
    ],
  }),
};

function blocksOf(facts: ServerFacts, path: string) {
  const rows = rowFiles(facts, { format: 'trainer', extension: 'jsonl' });
  const options = command(
    'REWARD_ARGS=(',
    `--prompt-data ${shellWord(rows.train)}`,
    '--input-key prompt',
    '--label-key label',
    '--apply-chat-template',
    '--rm-type remote_rm',
    `--rm-url ${compatUrlWord(facts, path)}`,
  ).replaceAll(' \\\n', '\n');
  return [
    rows.block,
    {
      title:
        'In your run script, handed to train.py as "${REWARD_ARGS[@]}" in place of --rm-type and --prompt-data',
      language: 'bash' as const,
      text: [...tokenLine(facts), ...httpTrust(facts), `${options}\n)`].join('\n'),
    },
  ];
}
