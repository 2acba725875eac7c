// What only the REST door has: HTTP's own refusals, JSON's own faults, server-sent events, pages, origins, the token.

import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunId } from '../../src/core/ids.ts';
import { problemOrReply, type Seen } from '../support/doors.ts';
import { type FakeEnvironment, createFakeServices } from '../support/fake-service.ts';
import { type TestServer, startTestServer } from '../support/test-server.ts';

let server: TestServer;
let environment: FakeEnvironment;

beforeAll(async () => {
  const services = createFakeServices();
  ({ environment } = services);
  server = await startTestServer(services, { origins: ['https://lab.example'] });
  await post('/v1/runs', { dataset: 'tiny', run_id: 'r' });
});

afterAll(() => server.close());

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(server.restUrl + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const get = (path: string, headers: Record<string, string> = {}) => fetch(server.restUrl + path, { headers });
const scoring = (completion: string) => `{"groups":[{"ground_truth":"1","completions":[${completion}]}]}`;

describe('the REST door refuses as a problem', () => {
  const cases: readonly (readonly [
    string,
    () => Promise<Response>,
    number,
    Partial<Exclude<Seen, { reply: unknown }>>,
  ])[] = [
    ['an unknown path', () => get('/v1/nothing'), 404, { code: 'not_found' }],
    ['a wrong method', () => get('/v1/score'), 405, { code: 'unimplemented' }],
    [
      'a content type that browsers send unasked',
      () => post('/v1/score', '{}', { 'content-type': 'text/plain' }),
      415,
      { code: 'invalid_argument' },
    ],
    [
      'a compressed body',
      () => post('/v1/score', '{}', { 'content-encoding': 'gzip' }),
      415,
      { code: 'invalid_argument' },
    ],
    [
      'malformed JSON',
      () => post('/v1/score', '{"groups":['),
      400,
      { code: 'invalid_argument', message: 'Cannot read the body: it is not valid JSON' },
    ],
    [
      'malformed JSON in words that do not repeat it',
      () => post('/v1/score', '{"groups": secret}'),
      400,
      { message: 'Cannot read the body: it is not valid JSON' },
    ],
    [
      'a body that is a list',
      () => post('/v1/score', '[]'),
      400,
      { message: 'Cannot read the body: it must be a JSON object' },
    ],
    [
      'nothing but brackets',
      () => post('/v1/score', '['.repeat(1_000_000)),
      400,
      { code: 'invalid_argument' },
    ],
    [
      'nesting in an option',
      () =>
        post(
          '/v1/score',
          `{"reward":{"scorers":[{"name":"m","o":${'['.repeat(50_000)}${']'.repeat(50_000)}}]},"groups":[]}`,
        ),
      400,
      { code: 'invalid_argument' },
    ],
    [
      'an unknown field',
      () => post('/v1/score', scoring('{"text":"a","finish":"stop"}')),
      400,
      {
        field: 'groups[0].completions[0].finish',
        message: expect.stringMatching(
          /^Unknown field of a completion: known are member_index, text/,
        ) as string,
      },
    ],
    [
      '__proto__ as a field',
      () => post('/v1/score', scoring('{"text":"a","__proto__":{"finish_reason":"length"}}')),
      400,
      { field: 'groups[0].completions[0].__proto__' },
    ],
    [
      '__proto__ as a metric',
      () => post('/v1/runs/r/training-steps', '{"training_step":{"number":1,"metrics":{"__proto__":1}}}'),
      400,
      { field: 'training_step.metrics' },
    ],
    [
      'a number for a text',
      () => post('/v1/score', scoring('{"text":7}')),
      400,
      {
        field: 'groups[0].completions[0].text',
        message: 'Must be a string of at most 1000000 characters, not 7',
      },
    ],
    [
      'a ground truth of another type without repeating it',
      () => post('/v1/score', '{"groups":[{"ground_truth":["secret"],"completions":[{"text":"a"}]}]}'),
      400,
      {
        field: 'groups[0].ground_truth',
        message: 'Must be a string of 1 to 100000 characters, not a list of 1',
      },
    ],
    [
      'null for a text',
      () => post('/v1/score', scoring('{"text":null}')),
      400,
      { message: 'Must be a string of at most 1000000 characters, not null' },
    ],
    [
      'a fraction for an integer',
      () => post('/v1/runs', { dataset: 'tiny', group_size: 1.5 }),
      400,
      { field: 'group_size', message: 'Must be an integer from 1 to 1024, not 1.5' },
    ],
    [
      'a number beyond doubles',
      () => post('/v1/advantages', '{"groups":[{"rewards":[1e999]}]}'),
      400,
      { field: 'groups[0].rewards[0]' },
    ],
    [
      'a reward that is neither name nor recipe',
      () => post('/v1/runs', { dataset: 'tiny', reward: 7 }),
      400,
      { field: 'reward', message: 'Must be the name of a scorer, or a recipe, not 7' },
    ],
    [
      'a run id that differs from the path',
      () => post('/v1/runs/r/leases', { run_id: 'other' }),
      400,
      { field: 'run_id', message: 'Must be that of the path, or absent' },
    ],
    ['a query that is no number', () => get('/v1/runs/r/training-steps?limit=many'), 400, { field: 'limit' }],
    ['an unknown query', () => get('/v1/runs/r?verbose=1'), 400, { field: 'verbose' }],
    [
      'a page of another origin',
      () => post('/v1/score', '{}', { origin: 'https://evil.example' }),
      403,
      { code: 'permission_denied' },
    ],
    [
      'what is thrown as resource_exhausted, and says when to come back',
      () => get('/v1/datasets/throws-resource_exhausted'),
      429,
      { retryAfterMs: 1500 },
    ],
  ];

  it.each(cases)('%s', async (_, send, status, refusal) => {
    const response = await send();
    expect(response.status).toBe(status);
    expect(await problemOrReply(response)).toMatchObject(refusal);
  });

  it('with Allow where the method is wrong, and Retry-After where it may come back', async () => {
    expect((await fetch(`${server.restUrl}/v1/runs`, { method: 'DELETE' })).headers.get('allow')).toBe(
      'POST, GET, HEAD',
    );
    expect((await get('/v1/datasets/throws-resource_exhausted')).headers.get('retry-after')).toBe('2');
  });

  it('a body that says it is too large, before reading it', async () => {
    const sent = request(`${server.restUrl}/v1/score`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': 64 * 1024 * 1024 + 1 },
    });
    sent.on('error', () => undefined);
    sent.flushHeaders();
    const [response] = (await once(sent, 'response')) as [{ statusCode: number }];
    expect(response.statusCode).toBe(413);
    sent.destroy();
  });

  it('bytes that are no HTTP', async () => {
    const { port } = new URL(server.restUrl);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('\u0000\u0001garbage\r\n\r\n');
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(String(Buffer.concat(chunks))).toMatch(
      /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"code":"invalid_argument"/,
    );
  });
});

