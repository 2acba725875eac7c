// Atropos: the API between its environments and its trainers.

import type { Trainer } from './guide.ts';
import { curl } from './curl.ts';
import { command, httpTrust, tokenLine } from './spelling.ts';

export const atropos: Trainer = {
  name: 'atropos',
  title: 'Atropos',
  summary: 'the API between its environments and its trainers',
  door: 'http',
  call: 'GET /compat/atropos/batch',
  docs: 'docs/compat.md#atropos',
  guide(facts) {
    const url = `${facts.http}/compat/atropos`;
    const address = facts.needsToken ? `"${url.replace('://', '://any:$GROUPWISE_TOKEN@')}"` : url;
    return {
      blocks: [
        {
          title: 'The address, in place of run-api on port 8000',
          language: 'bash',
          text: [
            ...tokenLine(facts),
            ...httpTrust(facts),
            `ATROPOS=${address}`,
            curl(facts, `${url}/status`),
          ].join('\n'),
        },
        {
          title: 'An environment of yours, and a trainer of the kind of its example',
          language: 'bash',
          text: [
            command('python my_environment.py serve', '--env.rollout_server_url "$ATROPOS"'),
            command('python -m example_trainer.grpo', '--atropos-url "$ATROPOS"'),
          ].join('\n'),
        },
      ],
      traps: [
        `A group is scored here where its group_overrides.groupwise has a label, as { dataset: "${facts.dataset.name}", pair_id }; other groups are passed on with the scores that they have.`,
        ...(facts.reward === undefined
          ? []
          : ['This address takes no parameters: --reward is not used here.']),
      ],
    };
  },
};
