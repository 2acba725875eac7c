// What every run store must do. `reopen` is what a new process would do: the same storage, no memory.

import { beforeEach, describe, expect, it } from 'vitest';
import { Books } from '../../src/core/accounting.ts';
import type { CompletionResult } from '../../src/core/calls.ts';
import type { Lease } from '../../src/core/lease.ts';
import { newGroup, nextGroup, type Group } from '../../src/core/group.ts';
import { leaseIdFrom, type BatchId, type LeaseId, type RunId } from '../../src/core/ids.ts';
import type { EndedGroup, RunChanges, RunProgress, RunStore, StoredRun } from '../../src/ports/run-store.ts';
import { RUN } from '../support/run-world.ts';

const BATCH = 'b-1' as BatchId;

function progressOf(fields: Partial<RunProgress> = {}): RunProgress {
  const books = new Books().snapshot();
  return {
    isClosed: false,
    position: 0,
    isDrawn: false,
    policyVersion: undefined,
    eventSequence: 0,
    books,
    ...fields,
  };
}

function runOf(runId: string): StoredRun {
  const { runId: _, ...settings } = RUN;
  const created = { datasetVersion: 'v1', createdAt: 1, groupsTotal: 10 };
  return { runId: runId as RunId, settings, ...created, progress: progressOf() };
}

function changesOf(runId: string, fields: Partial<RunChanges> = {}): RunChanges {
  return {
    runId: runId as RunId,
    progress: progressOf(),
    open: [],
    taken: [],
    outcomes: [],
    ended: [],
    batches: [],
    issued: [],
    trainingSteps: [],
    ...fields,
  };
}

function leased(sequence: number): Group {
  const leaseId = leaseIdFrom(sequence, 'nonce');
  const place = newGroup({ sequence, ordinal: 9 - sequence, epoch: 0 });
  const context = { now: 5, maxAttempts: 3, returnNumber: 0 };
  const change = nextGroup(place, { kind: 'lease', leaseId, batchId: BATCH, ttlMs: 100 }, context);
  if (change === undefined) throw new Error('A new group can be leased');
  return change.group;
}

function endedOf(sequence: number): EndedGroup {
  const group = { ...leased(sequence), stage: 'completed' as const };
  const outcome = { kind: 'scored' as const, reward: 0.1 + 0.2, scores: [] };
  return {
    group,
    leaseId: group.leases[0]?.leaseId ?? ('' as LeaseId),
    batchId: BATCH,
    completions: [{ memberIndex: 0, outcome, advantage: -0.7071067811865475, drift: 3 }],
    flags: ['zero_variance'],
    batchOwed: 1,
    contentHashes: ['abc'],
  };
}

function member(memberIndex: number, text = 'said') {
  return { completion: { memberIndex, text }, contentHash: `hash ${memberIndex}`, drift: undefined };
}

function step(number: number, loss: number) {
  return { number, metrics: { loss }, policyVersion: number };
}

const scored = { kind: 'scored' as const, reward: 1, scores: [] };

