// prime-rl: verifiers' taskset for resources servers of NeMo Gym, over HTTP.

import type { Trainer } from './guide.ts';
import { httpTrust, quoted, rowFiles, tokenLine } from './spelling.ts';

export const primeRl: Trainer = {
  name: 'prime-rl',
  title: 'prime-rl (verifiers)',
  summary: "verifiers' NeMoGymTaskset, one source in rl.toml",
  door: 'http',
  call: 'POST /compat/verifiers/verify',
  docs: 'docs/compat.md#verifiers-and-prime-rl',
  guide(facts) {
    const rows = rowFiles(facts, { format: 'nemo-gym', extension: 'jsonl' });
    const source = [
      '[[orchestrator.train.source]]',
      `name = ${quoted(facts.dataset.name)}`,
      '',
      '[orchestrator.train.source.env.taskset]',
      'id = "nemo-gym"',
      `dataset = ${quoted(rows.train)}`,
      '',
      '[orchestrator.train.source.env.taskset.task]',
      `resources_url = ${quoted(`${facts.http}/compat/verifiers`)}`,
      ...(facts.needsToken ? ['headers = { Authorization = "Bearer $GROUPWISE_TOKEN" }'] : []),
      '',
      '[orchestrator.train.source.env.agent.harness]',
      'id = "null"',
    ];
    return {
      blocks: [
        rows.block,
        {
          title: facts.needsToken
            ? 'In the template of rl.toml: TOML knows no variables, so envsubst writes the token'
            : 'In rl.toml',
          language: 'toml',
          text: source.join('\n'),
        },
        {
          title: 'Train, in a checkout of prime-rl',
          language: 'bash',
          text: [
            ...tokenLine(facts),
            ...httpTrust(facts),
            ...(facts.needsToken ? ["envsubst '$GROUPWISE_TOKEN' < rl.template.toml > rl.toml"] : []),
            'uv run rl @ rl.toml',
          ].join('\n'),
        },
      ],
      traps: [
        'Not /compat/nemo-gym: verifiers takes its placeholder for a reward. Under /compat/verifiers a fault is refused, and the rollout is an error.',
        ...(facts.reward === undefined
          ? []
          : [
              'This address takes no parameters: --reward is not used here, rows are scored by their own recipe or that of their dataset.',
            ]),
      ],
    };
  },
};
