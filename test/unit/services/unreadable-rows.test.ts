// Rows that cannot be read or rendered: each costs its own group its attempts, and nobody else anything.

import { describe, expect, it } from 'vitest';
import type { RolloutRequest } from '../../../src/core/calls.ts';
import { EnvError } from '../../../src/core/errors.ts';
import type { RunId } from '../../../src/core/ids.ts';
import type { QaPair } from '../../../src/core/qa-pair.ts';
import type { DatasetSplit } from '../../../src/ports/dataset-store.ts';
import { Outbox } from '../../support/outbox.ts';
import { completionsFor, RunWorld, SECRET, type WorldOptions } from '../../support/run-world.ts';

type ReadRow = (ordinal: number, pair: QaPair) => QaPair;

/** Reads every row through `read`. */
const reading =
  (read: ReadRow) =>
  (split: DatasetSplit): DatasetSplit => ({
    count: split.count,
    pairsAt: async (ordinals) => {
      const pairs = await split.pairsAt(ordinals);
      return pairs.map((pair, index) => read(ordinals[index] ?? 0, pair));
    },
  });

/** Row 1 is the poisoned one. */
const throwing = (error: () => Error): ReadRow => {
  return (ordinal, pair) => {
    if (ordinal === 1) throw error();
    return pair;
  };
};

const POISONS: readonly [string, WorldOptions][] = [
  [
    'is not there',
    // What a port that breaks its promise would hand back.
    { wrapSplit: reading((ordinal, pair) => (ordinal === 1 ? (undefined as unknown as QaPair) : pair)) },
  ],
  ['cannot be parsed', { wrapSplit: reading(throwing(() => new SyntaxError(`Bad token at "${SECRET}"`))) }],
  ['is damaged', { wrapSplit: reading(throwing(() => new EnvError('data_loss', 'Cannot read the row'))) }],
  [
    'cannot be rendered',
    {
      onRender: (question) => {
        if (question.endsWith(' 1')) throw new TypeError(`Cannot render "${SECRET}"`);
      },
    },
  ],
];

const lease = (world: RunWorld, runId: RunId, groups: number) =>
  world.environment.leaseGroups({ runId, groups, batchId: undefined, policyVersion: undefined });