describe('the pages beside the calls', () => {
  it('/healthz, /readyz, /metrics and / answer', async () => {
    expect(await (await get('/healthz')).json()).toEqual({ status: 'alive' });
    expect(await (await get('/readyz')).json()).toEqual({ status: 'ready' });
    expect(await (await get('/metrics')).text()).toBe('up 1\n');
    expect(await (await get('/')).json()).toMatchObject({ name: 'groupwise', links: { reference: '/docs' } });
  });

  it('/docs forbids the page to ask anybody else', async () => {
    const { headers } = await get('/docs');
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*connect-src 'self'/);
  });

  it('CORS is off but for the origins that were named', async () => {
    expect((await get('/v1/runs')).headers.get('access-control-allow-origin')).toBeNull();
    const allowed = await get('/v1/runs', { origin: 'https://lab.example' });
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://lab.example');
    const preflight = await fetch(`${server.restUrl}/v1/score`, {
      method: 'OPTIONS',
      headers: { origin: 'https://lab.example', 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'GET, POST',
    ]);
  });
});

const closed = (sequence: number) => ({ sequence, at: 0, kind: 'run-closed' as const });

/** The stream's text up to and with `until`. */
async function read(response: Response, until: string): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(until)) break;
  }
  return text;
}

describe('GET /v1/runs/{run_id}/events', () => {
  afterEach(() => {
    environment.events = [];
  });

  it('sends each event with its sequence as id and its kind as event', async () => {
    environment.events = [closed(1), { sequence: 2, at: 0, kind: 'events-lost', count: 3 }];
    const response = await get('/v1/runs/r/events');
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(await read(response, '"events_lost":3}\n\n')).toBe(
      ': connected\n\n' +
        'id: 1\nevent: run-closed\ndata: {"sequence":1,"at":"1970-01-01T00:00:00.000Z","kind":"run-closed"}\n\n' +
        'id: 2\nevent: events-lost\ndata: {"sequence":2,"at":"1970-01-01T00:00:00.000Z","kind":"events-lost","events_lost":3}\n\n',
    );
  });

  it('goes on after Last-Event-ID, which wins over after_sequence', async () => {
    environment.events = [closed(1), closed(2), closed(3)];
    const text = await read(
      await get('/v1/runs/r/events?after_sequence=1', { 'last-event-id': '2' }),
      'id: 3',
    );
    expect(text).not.toContain('id: 2');
    expect(await read(await get('/v1/runs/r/events?after_sequence=1'), 'id: 2')).not.toContain('id: 1\n');
  });

  it('ends behind the last event of a closed run, and answers 204 to a reader who has them all', async () => {
    await environment.openRun({ ...settings, runId: 'over' as RunId });
    await environment.closeRun('over' as RunId);
    environment.events = [closed(1), closed(2)];
    const text = await (await get('/v1/runs/over/events?after_sequence=0')).text();
    expect(text.match(/^id: .*$/gm)).toEqual(['id: 1', 'id: 2']);
    const rest = await get('/v1/runs/over/events', { 'last-event-id': '2' });
    expect([rest.status, await rest.text()]).toEqual([204, '']);
  });

  it('is refused with a status for an unknown run and a wrong position', async () => {
    expect(await problemOrReply(await get('/v1/runs/none/events'))).toMatchObject({ code: 'not_found' });
    expect(await problemOrReply(await get('/v1/runs/r/events', { 'last-event-id': 'x' }))).toMatchObject({
      code: 'invalid_argument',
      field: 'after_sequence',
    });
  });
});

