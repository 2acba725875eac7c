// The journal of leases across crashes: what was written whole is there, a torn line is not.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { batchIdFrom, groupIdAt, leaseIdFrom, type RunId } from '../../../../src/core/ids.ts';
import type { PromptGroup } from '../../../../src/trainer/loop/batch.ts';
import { LeaseJournal } from '../../../../src/trainer/loop/lease-journal.ts';

const RUN = 'run' as RunId;
const folder = mkdtempSync(join(tmpdir(), 'groupwise-journal-'));
let path = '';
let files = 0;

beforeEach(() => {
  files += 1;
  path = join(folder, `${files}.jsonl`);
});

afterAll(() => rmSync(folder, { recursive: true }));

function groups(...sequences: readonly number[]): readonly PromptGroup[] {
  return sequences.map((sequence) => ({
    runId: RUN,
    groupId: groupIdAt(sequence),
    leaseId: leaseIdFrom(sequence, 'x'),
    batchId: batchIdFrom('b'),
    prompt: [{ role: 'user', content: `Question ${sequence}` }],
  }));
}

describe('LeaseJournal', () => {
  it('LeaseJournal.open() reads what add() wrote, several leases of one batch together', async () => {
    const journal = await LeaseJournal.open(path);
    await journal.add(0, groups(0, 1));
    await journal.add(0, groups(2));
    await journal.complete(0);
    await journal.add(1, groups(3));
    const again = await LeaseJournal.open(path);
    expect(again.groupsOf(0)).toEqual(groups(0, 1, 2));
    expect([again.isComplete(0), again.isComplete(1)]).toEqual([true, false]);
    expect(again.groupsOf(2)).toEqual([]);
    expect(again.leasedOf(RUN)).toBe(4);
  });

  it('LeaseJournal.open() takes a torn last line for never written, and what follows is whole', async () => {
    const journal = await LeaseJournal.open(path);
    await journal.add(0, groups(0));
    appendFileSync(path, '{"batch":1,"groups":[{"runId"');
    const again = await LeaseJournal.open(path);
    expect(again.groupsOf(1)).toEqual([]);
    await again.add(1, groups(1));
    expect((await LeaseJournal.open(path)).groupsOf(1)).toEqual(groups(1));
  });

  it('forgetBefore() drops batches and still knows how many groups were leased', async () => {
    const journal = await LeaseJournal.open(path);
    await journal.add(0, groups(0, 1));
    await journal.add(1, groups(2));
    await journal.complete(1);
    await journal.forgetBefore(1);
    expect(readFileSync(path, 'utf8')).not.toContain('Question 0');
    const again = await LeaseJournal.open(path);
    expect([again.groupsOf(0), again.groupsOf(1), again.isComplete(1)]).toEqual([[], groups(2), true]);
    await again.forgetBefore(2);
    expect((await LeaseJournal.open(path)).leasedOf(RUN)).toBe(3);
  });

  it.each([
    ['no JSON', 'garbage'],
    ['no line of a journal', '{"batch":0}'],
    ['a group without a lease', '{"batch":0,"groups":[{"runId":"r","groupId":"g"}]}'],
  ])('LeaseJournal.open() refuses %s, with the place of the line', async (_what, line) => {
    writeFileSync(path, `{"batch":0,"groups":[]}\n${line}\n`);
    await expect(LeaseJournal.open(path)).rejects.toMatchObject({
      code: 'data_loss',
      message: expect.stringContaining(`${path}:2`),
    });
  });
});
