// A server without a token is for this machine only: a web page must not reach it by a name that it makes lead here.

import { request } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeServices } from '../support/fake-service.ts';
import { type TestServer, startTestServer } from '../support/test-server.ts';

let server: TestServer;

afterEach(() => server.close());

async function statusUnder(host: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  const { port } = new URL(server.restUrl);
  const sent = request({
    port,
    host: '127.0.0.1',
    path: '/v1/datasets',
    headers: { host: host.replace('PORT', port), ...headers },
  });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe('checkHost()', () => {
  it.each([
    ['localhost:PORT', 200],
    ['LOCALHOST', 200],
    ['lab.localhost:8080', 200],
    ['127.0.0.1:PORT', 200],
    ['127.8.9.1', 200],
    ['[::1]:PORT', 200],
    ['evil.example', 403],
    ['evil.example:PORT', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example:PORT', 403],
    ['notlocalhost', 403],
    ['localhost@evil.example', 400],
    ['evil.example/localhost', 400],
    ['10.0.0.1', 403],
  ])('checkHost() answers a request for %s with %i when there is no token', async (host, status) => {
    server = await startTestServer(createFakeServices());
    expect(await statusUnder(host)).toBe(status);
  });

  it('checkHost() refuses a page of the rebound name itself, whose origin is its own', async () => {
    server = await startTestServer(createFakeServices());
    expect(await statusUnder('evil.example:PORT', { origin: 'http://evil.example' })).toBe(403);
  });

  it('checkHost() leaves a server with a token to be called by any name', async () => {
    server = await startTestServer(createFakeServices(), { token: 'secret' });
    expect(await statusUnder('groupwise.example', { authorization: 'Bearer secret' })).toBe(200);
    expect(await statusUnder('groupwise.example')).toBe(401);
  });
});
