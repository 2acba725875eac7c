// Branded ids: strings that the compiler keeps apart. They are made and read in this file only; nobody else takes one to
// pieces.

type Id<Name extends string> = string & { readonly __id: Name };

export type RunId = Id<'run'>;
export type GroupId = Id<'group'>;
export type LeaseId = Id<'lease'>;
export type BatchId = Id<'batch'>;
export type PairId = Id<'pair'>;

/** What stands for an id that does not exist, where a reply must have one: a group that was never leased has no lease. */
export const NO_LEASE = '' as LeaseId;
export const NO_BATCH = '' as BatchId;

const GROUP_ID = /^g-(0|[1-9]\d{0,15})$/;
const LEASE_ID = /^l-(0|[1-9]\d{0,15})-[\w-]+$/;

export function runIdFrom(nonce: string): RunId {
  return `run-${nonce}` as RunId;
}

export function batchIdFrom(nonce: string): BatchId {
  return `b-${nonce}` as BatchId;
}

/** The id of the group at `sequence` of a run: unique within the run, the same on every machine. */
export function groupIdAt(sequence: number): GroupId {
  return `g-${sequence}` as GroupId;
}

/** Sequence of the group with this id; undefined for anything that `groupIdAt` does not make. */
export function sequenceOfGroup(groupId: GroupId): number | undefined {
  return sequenceIn(GROUP_ID.exec(groupId));
}

/** A lease's id says where its group is found; the nonce is what makes it impossible to guess. */
export function leaseIdFrom(sequence: number, nonce: string): LeaseId {
  return `l-${sequence}-${nonce}` as LeaseId;
}

/** Sequence of the group that a lease with this id would hold. That the lease exists is for its group to say. */
export function sequenceOfLease(leaseId: LeaseId): number | undefined {
  return sequenceIn(LEASE_ID.exec(leaseId));
}

function sequenceIn(match: RegExpExecArray | null): number | undefined {
  const sequence = match?.[1] === undefined ? Number.NaN : Number(match[1]);
  return Number.isSafeInteger(sequence) ? sequence : undefined;
}
