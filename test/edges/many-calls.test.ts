// Thousands of calls on one connection: HTTP/2 has limits of its own below gRPC, and what meets them must still be answered.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EnvClient } from '../../src/client/env-client.ts';
import type { RunId } from '../../src/core/ids.ts';
import { createFakeServices } from '../support/fake-service.ts';
import { type TestServer, startTestServer } from '../support/test-server.ts';

const RUN = 'r' as RunId;

let server: TestServer;
let client: EnvClient;

beforeEach(async () => {
  server = await startTestServer(createFakeServices());
  client = new EnvClient({ address: server.grpcAddress });
  await client.openRun({ dataset: 'tiny', runId: RUN });
});

afterEach(() => {
  client.close();
  server.close();
});

const calls = (count: number, signal?: AbortSignal): Promise<unknown>[] =>
  Array.from({ length: count }, () => client.getRun(RUN, { signal }));

/** How many ended in which way. */
async function tally(work: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const each of await Promise.allSettled(work)) {
    const how = each.status === 'fulfilled' ? 'ok' : (each.reason as Error).message;
    counts[how] = (counts[how] ?? 0) + 1;
  }
  return counts;
}

describe('EnvClient and GrpcServer', () => {
  it('EnvClient has 2,000 calls answered at once on one connection', async () => {
    expect(await tally(calls(2_000))).toEqual({ ok: 2_000 });
  });

  // Node refuses calls that come beside many just cancelled ones, and cuts the connection after a thousand of those.
  it('EnvClient has its calls answered beside those that it cancels', { timeout: 30_000 }, async () => {
    for (let round = 0; round < 3; round++) {
      const giveUp = new AbortController();
      const given = tally(calls(900, giveUp.signal));
      const kept = calls(900);
      await new Promise(setImmediate);
      giveUp.abort();
      expect(await tally([...kept, ...calls(900)])).toEqual({ ok: 1_800 });
      await given;
    }
  });
});