describe('the REST door with a token', () => {
  it('lets nobody in without it, and tells health to everybody', async () => {
    const services = createFakeServices();
    const guarded = await startTestServer(services, { token: 'open-sesame-1' });
    try {
      const ask = (path: string, authorization?: string) =>
        fetch(guarded.restUrl + path, authorization === undefined ? {} : { headers: { authorization } });
      for (const authorization of [
        undefined,
        'Bearer wrong',
        'Basic open-sesame-1',
        'Bearer',
        'open-sesame-1',
      ]) {
        const refused = await ask('/v1/runs', authorization);
        expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer/);
        expect(await problemOrReply(refused)).toMatchObject({ code: 'unauthenticated' });
      }
      expect((await ask('/v1/runs', 'Bearer open-sesame-1')).status).toBe(200);
      expect((await ask('/metrics')).status).toBe(401);
      expect((await ask('/v1/runs/r/events')).status).toBe(401);
      for (const path of ['/healthz', '/readyz', '/docs', '/openapi.json', '/'])
        expect((await ask(path)).status).toBe(200);
    } finally {
      guarded.close();
    }
  });
});

describe('RestServer.drain()', () => {
  it('says at /readyz that it stops, finishes what is in flight, and refuses the rest', async () => {
    const services = createFakeServices();
    const draining = await startTestServer(services);
    await services.environment.openRun({ ...settings, runId: 'r' as RunId });
    const ask = (path: string, init?: RequestInit) => fetch(draining.restUrl + path, init);
    const json = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const groups = [{ lease_id: 'l-waits', completions: [{ text: 'a' }] }];
    const waiting = ask('/v1/runs/r/completions', { ...json, body: JSON.stringify({ groups }) });
    const watching = await ask('/v1/runs/r/events');
    while (services.environment.submitsWaiting === 0) await new Promise(setImmediate);
    const drained = draining.rest.drain(30_000);
    expect(await watching.text()).toMatch(/event: problem\ndata: .*"code":"unavailable"/);
    expect((await ask('/readyz')).status).toBe(503);
    expect((await ask('/healthz')).status).toBe(200);
    expect(await problemOrReply(await ask('/v1/score', { ...json, body: '{}' }))).toMatchObject({
      code: 'unavailable',
    });
    services.environment.finishSubmits();
    expect((await waiting).status).toBe(200);
    await drained;
    await expect(ask('/readyz')).rejects.toThrow('fetch failed');
    draining.close();
  });

  it('answers unavailable what is not done in time', async () => {
    const services = createFakeServices();
    const draining = await startTestServer(services);
    await services.environment.openRun({ ...settings, runId: 'r' as RunId });
    const waiting = fetch(`${draining.restUrl}/v1/runs/r/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ groups: [{ lease_id: 'l-waits', completions: [{ text: 'a' }] }] }),
    });
    while (services.environment.submitsWaiting === 0) await new Promise(setImmediate);
    await draining.rest.drain(0);
    expect(await problemOrReply(await waiting)).toMatchObject({ code: 'unavailable' });
    draining.close();
  });
});

describe('directCalls() answers as the router does', () => {
  const json = 'application/json';
  const good = scoring('{"text":"1"}');
  const cases: readonly (readonly [string, Record<string, string>, string])[] = [
    ['a good request', { 'content-type': json }, good],
    ['an empty body', { 'content-type': json }, ''],
    ['a request that breaks a rule', { 'content-type': json }, scoring('')],
    ['malformed JSON', { 'content-type': json }, '{'],
    ['another content type', { 'content-type': 'text/plain' }, good],
    ['a compressed body', { 'content-type': json, 'content-encoding': 'gzip' }, good],
    ['a body that is called too large', { 'content-type': json, 'content-length': '99999999999' }, ''],
    ['a page of another origin', { 'content-type': json, origin: 'https://evil.example' }, good],
    ['a page of an allowed origin', { 'content-type': json, origin: 'https://lab.example' }, good],
    ['another host', { 'content-type': json, host: 'evil.example' }, good],
    ['a host that is none', { 'content-type': json, host: 'a b' }, good],
  ];

  it.each(cases)('directCalls() answers as the router does: %s', async (_, headers, body) => {
    // A query, which says nothing here, takes the way of the router.
    const [direct, routed] = [
      await exchange('/v1/score', headers, body),
      await exchange('/v1/score?a=b', headers, body),
    ];
    expect(direct.status).toBeGreaterThan(0);
    expect(direct).toEqual(routed);
  });
});

/** Status, headers and body; without what differs from one request to the next. */
async function exchange(path: string, headers: Record<string, string>, body: string) {
  const sent = request(server.restUrl + path, { method: 'POST', headers });
  // A length that was announced and does not come.
  if (headers['content-length'] === undefined) sent.end(body);
  else sent.flushHeaders();
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of reply.setEncoding('utf8')) text += String(chunk);
  sent.destroy();
  const { date: _, ...same } = reply.headers;
  return { status: reply.statusCode ?? 0, headers: same, body: text.replace(/"request_id":"[^"]*"/, '') };
}

const settings = {
  runId: undefined,
  dataset: 'tiny',
  split: 'train',
  groupSize: 2,
  seed: 0,
  epochs: 1,
  reward: undefined,
  estimator: { name: 'grpo:verl' },
  sampling: { kind: 'shuffled' as const, refill: false, pools: [], unseenWeight: 1 },
  leaseTtlMs: 600_000,
  maxAttempts: 3,
  maxDrift: undefined,
  promptTemplate: 'plain',
};