/** @param open opens a store over storage of its own; `reopen` opens the same storage again. */
export function describeRunStore(
  name: string,
  open: () => { readonly store: RunStore; readonly reopen: () => RunStore },
): void {
  describe(`${name} as a RunStore`, () => {
    let store: RunStore;
    let reopen: () => RunStore;
    beforeEach(async () => {
      ({ store, reopen } = open());
      await store.create(runOf('run'));
    });

    it(`${name} keeps a run as it was created, once`, async () => {
      expect(await store.create({ ...runOf('run'), createdAt: 99 })).toBe(false);
      await store.create(runOf('other'));
      const runs = await reopen().list();
      expect(runs.map(({ runId, createdAt }) => [runId, createdAt])).toEqual([
        ['run', 1],
        ['other', 1],
      ]);
      expect(await reopen().find('run' as RunId)).toEqual(JSON.parse(JSON.stringify(runOf('run'))));
      expect(await store.find('absent' as RunId)).toBeUndefined();
    });

    it(`${name} gives back open groups with what was handed in for them`, async () => {
      const taken = [
        { sequence: 1, leaseNumber: 0, members: [member(1)] },
        { sequence: 1, leaseNumber: 0, members: [member(0, 'ünï😀'), member(2)] },
      ];
      const outcomes = [{ sequence: 1, leaseNumber: 0, memberIndex: 2, outcome: scored }];
      await store.commit([changesOf('run', { open: [leased(1), leased(0)], taken, outcomes })]);
      const state = await reopen().openState('run' as RunId);
      expect(state.groups).toEqual([leased(0), leased(1)]);
      expect(state.taken.flatMap(({ members }) => members.map(({ completion }) => completion))).toEqual([
        { memberIndex: 0, text: 'ünï😀' },
        { memberIndex: 2, text: 'said' },
        { memberIndex: 1, text: 'said' },
      ]);
      expect(state.outcomes).toEqual(outcomes);
      expect(await store.withOpenGroups()).toEqual(['run']);
    });

    it(`${name} takes an ended group out of the open ones, and keeps its result and its texts`, async () => {
      const taken = [{ sequence: 2, leaseNumber: 0, members: [member(0)] }];
      const outcomes = [{ sequence: 2, leaseNumber: 0, memberIndex: 0, outcome: scored }];
      await store.commit([changesOf('run', { open: [leased(2)], taken, outcomes })]);
      await store.commit([changesOf('run', { ended: [endedOf(2)] })]);
      const again = reopen();
      const state = { groups: [], taken: [], outcomes: [], batches: [] };
      expect(await again.openState('run' as RunId)).toEqual(state);
      expect(await again.withOpenGroups()).toEqual([]);
      expect(await again.endedGroup('run' as RunId, 2)).toEqual(endedOf(2));
      expect(await again.endedGroup('run' as RunId, 3)).toBeUndefined();
      expect(await again.takenCompletions('run' as RunId, 2)).toMatchObject([
        { sequence: 2, leaseNumber: 0 },
      ]);
    });

    it(`${name} keeps a group that came in and ended in one commit as if it had come in before`, async () => {
      const ended = endedOf(2);
      const lease = { ...(ended.group.leases[0] as Lease), state: 'completed' as const };
      const [result] = ended.completions;
      const whole: EndedGroup = {
        ...ended,
        group: { ...ended.group, leases: [lease] },
        completions: [
          { ...result, memberIndex: 0, drift: 3 } as CompletionResult,
          {
            memberIndex: 1,
            outcome: {
              kind: 'unscorable',
              unscorable: { cause: 'truncated', scorer: 'math', detail: 'cut' },
              scores: [],
            },
            advantage: undefined,
            drift: undefined,
          },
        ],
        contentHashes: ['h0', 'h1'],
      };
      const said = [
        { ...member(0, 'ünï😀'), contentHash: 'h0', drift: 3 },
        {
          completion: {
            memberIndex: 1,
            text: '',
            finishReason: 'length' as const,
            tokenCount: 0,
            policyVersion: 7,
          },
          contentHash: 'h1',
          drift: undefined,
        },
      ];
      const early = { sequence: 2, leaseNumber: 1, members: [member(1, 'under another lease')] };
      const taken = { sequence: 2, leaseNumber: 0, members: said };
      await store.commit([changesOf('run', { open: [leased(2)] })]);
      await store.commit([changesOf('run', { taken: [early, taken], ended: [whole] })]);
      const again = reopen();
      expect(await again.endedGroup('run' as RunId, 2)).toEqual(whole);
      expect(await again.takenCompletions('run' as RunId, 2)).toEqual([taken, early]);
      expect(await again.withOpenGroups()).toEqual([]);
    });

    it(`${name} keeps groups of the same sequence in two runs apart`, async () => {
      await store.create(runOf('other'));
      const far = 2 ** 36 + 5;
      await store.commit([
        changesOf('run', { ended: [endedOf(far)] }),
        changesOf('other', { ended: [{ ...endedOf(far), batchOwed: 7 }] }),
      ]);
      const again = reopen();
      expect(await again.endedGroup('run' as RunId, far)).toEqual(endedOf(far));
      expect((await again.endedGroup('other' as RunId, far))?.batchOwed).toBe(7);
      expect(await again.endedGroup('run' as RunId, 5)).toBeUndefined();
    });

    it(`${name} writes the changes of several runs together, the newest progress of each`, async () => {
      await store.create(runOf('other'));
      await store.commit([
        changesOf('run', { progress: progressOf({ position: 3, policyVersion: 7, eventSequence: 5 }) }),
        changesOf('other', { progress: progressOf({ isClosed: true, isDrawn: true }), open: [leased(0)] }),
      ]);
      const again = reopen();
      expect((await again.find('run' as RunId))?.progress).toMatchObject({ position: 3, policyVersion: 7 });
      expect((await again.find('other' as RunId))?.progress).toMatchObject({ isClosed: true, isDrawn: true });
      expect(await again.withOpenGroups()).toEqual(['other']);
    });

    it(`${name} writes all of a commit or nothing`, async () => {
      const unknown = changesOf('absent');
      const good = changesOf('run', { open: [leased(4)], progress: progressOf({ position: 5 }) });
      await expect(store.commit([good, unknown])).rejects.toThrow(/absent/);
      expect((await store.openState('run' as RunId)).groups).toEqual([]);
      expect((await store.find('run' as RunId))?.progress.position).toBe(0);
      await store.commit([good]);
      expect((await reopen().openState('run' as RunId)).groups).toEqual([leased(4)]);
    });

    it(`${name} may be given the same changes again`, async () => {
      const changes = changesOf('run', {
        taken: [{ sequence: 2, leaseNumber: 0, members: [member(0)] }],
        ended: [endedOf(2)],
        issued: [{ sequence: 2, ordinal: 7, observation: undefined, isRetired: false }],
        trainingSteps: [{ number: 1, metrics: { loss: 1 }, policyVersion: undefined }],
      });
      await store.commit([changes]);
      await store.commit([changes]);
      expect(await reopen().takenCompletions('run' as RunId, 2)).toHaveLength(1);
    });

    it(`${name} forgets a batch that is owed nothing any more`, async () => {
      const owe = (owed: number) => changesOf('run', { batches: [{ batchId: BATCH, owed }] });
      await store.commit([owe(2)]);
      expect((await reopen().openState('run' as RunId)).batches).toEqual([{ batchId: BATCH, owed: 2 }]);
      await store.commit([owe(0)]);
      expect((await reopen().openState('run' as RunId)).batches).toEqual([]);
    });

    it(`${name} gives back what was issued in order, with the newest observation`, async () => {
      const issued = [
        { sequence: 1, ordinal: 8, observation: { passes: 1, trials: 2 }, isRetired: false },
        { sequence: 0, ordinal: 3, observation: undefined, isRetired: true },
      ];
      await store.commit([
        changesOf('run', { issued: [{ sequence: 1, ordinal: 8, observation: undefined, isRetired: false }] }),
      ]);
      await store.commit([changesOf('run', { issued })]);
      expect(await reopen().issuedPairs('run' as RunId)).toEqual(issued.toReversed());
    });

    it(`${name} lists training steps by number, a page at a time, the last word on each`, async () => {
      await store.commit([changesOf('run', { trainingSteps: [step(3, 1), step(1, 1), step(3, 2)] })]);
      await store.commit([changesOf('run', { trainingSteps: [step(2, 1)] })]);
      const again = reopen();
      const all = { afterNumber: undefined, limit: 2 };
      expect(await again.trainingSteps('run' as RunId, all)).toEqual([step(1, 1), step(2, 1)]);
      expect(await again.trainingSteps('run' as RunId, { afterNumber: 2, limit: 9 })).toEqual([step(3, 2)]);
    });
  });
}
