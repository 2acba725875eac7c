// Atropos: the API that its trainers fetch batches from.

import type { Trainer } from './guide.ts';
import { curl } from './curl.ts';
import { httpTrust, tokenLine } from './spelling.ts';

export const atropos: Trainer = {
  name: 'atropos',
  title: 'Atropos',
  summary: 'the API that its trainers fetch batches from',
  door: 'http',
  call: 'GET /compat/atropos/batch',
  docs: 'docs/compat.md#atropos',
  guide: (facts) => ({
    blocks: [
      {
        title: 'In place of http://localhost:8000, wherever your trainer and your environments have it',
        language: 'bash',
        text: [
          ...tokenLine(facts),
          ...httpTrust(facts),
          `ATROPOS=${facts.http}/compat/atropos`,
          curl(facts, `${facts.http}/compat/atropos/status`),
        ].join('\n'),
      },
    ],
    traps: [
      'Its clients send no token: where the server has one, it goes into the URL, as http://any:TOKEN@host:port.',
    ],
  }),
};
