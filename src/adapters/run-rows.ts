// How groups lie in the rows of the run store: as JSON arrays, for names of fields would be half of the bytes, and bytes are
// most of what a commit costs. What is absent is null here, and absent again when it is read.

import type { CompletionResult, MemberCompletion } from '../core/calls.ts';
import { claimingLease, type Group } from '../core/group.ts';
import type { Lease } from '../core/lease.ts';
import type { CompletionOutcome } from '../core/score.ts';
import type { EndedGroup, TakenCompletions, TakenMember } from '../ports/run-store.ts';

type Column<Value> = Value | null | undefined;

type LeaseRow = readonly [
  Lease['leaseId'],
  Lease['number'],
  Lease['batchId'],
  Lease['attempt'],
  Lease['expiresAt'],
  Lease['state'],
];

export type GroupRow = readonly [
  Group['sequence'],
  Group['ordinal'],
  Group['epoch'],
  Group['stage'],
  Group['leasesMade'],
  Group['expirations'],
  Group['returnedAs'],
  readonly LeaseRow[],
];

type ResultRow = readonly [
  CompletionResult['memberIndex'],
  /** Its reward, or why it has none. */
  number | Extract<CompletionOutcome, { kind: 'unscorable' }>['unscorable'],
  CompletionOutcome['scores'],
  Column<number>,
  Column<number>,
  string | undefined,
];

export type EndedRow = readonly [
  GroupRow,
  EndedGroup['leaseId'],
  EndedGroup['batchId'],
  EndedGroup['flags'],
  Column<number>,
  readonly ResultRow[],
];

type CompletionRow = readonly [
  MemberCompletion['text'],
  Column<MemberCompletion['finishReason']>,
  Column<number>,
  Column<number>,
];

/** Of a submit: content hash and drift of each member stand beside what it said. */
export type TakenRow = readonly (readonly [...CompletionRow, number, string, Column<number>])[];

export function groupRow(group: Group): GroupRow {
  const { sequence, ordinal, epoch, stage, leasesMade, expirations, returnedAs, leases } = group;
  return [sequence, ordinal, epoch, stage, leasesMade, expirations, returnedAs, leases.map(leaseRow)];
}

function leaseRow({ leaseId, number, batchId, attempt, expiresAt, state }: Lease): LeaseRow {
  return [leaseId, number, batchId, attempt, expiresAt, state];
}

export function groupOf(row: GroupRow): Group {
  const [sequence, ordinal, epoch, stage, leasesMade, expirations, returnedAs, leases] = row;
  return {
    sequence,
    ordinal,
    epoch,
    stage,
    leasesMade,
    expirations,
    returnedAs,
    leases: leases.map(([leaseId, number, batchId, attempt, expiresAt, state]) => ({
      leaseId,
      number,
      batchId,
      attempt,
      expiresAt,
      state,
    })),
  };
}

export function endedRow(ended: EndedGroup): EndedRow {
  const { group, leaseId, batchId, completions, flags, batchOwed, contentHashes } = ended;
  const results = completions.map((result, index): ResultRow => {
    const { memberIndex, outcome, advantage, drift } = result;
    const verdict = outcome.kind === 'scored' ? outcome.reward : outcome.unscorable;
    return [memberIndex, verdict, outcome.scores, advantage, drift, contentHashes[index]];
  });
  return [groupRow(group), leaseId, batchId, flags, batchOwed, results];
}

export function endedOf([group, leaseId, batchId, flags, batchOwed, results]: EndedRow): EndedGroup {
  return {
    group: groupOf(group),
    leaseId,
    batchId,
    flags,
    batchOwed: batchOwed ?? undefined,
    completions: results.map(([memberIndex, verdict, scores, advantage, drift]) => ({
      memberIndex,
      outcome:
        typeof verdict === 'number'
          ? { kind: 'scored', reward: verdict, scores }
          : { kind: 'unscorable', unscorable: verdict, scores },
      advantage: advantage ?? undefined,
      drift: drift ?? undefined,
    })),
    contentHashes: results.flatMap(([, , , , , contentHash]) => contentHash ?? []),
  };
}

export function takenRow(members: readonly TakenMember[]): TakenRow {
  return members.map(({ completion, contentHash, drift }) => {
    const { memberIndex, text, finishReason, tokenCount, policyVersion } = completion;
    return [text, finishReason, tokenCount, policyVersion, memberIndex, contentHash, drift];
  });
}

export function takenOf(row: TakenRow): readonly TakenMember[] {
  return row.map(
    ([text, finishReason, tokenCount, policyVersion, memberIndex, contentHash, drift]): TakenMember => ({
      completion: completionOf(memberIndex, [text, finishReason, tokenCount, policyVersion]),
      contentHash,
      drift: drift ?? undefined,
    }),
  );
}

/** What the members of a group said, when its result beside it knows the rest; undefined when it does not. */
export function saidRow(ended: EndedGroup, taken: TakenCompletions): readonly CompletionRow[] | undefined {
  const isWhole =
    taken.leaseNumber === claimingLease(ended.group)?.number &&
    taken.members.length === ended.completions.length &&
    taken.members.every(({ completion, contentHash }, index) => {
      const { memberIndex } = completion;
      return (
        ended.completions[index]?.memberIndex === memberIndex && ended.contentHashes[index] === contentHash
      );
    });
  if (!isWhole) return undefined;
  return taken.members.map(({ completion }) => {
    const { text, finishReason, tokenCount, policyVersion } = completion;
    return [text, finishReason, tokenCount, policyVersion];
  });
}

/** Undoes `saidRow`. */
export function takenWith(ended: EndedGroup, said: readonly CompletionRow[]): TakenCompletions {
  return {
    sequence: ended.group.sequence,
    leaseNumber: claimingLease(ended.group)?.number ?? 0,
    members: said.map((row, index) => {
      const { memberIndex = index, drift } = ended.completions[index] ?? {};
      const contentHash = ended.contentHashes[index] ?? '';
      return { completion: completionOf(memberIndex, row), contentHash, drift };
    }),
  };
}

function completionOf(
  memberIndex: number,
  [text, finishReason, tokenCount, policyVersion]: CompletionRow,
): MemberCompletion {
  return {
    memberIndex,
    text,
    ...(isThere(finishReason) && { finishReason }),
    ...(isThere(tokenCount) && { tokenCount }),
    ...(isThere(policyVersion) && { policyVersion }),
  };
}

function isThere<Value>(column: Column<Value>): column is Value & {} {
  return column !== null && column !== undefined;
}
