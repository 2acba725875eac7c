// A door that has too much to do, before a dialect is asked at all: what clients are told who drop their work on a 429.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { getRequestListener } from '@hono/node-server';
import { afterEach, expect, it } from 'vitest';
import { ActiveCalls } from '../../../src/contract/active-calls.ts';
import { LIMITS } from '../../../src/contract/limits.ts';
import { TokenCheck } from '../../../src/contract/token.ts';
import { createRandom } from '../../../src/core/random.ts';
import { recipeOf } from '../../../src/core/recipe.ts';
import { compatOf } from '../../../src/edges/compat/dialects.ts';
import { createRestApp } from '../../../src/edges/rest/app.ts';
import { BodyBudget } from '../../../src/edges/rest/body.ts';
import { loadPromptFiles } from '../../../src/adapters/prompt-files.ts';
import { ServedRows } from '../../../src/services/datasets/served-rows.ts';
import { createFakeServices } from '../../support/fake-service.ts';
import { FixedDataset } from '../../support/fixed-dataset.ts';

let server: Server;

afterEach(() => server.close());

/** The status of a POST with some KiB of spaces as its body, its problem and when to come back. */
async function ask(fill: { readonly calls?: number; readonly bytes?: number }, path: string, body = '{}') {
  const services = createFakeServices();
  const active = new ActiveCalls();
  for (let call = 0; call < (fill.calls ?? 0); call += 1) active.begin('call');
  const bodies = new BodyBudget();
  bodies.take(fill.bytes ?? 0);
  const { calls } = compatOf({
    rewards: services.rewards,
    rows: new ServedRows({ datasets: new FixedDataset('empty', []), templates: loadPromptFiles() }),
    clock: { now: () => 0, after: () => () => {} },
    reward: recipeOf('math'),
    scorers: () => [],
    random: createRandom(1),
    onRetry: () => {},
  });
  const door = {
    services,
    active,
    bodies,
    token: new TokenCheck(undefined),
    observer: { callEnded: () => {}, bugMet: () => {} },
  };
  const app = createRestApp(door, { version: '0', isReady: () => true, guard: () => {}, mounted: calls });
  server = createServer((incoming, outgoing) => void getRequestListener(app.fetch)(incoming, outgoing));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const reply = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const { code } = (await reply.json()) as { code: string };
  return [reply.status, code, reply.headers.get('retry-after')];
}

const FULL = [
  ['of calls', { calls: LIMITS.callsInFlightMax }],
  ['of bodies', { bytes: LIMITS.bodyBytesInFlightMax }],
] as const;

it.each(FULL)(
  '/compat/atropos answers 503, which is sent again, where the door is full %s',
  async (_, fill) => {
    expect(await ask(fill, '/compat/atropos/scored_data')).toEqual([503, 'unavailable', '1']);
  },
);

it.each(FULL)('other dialects answer 429 where the door is full %s', async (_, fill) => {
  expect(await ask(fill, '/compat/openrlhf/get_reward')).toEqual([429, 'resource_exhausted', '1']);
});

it('/compat/atropos answers 413, which is not sent again, to a body that is too large', async () => {
  const body = ' '.repeat(LIMITS.messageBytesMax + 1);
  expect(await ask({}, '/compat/atropos/scored_data', body)).toEqual([413, 'resource_exhausted', null]);
});