describe('Environment', () => {
  it.each(POISONS)(
    'Environment.leaseGroups() quarantines a row that %s, and leases the others',
    async (_, poison) => {
      const world = await RunWorld.start({ pairs: 4, ...poison });
      const runId = await world.openRun({ maxAttempts: 2 });

      const first = await lease(world, runId, 2);
      expect(first.groups.map(({ groupId }) => groupId)).toEqual(['g-0', 'g-2']);
      expect(first.groups.map(({ batchId }) => batchId)).toEqual([first.batchId, first.batchId]);
      const second = await lease(world, runId, 2);
      expect(second.groups.map(({ groupId }) => groupId)).toEqual(['g-3']);
      expect(await lease(world, runId, 1)).toMatchObject({ groups: [], emptyReason: 'all_leased' });

      const { leases, groups } = await world.environment.getAccounting(runId);
      expect(leases).toMatchObject({ leased: 5, open: 3, expired: 1, quarantined: 1, released: 0 });
      expect(groups).toMatchObject({ issued: 4, quarantined: 1, inProgress: 3 });
      const said = world.logged.filter(({ message }) => message === 'Cannot read a row');
      expect(said.map(({ fields }) => [fields?.['group_id'], fields?.['row'], fields?.['attempt']])).toEqual([
        ['g-1', 1, 1],
        ['g-1', 1, 2],
      ]);
      expect(JSON.stringify(world.logged)).not.toContain(SECRET);
    },
  );

  it('Environment.leaseGroups() says to ask again while only an unreadable row is left, then that nothing is', async () => {
    const { wrapSplit } = POISONS[1]?.[1] ?? {};
    const world = await RunWorld.start({ pairs: 2, ...(wrapSplit && { wrapSplit }) });
    const runId = await world.openRun({ maxAttempts: 3 });
    const { groups } = await lease(world, runId, 1);
    const submits = groups.map((group) => completionsFor(group, ['right', 'wrong']));
    await world.environment.submitCompletions({ runId, groups: submits, wait: true });
    for (const emptyReason of ['all_leased', 'all_leased', 'exhausted']) {
      expect(await lease(world, runId, 1)).toMatchObject({ groups: [], emptyReason });
    }
    expect((await world.environment.getRun(runId)).state).toBe('exhausted');
    expect(await world.environment.getGroup({ runId, groupId: 'g-1' as never })).toMatchObject({
      state: 'quarantined',
    });
  });

  it('Environment.leaseGroups() ends though not one row of thousands can be read', async () => {
    let reads = 0;
    const broken = reading(() => {
      reads += 1;
      throw new SyntaxError('Bad token');
    });
    const world = await RunWorld.start({ pairs: 1_000, wrapSplit: broken });
    const runId = await world.openRun();
    expect(await lease(world, runId, 1)).toMatchObject({ groups: [], emptyReason: 'all_leased' });
    expect(reads).toBeLessThan(100);
  });

  it('Environment.leaseGroups() blames no row when the store refuses to read', async () => {
    let isRefusing = true;
    const refusing = reading((_, pair) => {
      if (isRefusing) throw new EnvError('unavailable', 'Cannot read the disk');
      return pair;
    });
    const world = await RunWorld.start({ pairs: 2, wrapSplit: refusing });
    const runId = await world.openRun({ maxAttempts: 1 });
    await expect(lease(world, runId, 2)).rejects.toMatchObject({ code: 'unavailable' });
    isRefusing = false;
    const { groups } = await lease(world, runId, 2);
    expect(groups.map(({ groupId, attempt }) => [groupId, attempt])).toEqual([
      ['g-0', 1],
      ['g-1', 1],
    ]);
  });

  it('Environment.rollout() goes through a run with an unreadable row, to its end', async () => {
    const [, [, poison] = ['', {}]] = POISONS;
    const world = await RunWorld.start({ pairs: 4, ...poison });
    const runId = await world.openRun();
    const requests = new Outbox<RolloutRequest>();
    requests.send({ kind: 'open', runId, window: 1, policyVersion: undefined, batchGroups: 1 });
    const completed: string[] = [];
    for await (const frame of world.environment.rollout(requests, new AbortController().signal)) {
      if (frame.kind === 'group') {
        requests.send({ kind: 'submit', groups: [completionsFor(frame.group, ['right', 'wrong'])] });
      } else if (frame.kind === 'result') completed.push(frame.result.groupId);
    }
    expect(completed).toEqual(['g-0', 'g-2', 'g-3']);
    const { leases, groups } = await world.environment.getAccounting(runId);
    expect(leases).toEqual({ leased: 6, completed: 3, expired: 2, released: 0, quarantined: 1, open: 0 });
    expect(groups).toMatchObject({ completed: 3, quarantined: 1, inProgress: 0 });
  });

  it('Environment.start() goes on with a run whose taken-in completions are of a row that cannot be read any more', async () => {
    let isBroken = false;
    const wrapSplit = reading((_, pair) => {
      if (isBroken) throw new SyntaxError('Bad token');
      return pair;
    });
    const world = await RunWorld.start({ pairs: 2, wrapSplit });
    const runId = await world.openRun();
    const { groups } = await lease(world, runId, 1);
    const submits = groups.map((group) => completionsFor(group, ['right later', 'wrong later']));
    await world.environment.submitCompletions({ runId, groups: submits, wait: false });
    isBroken = true;
    await world.restart();
    const result = await world.environment.getGroup({ runId, groupId: groups[0]?.groupId ?? ('' as never) });
    expect(result).toMatchObject({ state: 'completed', flags: ['insufficient_valid'] });
    const { completions } = await world.environment.getAccounting(runId);
    expect(completions).toMatchObject({ scored: 0, unscorable: 2 });
  });
});
