// Baseline: what node:http alone can do with the same JSON. Parses each body of POST /v1/score and answers JSON of the
// shape that the real server sends, with nothing scored.
//
//   node scripts/bench/http-echo.ts HOST:PORT

import { createServer } from 'node:http';

interface Body {
  readonly groups: readonly { readonly completions: readonly unknown[] }[];
}

const [host = '127.0.0.1', port = '0'] = (process.argv[2] ?? '127.0.0.1:0').split(':');

function reply(body: Body): string {
  return JSON.stringify({
    estimator: { name: 'grpo:verl', ddof: 1, epsilon: 1e-6 },
    groups: body.groups.map((group) => ({
      flags: [],
      completions: group.completions.map((_, member) => ({
        member_index: member,
        reward: 1,
        advantage: 0.5,
        scores: [{ scorer: 'math', score: 1, answer: '12345', answer_source: 'boxed' }],
      })),
    })),
  });
}

const server = createServer((request, response) => {
  if (request.method !== 'POST') {
    response.writeHead(404).end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body: Body = JSON.parse(Buffer.concat(chunks).toString());
    const text = reply(body);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  });
});
server.listen(Number(port), host, () => {
  console.log('ready');
});
