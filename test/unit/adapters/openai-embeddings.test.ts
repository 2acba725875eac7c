// The adapter against a real server on loopback: what it sends, and what each kind of reply becomes.

import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { OpenAiEmbeddings } from '../../../src/adapters/openai-embeddings.ts';
import { SystemClock } from '../../../src/adapters/system-clock.ts';

const NEVER = new AbortController().signal;
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

interface Sent {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

async function start(status: number, reply: string, headers: Readonly<Record<string, string>> = {}) {
  const sent: Sent[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(parts).toString());
      sent.push({ path: request.url, headers: request.headers, body });
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(reply);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Listening on a port, so the address is one.
  const { port } = server.address() as AddressInfo;
  const options = { baseUrl: `http://127.0.0.1:${port}/v1`, model: 'small', apiKey: 'k-1' };
  return { sent, embeddings: new OpenAiEmbeddings({ ...options, clock: new SystemClock() }) };
}

describe('OpenAiEmbeddings.request()', () => {
  it('request() sends model and texts with the key, and puts the vectors in the order of the texts', async () => {
    const reply = {
      data: [
        { index: 1, embedding: [0, 2] },
        { index: 0, embedding: [3, 4] },
      ],
      usage: { prompt_tokens: 7, total_tokens: 7 },
    };
    const { sent, embeddings } = await start(200, JSON.stringify(reply));
    const { vectors, promptTokens } = await embeddings.request(['a', 'b'], NEVER);
    expect(vectors).toEqual([Float32Array.of(3, 4), Float32Array.of(0, 2)]);
    expect(promptTokens).toBe(7);
    expect(sent).toMatchObject([
      {
        path: '/v1/embeddings',
        headers: { authorization: 'Bearer k-1' },
        body: { model: 'small', input: ['a', 'b'] },
      },
    ]);
  });

  it.each([
    [200, 'not JSON', 'malformed_reply'],
    [200, '{"data": []}', 'malformed_reply'],
    [200, '{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}]}', 'malformed_reply'],
    [200, '{"data": [{"index": 5, "embedding": [1]}]}', 'malformed_reply'],
    [200, '{"data": [{"index": 0, "embedding": ["1"]}]}', 'malformed_reply'],
    [400, '{}', 'bad_request'],
    [401, '{}', 'unauthorized'],
    [429, '{}', 'rate_limited'],
    [503, '{}', 'overloaded'],
  ])('request() makes of status %i with %s the fault %s', async (status, reply, fault) => {
    const { embeddings } = await start(status, reply);
    await expect(embeddings.request(['a'], NEVER)).rejects.toMatchObject({ fault });
  });

  it('request() says how long the server asked to be left alone', async () => {
    const { embeddings } = await start(429, '{}', { 'retry-after': '3' });
    await expect(embeddings.request(['a'], NEVER)).rejects.toMatchObject({ retryAfterMs: 3_000 });
  });

  it('request() calls a server that is not there a failed connection, and leaves with its caller', async () => {
    const nobody = new OpenAiEmbeddings({
      baseUrl: 'http://127.0.0.1:1/v1',
      model: 'm',
      clock: new SystemClock(),
    });
    await expect(nobody.request(['a'], NEVER)).rejects.toMatchObject({ fault: 'connection' });
    const gone = AbortSignal.abort(new Error('gone'));
    await expect(nobody.request(['a'], gone)).rejects.toThrow('gone');
  });
});
