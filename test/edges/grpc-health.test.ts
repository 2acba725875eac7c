// The standard health service (grpc.health.v1), as a load balancer sees it: with a stub of its own and no token.

import { Client, credentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EnvClient } from '../../src/client/env-client.ts';
import type { RolloutInput } from '../../src/contract/encode-calls.ts';
import type { RunId } from '../../src/core/ids.ts';
import { createFakeServices } from '../support/fake-service.ts';
import { Outbox } from '../support/outbox.ts';
import { type TestServer, startTestServer } from '../support/test-server.ts';

interface Method {
  readonly path: string;
  readonly requestSerialize: (message: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => { readonly status: string };
}

const SERVICES = ['', 'groupwise.v1.Environment', 'groupwise.v1.Rewards'];
const RUN = 'r' as RunId;

let server: TestServer;
let probe: Client;

beforeEach(async () => {
  server = await startTestServer(createFakeServices(), { token: 'open-sesame-1' });
  probe = new Client(server.grpcAddress, credentials.createInsecure());
});

afterEach(() => {
  probe.close();
  server.close();
});

function method(name: 'Check' | 'Watch'): Method {
  const includeDirs = [dirname(dirname(dirname(protoPath)))];
  const loaded = loadSync('health/v1/health.proto', { includeDirs, enums: String });
  // The loader's types do not tell services from messages.
  return (loaded['grpc.health.v1.Health'] as unknown as Record<string, Method>)[name] as Method;
}

function check(service: string): Promise<string> {
  const { path, requestSerialize, responseDeserialize } = method('Check');
  return new Promise((resolve, reject) => {
    probe.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, (error, reply) =>
      error === null ? resolve(reply?.status ?? '') : reject(error),
    );
  });
}

/** What a watcher is told of a service, one status after the other. */
function watch(service: string): () => Promise<string> {
  const { path, requestSerialize, responseDeserialize } = method('Watch');
  const call = probe.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service });
  call.on('error', () => {
    // The end of the server.
  });
  const statuses = call[Symbol.asyncIterator]() as AsyncIterator<{ readonly status: string }>;
  return async () => {
    const { value, done } = await statuses.next();
    return done === true ? 'the end' : value.status;
  };
}

describe('the health of GrpcServer', () => {
  it.each(SERVICES)('the health of GrpcServer is told of "%s" to everybody', async (service) => {
    expect(await check(service)).toBe('SERVING');
  });

  it('the health of GrpcServer is NOT_SERVING as soon as it drains, with calls still in flight', async () => {
    const client = new EnvClient({ address: server.grpcAddress, token: 'open-sesame-1' });
    await client.openRun({ dataset: 'tiny', runId: RUN });
    const requests = new Outbox<RolloutInput>();
    requests.send({ kind: 'open', runId: RUN, window: 1 });
    const frames = client.rollout(requests)[Symbol.asyncIterator]();
    expect((await frames.next()).value).toMatchObject({ kind: 'group' });
    const watchers = SERVICES.map(watch);
    for (const next of watchers) expect(await next()).toBe('SERVING');

    const order: string[] = [];
    const drain = async (): Promise<void> => {
      await server.grpc.drain(30_000);
      order.push('drained');
    };
    const drained = drain();
    for (const next of watchers) expect(await next()).toBe('NOT_SERVING');
    order.push('told');
    requests.end();
    expect((await frames.next()).done).toBe(true);
    await drained;
    expect(order).toEqual(['told', 'drained']);
    client.close();
  });
});
