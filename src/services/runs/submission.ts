// Checks a submit as a whole before anything of it is taken in: which members are new, which repeat one of before, and
// what is wrong with the rest. It changes nothing.

import { hash } from 'node:crypto';
import type { GroupCompletions, MemberCompletion } from '../../core/calls.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import { claimingLease, findLease, type Group } from '../../core/group.ts';
import { groupIdAt } from '../../core/ids.ts';
import type { Lease } from '../../core/lease.ts';
import type { EndedGroup } from '../../ports/run-store.ts';
import type { HeldGroup } from './held-group.ts';

/** The group of a lease: still in memory, or read back from the store. */
export type FoundGroup =
  | { readonly kind: 'held'; readonly held: HeldGroup }
  | { readonly kind: 'stored'; readonly ended: EndedGroup };

export interface NewMember {
  readonly completion: MemberCompletion;
  readonly contentHash: string;
}

export interface PlannedGroup {
  readonly found: FoundGroup;
  readonly lease: Lease;
  readonly newMembers: readonly NewMember[];
  readonly repeated: readonly number[];
}

export interface SubmitRules {
  readonly groupSize: number;
  readonly needsLengths: boolean;
  readonly isClosed: boolean;
}

/** Enough of SHA-256 that no two contents share it. */
const HASH_CHARS = 22;

/** What makes a repeat a repeat: all that the client says of the completion. */
export function contentHashOf(completion: MemberCompletion): string {
  const { finishReason, tokenCount, policyVersion, text } = completion;
  const content = `${finishReason ?? ''} ${tokenCount ?? ''} ${policyVersion ?? ''}\n${text}`;
  return hash('sha256', content, 'base64url').slice(0, HASH_CHARS);
}

/**
 * @throws EnvError `not_found` for an unknown lease; `failed_precondition` when the lease or the run takes nothing more;
 * `already_exists` when another lease has completed the group, or the member came in with other content;
 * `invalid_argument` for members that cannot be.
 */
export function planSubmission(
  groups: readonly GroupCompletions[],
  find: (groupIndex: number) => FoundGroup | undefined,
  rules: SubmitRules,
): readonly PlannedGroup[] {
  const seenMembers = new Set<string>();
  const leaseOfGroup = new Map<number, string>();
  return groups.map((submitted, i) => {
    const found = find(i);
    const group = found && groupOf(found);
    const lease = group && findLease(group, submitted.leaseId);
    const field = `groups[${i}].lease_id`;
    if (found === undefined || group === undefined || lease === undefined) {
      throw new EnvError('not_found', `Cannot submit completions: there is no lease "${submitted.leaseId}"`, {
        field,
      });
    }
    if ((leaseOfGroup.get(group.sequence) ?? lease.leaseId) !== lease.leaseId) {
      throw invalidArgument(field, `Cannot submit completions: the request names two leases of one group`);
    }
    leaseOfGroup.set(group.sequence, lease.leaseId);
    checkTakes(group, lease, field);

    const newMembers: NewMember[] = [];
    const repeated: number[] = [];
    submitted.completions.forEach((completion, j) => {
      const at = `groups[${i}].completions[${j}]`;
      const contentHash = contentHashOf(completion);
      checkMember(completion, at, rules);
      const key = `${group.sequence} ${completion.memberIndex}`;
      if (seenMembers.has(key)) {
        throw invalidArgument(
          `${at}.member_index`,
          `Cannot submit completions: member ${completion.memberIndex} is in the request twice`,
        );
      }
      seenMembers.add(key);
      const before = hashBefore(found, lease, completion.memberIndex);
      if (before === contentHash) repeated.push(completion.memberIndex);
      else if (before === undefined) newMembers.push({ completion, contentHash });
      else throw conflict(completion.memberIndex, lease, at);
    });
    if (newMembers.length > 0 && rules.isClosed) {
      throw new EnvError('failed_precondition', 'Cannot submit completions: the run is closed', {
        field: 'run_id',
      });
    }
    return { found, lease, newMembers, repeated };
  });
}

function groupOf(found: FoundGroup): Group {
  return found.kind === 'held' ? found.held.state : found.ended.group;
}

/** Whether the lease may still hand in, or did. */
function checkTakes(group: Group, lease: Lease, field: string): void {
  const say = (code: 'failed_precondition' | 'already_exists', state: string): EnvError =>
    new EnvError(code, `Cannot submit completions: ${state}`, { field });
  const claiming = claimingLease(group);
  if (claiming === lease) return;
  if (lease.state === 'released') {
    throw say('failed_precondition', `lease "${lease.leaseId}" was released`);
  }
  if (claiming !== undefined) {
    const id = groupIdAt(group.sequence);
    throw say('already_exists', `another lease has completed group "${id}": GetGroup reads its result`);
  }
  if (group.stage === 'quarantined') {
    const id = groupIdAt(group.sequence);
    throw say(
      'failed_precondition',
      `group "${id}" is quarantined: ${group.expirations} leases of it expired`,
    );
  }
}

function checkMember(completion: MemberCompletion, at: string, rules: SubmitRules): void {
  const { memberIndex, tokenCount } = completion;
  if (memberIndex >= rules.groupSize) {
    throw invalidArgument(
      `${at}.member_index`,
      `Cannot submit completions: there is no member ${memberIndex}, the group has ${rules.groupSize}, counted from 0`,
    );
  }
  if (rules.needsLengths && tokenCount === undefined) {
    throw invalidArgument(
      `${at}.token_count`,
      "Cannot submit completions: the run's estimator needs the length of each completion in tokens",
    );
  }
}

function hashBefore(found: FoundGroup, lease: Lease, memberIndex: number): string | undefined {
  if (found.kind === 'stored') return found.ended.contentHashes[memberIndex];
  return found.held.membersOf(lease).get(memberIndex)?.contentHash;
}

function conflict(memberIndex: number, lease: Lease, at: string): EnvError {
  return new EnvError(
    'already_exists',
    `Cannot submit completions: member ${memberIndex} of lease "${lease.leaseId}" came in with other content`,
    { field: at },
  );
}
