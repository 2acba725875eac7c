// A judge that fails, under every dialect: what a trainer is told is true, or it is that there is nothing to tell. A server on
// loopback plays the judge, and fails in all the ways in which such servers fail.

import { afterEach, describe, expect, it } from 'vitest';
import { type CompatWorld, honestReply, startCompatWorld } from '../../support/compat-world.ts';
import { DIALECT_CASES, type DialectCase, type Seen } from '../../support/compat-dialects.ts';
import { FixedDataset } from '../../support/fixed-dataset.ts';
import { seeded } from '../../support/mutator.ts';
import type { Behaviour, ChatBody } from '../../support/openai-server.ts';
import { numberedPairs } from '../../support/pairs.ts';

const ROWS = 16;
/** Times that a client asks, the first one among them: one that is not held needs them. */
const ASKED_MAX = 12;

const FAULTS: Readonly<Record<string, Behaviour>> = {
  'answers 500': { kind: 'status', status: 500 },
  'answers 429': { kind: 'status', status: 429 },
  'cuts the connection': { kind: 'cut', after: 'request' },
  'cuts its reply': { kind: 'cut', after: 'headers' },
  'says nothing that can be read': { kind: 'reply', text: 'Hm, who knows?' },
  'answers what is no JSON': { kind: 'raw', body: '<html>', isBilled: false },
};

let world: CompatWorld;

afterEach(() => world.close());

async function start(behave: (body: ChatBody, index: number) => Behaviour): Promise<void> {
  const datasets = new FixedDataset('numbers', numberedPairs(ROWS));
  world = await startCompatWorld({ datasets, behave });
}

/** Right, wrong, and wrong in another way. */
const textsOf = (row: number) => [`Answer: ${row}`, `Answer: ${row + 1000}`, `Answer: ${row + 2000}`];
const TRUTH = [1, 0, 0];

/** As a client does that asks again while it is refused or told that there is no reward. */
async function askUntilScored(
  dialect: DialectCase,
  row: number,
): Promise<{ readonly last: readonly Seen[]; readonly faults: readonly Seen[] }> {
  const faults: Seen[] = [];
  for (let asked = 1; ; asked += 1) {
    const last = await dialect.ask(world, row, textsOf(row));
    const faulty = last.filter(({ kind }) => kind !== 'reward');
    faults.push(...faulty);
    if (faulty.length === 0 || asked === ASKED_MAX) return { last, faults };
  }
}

/** What a fault is told as in the dialect's own terms: no number that could be taken for a reward. */
const faultOf = ({ fault }: DialectCase): object =>
  fault === 'masked'
    ? { kind: 'masked', failureClass: 'judge_failed', isMasked: true }
    : { kind: 'refused', code: fault };

/** Names in a refusal that a client could take for rewards. */
const rewardsIn = (seen: Seen): readonly string[] =>
  'body' in seen ? Object.keys(seen.body).filter((name) => /reward|score/u.test(name)) : [];

describe.each(DIALECT_CASES)('under $name', (dialect) => {
  it(`under ${dialect.name}, a judge that fails half of the time changes no reward and makes no zero`, async () => {
    const random = seeded(7);
    const ways = Object.values(FAULTS);
    await start((body) =>
      random() < 0.5 ? honestReply(body) : (ways[Math.floor(random() * ways.length)] ?? honestReply(body)),
    );
    const faults: Seen[] = [];
    for (let row = 0; row < ROWS; row += 1) {
      const asked = await askUntilScored(dialect, row);
      faults.push(...asked.faults);
      expect(asked.last).toEqual(TRUTH.map((reward) => ({ kind: 'reward', reward })));
    }
    expect(faults).toMatchObject(faults.map(() => faultOf(dialect)));
    // It did fail, and was asked again: by the dialect where that holds requests, else by its client.
    expect(world.judge.log.length).toBeGreaterThan(ROWS * TRUTH.length * 1.5);
    expect(dialect.holdMs === undefined ? faults.length : world.retries.length).toBeGreaterThan(ROWS);
  });

  it.each(Object.keys(FAULTS))(
    `under ${dialect.name}, a judge that always %s is told as a fault when the patience of the client is over`,
    async (way) => {
      const behaviour = FAULTS[way];
      if (behaviour === undefined) throw new TypeError('Not a fault');
      await start(() => behaviour);
      const before = world.waitedMs();
      const seen = await dialect.ask(world, 3, textsOf(3).slice(0, 1));
      expect(seen).toMatchObject([faultOf(dialect)]);
      expect(seen.flatMap(rewardsIn)).toEqual([]);
      const waited = world.waitedMs() - before;
      expect(waited).toBeLessThanOrEqual(dialect.holdMs ?? 0);
      // The last pause may be too long for what is left.
      expect(waited).toBeGreaterThanOrEqual((dialect.holdMs ?? 8_000) - 8_000);
    },
  );
});
