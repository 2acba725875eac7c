// A ground truth never crosses an edge to a rollout client. A dataset of all answer types holds answers that cannot be
// guessed; every call, stream, event, refusal and log line of the real server is searched for them and for their parts.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EnvClient } from '../../src/client/env-client.ts';
import { CALL_NAMES } from '../../src/contract/calls.ts';
import type { RolloutInput } from '../../src/contract/encode-calls.ts';
import type { ProtoMessage } from '../../src/contract/proto-values.ts';
import type { RunEvent } from '../../src/core/calls.ts';
import type { RunId } from '../../src/core/ids.ts';
import { VERIFIERS } from '../../src/core/verifiers/table.ts';
import { type Doors, openDoors } from '../support/doors.ts';
import { REAL_DATASET, type RealServer, startRealServer } from '../support/real-server.ts';

let server: RealServer;
let doors: Doors;
let client: EnvClient;
let needles: readonly string[];
const nothing = (): void => undefined;

beforeAll(async () => {
  server = await startRealServer(3);
  doors = openDoors({ grpcAddress: server.running.grpc, restUrl: server.restUrl });
  client = new EnvClient({ address: server.running.grpc });
  // Parts too: a reason that quotes one entry of a list, or a quantity without its unit, tells as much.
  needles = server.secrets
    .flatMap((secret) => [secret, ...secret.split(/[^0-9a-z-]+/)])
    .filter(({ length }) => length >= 9);
});

afterAll(async () => {
  client.close();
  doors.close();
  await server.stop();
  // What is logged while the server stops counts as well.
  expectNoSecret(server.logLines);
});

function expectNoSecret(seen: unknown): void {
  expect(secretsIn(seen)).toEqual([]);
}

function secretsIn(seen: unknown): readonly string[] {
  const text = JSON.stringify(seen) ?? '';
  // A number may come back with separators.
  const joined = text.replaceAll(/(?<=\d)[ ,_](?=\d)/g, '');
  return needles.filter((needle) => text.includes(needle) || joined.includes(needle));
}

/** Answers that are wrong in the ways that verifiers have words for. */
const completion = fc.oneof(
  fc.constantFrom(
    '',
    'I do not know',
    '\\boxed{}',
    '\\boxed{7 or 8}',
    'Answer: yes and no',
    '#### 12,345 km',
    '<answer>B, C</answer>',
    'The answer is 1850-03-04',
    '\\boxed{\\frac{1}{0}}',
    `\\boxed{${'{'.repeat(300)}}`,
    '\\boxed{9^{9^{9^9}}}',
  ),
  fc.integer().map((value) => `\\boxed{${value}}`),
  fc.double().map((value) => `Answer: ${value} kg`),
  fc.string({ maxLength: 60 }).map((text) => `<answer>${text}</answer>`),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

describe('no ground truth crosses an edge', () => {
  it('the needles would be found', () => {
    expect(needles.length).toBeGreaterThan(10);
    const [needle = ''] = needles;
    expect(secretsIn({ reason: `is not ${needle}!` })).toContain(needle);
    const number = needles.find((part) => /^\d+$/.test(part)) ?? '';
    expect(secretsIn([number.replaceAll(/\B(?=(\d{3})+$)/g, ',')])).toContain(number);
  });

  it('in replies to scores of its rows, by any verifier, right kind or not', async () => {
    const verifier = fc.constantFrom(undefined, ...VERIFIERS.map(({ name }) => name));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...server.pairs),
        verifier,
        fc.array(completion, { minLength: 1, maxLength: 4 }),
        async ({ pairId }, name, texts) => {
          const completions = texts.map((text) => ({ text }));
          const wire: ProtoMessage = {
            ...(name !== undefined && { reward: recipeOf(name) }),
            groups: [{ dataset: REAL_DATASET, pair_id: pairId, completions }],
          };
          const [grpc, rest] = await Promise.all([
            doors.viaGrpc('Score', wire),
            doors.viaRest('Score', wire),
          ]);
          expect(grpc).toEqual(rest);
          expectNoSecret(grpc);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('in a whole run: prompts, results, events, books, refusals', async () => {
    const run = await client.openRun({ dataset: REAL_DATASET, groupSize: 2, runId: 'told' as RunId });
    const events: RunEvent[] = [];
    const watched = new AbortController();
    const watching = (async () => {
      for await (const event of client.watchRun(
        { runId: run.runId, afterSequence: 0 },
        { signal: watched.signal },
      )) {
        events.push(event);
      }
    })().catch(() => undefined);
    const texts = fc.sample(completion, server.pairs.length * 2);
    const seen: unknown[] = [run];
    const frames: RolloutInput[] = [{ kind: 'open', runId: run.runId, window: 4 }];
    let wake = nothing;
    async function* requests(): AsyncGenerator<RolloutInput> {
      for (;;) {
        for (let next = frames.shift(); next !== undefined; next = frames.shift()) yield next;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    for await (const response of client.rollout(requests())) {
      seen.push(response);
      if (response.kind === 'group') {
        const members = [0, 1].map(() => ({ text: texts.pop() ?? '' }));
        frames.push({ kind: 'submit', groups: [{ leaseId: response.group.leaseId, completions: members }] });
        wake();
      }
    }
    expect(seen.filter((response) => (response as { kind?: string }).kind === 'result')).toHaveLength(
      server.pairs.length,
    );
    seen.push(
      await client.getAccounting(run.runId),
      await client.getRun(run.runId),
      await client.listDatasets(),
    );
    while (events.length < server.pairs.length * 2) await new Promise(setImmediate);
    watched.abort();
    await watching;
    expectNoSecret({ seen, events });
  });

  it('in what any call says to requests that name its rows where they do not belong', async () => {
    const [pair] = server.pairs;
    const id = pair?.pairId ?? '';
    const wires: ProtoMessage[] = [
      {},
      {
        run_id: id,
        name: id,
        dataset: REAL_DATASET,
        group_id: id,
        lease_ids: [id],
        groups: [{ lease_id: id, completions: [{ text: 'a' }] }],
      },
      {
        run_id: 'told',
        group_id: id,
        lease_ids: [id],
        groups: [{ dataset: REAL_DATASET, pair_id: 'none', completions: [{ text: 'a' }] }],
      },
      { run_id: 'told', dataset: REAL_DATASET, split: id, reward: id, estimator: id, groups: 'x' },
    ];
    const seen: unknown[] = [];
    for (const name of CALL_NAMES) {
      for (const wire of wires) {
        // As JSON only: the proto cannot say most of it.
        seen.push(await doors.viaRest(name, { name: 'x', group_id: 'x', run_id: 'told', ...wire }));
      }
    }
    for (const path of ['/', '/metrics', '/openapi.json', '/readyz']) {
      seen.push(await (await fetch(server.restUrl + path)).text());
    }
    expect(secretsIn([...seen, ...server.logLines])).toEqual([]);
  });
});

/** `regex` and `format` need an option to be what they are. */
function recipeOf(name: string): unknown {
  return name === 'format' ? { scorers: [{ name, pattern: 'boxed' }] } : name;
}
