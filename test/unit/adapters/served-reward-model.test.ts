// The adapter against a real HTTP server on loopback that answers as each case says.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpServedRewardModel } from '../../../src/adapters/served-reward-model.ts';
import type { ServedText } from '../../../src/ports/served-reward-model.ts';

const TEXT: ServedText = { first: 'question', second: 'answer', question: 'question', groundTruth: 'truth' };
const NOW = Date.UTC(2026, 0, 1);

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function modelThat(answer: Answer, apiKey?: string): Promise<HttpServedRewardModel> {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => answer(request, response, body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('A TCP server has a port');
  return new HttpServedRewardModel({
    kind: 'get_reward',
    url: `http://127.0.0.1:${address.port}/get_reward`,
    apiKey,
    model: undefined,
    label: undefined,
    frame: { before: '', between: ' ', after: '' },
    batchMax: 8,
    now: () => NOW,
  });
}

function ask(
  model: HttpServedRewardModel,
  signal = new AbortController().signal,
): Promise<readonly number[]> {
  return model.rawNumbers([TEXT, TEXT], signal);
}

describe('HttpServedRewardModel', () => {
  it('HttpServedRewardModel posts one JSON body with the key, and reads one number for each text', async () => {
    const seen: unknown[] = [];
    const model = await modelThat(({ method, url, headers }, response, body) => {
      seen.push(method, url, headers.authorization, headers['content-type'], JSON.parse(body));
      response.end('{"rewards": [0.5, -2]}');
    }, 'secret');
    expect(await ask(model)).toEqual([0.5, -2]);
    const body = {
      query: ['question answer', 'question answer'],
      prompts: ['question', 'question'],
      labels: ['truth', 'truth'],
    };
    expect(seen).toEqual(['POST', '/get_reward', 'Bearer secret', 'application/json', body]);
  });

  it.each<[string, Answer, object]>([
    [
      '429 with seconds',
      (_, response) => response.writeHead(429, { 'retry-after': '3' }).end(),
      { fault: 'rate_limited', retryAfterMs: 3_000 },
    ],
    [
      '503 with a date',
      (_, response) => response.writeHead(503, { 'retry-after': new Date(NOW + 5_000).toUTCString() }).end(),
      { fault: 'overloaded', retryAfterMs: 5_000 },
    ],
    ['500', (_, response) => response.writeHead(500).end('boom'), { fault: 'overloaded' }],
    ['413', (_, response) => response.writeHead(413).end('too long: answer'), { fault: 'refused' }],
    [
      'a redirect',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      { fault: 'connection' },
    ],
    ['a cut connection', (request) => request.socket.destroy(), { fault: 'connection' }],
    [
      'a body that breaks off',
      (request, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"rew');
        setImmediate(() => request.socket.destroy());
      },
      { fault: 'connection' },
    ],
    ['HTML', (_, response) => response.end('<html>'), { fault: 'malformed_reply' }],
    ['one number too few', (_, response) => response.end('{"rewards": [1]}'), { fault: 'malformed_reply' }],
    [
      'a reply that never ends',
      (_, response) => response.end('x'.repeat(17 * 1024 * 1024)),
      { fault: 'malformed_reply' },
    ],
  ])('HttpServedRewardModel names the fault of %s, and shows no text in it', async (_, answer, expected) => {
    const error: unknown = await ask(await modelThat(answer, 'secret')).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ServedRewardModelError', ...expected });
    expect(String(error)).not.toMatch(/secret|answer(?!ed)|truth/);
  });

  it('HttpServedRewardModel gives a hanging request up with the reason of its signal', async () => {
    const controller = new AbortController();
    const reason = new Error('nobody waits');
    const model = await modelThat(() => controller.abort(reason));
    await expect(ask(model, controller.signal)).rejects.toBe(reason);
  });

  it('HttpServedRewardModel calls a server that is not there a connection fault', async () => {
    const model = await modelThat(() => {});
    server?.close();
    await expect(ask(model)).rejects.toMatchObject({ fault: 'connection' });
  });
});
