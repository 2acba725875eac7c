// Completions as clients hand them in, and what became of groups as they ask for it. A submit is checked whole, then taken in
// without waiting; scores and disk are waited for apart.

import type { Books } from '../../core/accounting.ts';
import type { GroupCompletions, GroupResult } from '../../core/calls.ts';
import { EnvError } from '../../core/errors.ts';
import { findLease } from '../../core/group.ts';
import { sequenceOfGroup, type GroupId, type RunId } from '../../core/ids.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { GroupBoard } from './group-board.ts';
import type { GroupReader } from './group-reader.ts';
import {
  endedResult,
  groupResult,
  leaseResult,
  unleasedResult,
  type ResultContext,
} from './group-results.ts';
import type { GroupScoring } from './group-scoring.ts';
import type { InFlight } from '../in-flight.ts';
import type { LeaseDesk } from './lease-desk.ts';
import type { PolicyVersion } from './policy-version.ts';
import type { RunLedger } from './run-ledger.ts';
import { planSubmission, type PlannedGroup } from './submission.ts';

/** A lease and its group as a submit found them. */
export type Submitted = Pick<PlannedGroup, 'found' | 'lease'>;

export interface SubmitDeskOptions {
  readonly runId: RunId;
  readonly groupsTotal: number;
  readonly groupSize: number;
  readonly needsLengths: boolean;
  readonly leases: LeaseDesk;
  readonly reader: GroupReader;
  readonly board: GroupBoard;
  readonly scoring: GroupScoring;
  readonly books: Books;
  readonly ledger: RunLedger;
  readonly results: ResultContext;
  readonly inFlight: InFlight;
  readonly commits: CommitQueue;
}

export class SubmitDesk {
  readonly #options: SubmitDeskOptions;

  constructor(options: SubmitDeskOptions) {
    this.#options = options;
  }

  /** Checks and takes in; resolves when it is decided, not yet on disk. In the order of `groups`. */
  async takeIn(
    groups: readonly GroupCompletions[],
    run: { readonly isClosed: boolean; readonly policyVersion: PolicyVersion },
  ): Promise<readonly Submitted[]> {
    const { leases, reader, scoring, inFlight, groupSize, needsLengths } = this.#options;
    leases.expireDue();
    const found = reader.findNow(groups) ?? (await reader.findLater(groups));
    const planned = planSubmission(groups, (index) => found[index], {
      groupSize,
      needsLengths,
      isClosed: run.isClosed,
    });
    inFlight.take(planned.reduce((sum, { newMembers }) => sum + newMembers.length, 0));
    for (const { newMembers } of planned) {
      for (const { completion } of newMembers) run.policyVersion.hear(completion.policyVersion);
    }
    for (const { found: at, lease, newMembers, repeated } of planned) {
      this.#repeated(repeated.length);
      if (at.kind === 'held' && newMembers.length > 0) {
        scoring.takeIn({ held: at.held, lease }, newMembers, run.policyVersion.newest);
      }
    }
    return planned;
  }

  /** Resolves when all members that were handed in under these leases are scored. */
  async scored(submitted: readonly Submitted[]): Promise<void> {
    const scoring = submitted.flatMap(({ found, lease }) =>
      found.kind === 'held'
        ? found.held
            .membersOf(lease)
            .present()
            .flatMap((member) => member.scoring ?? [])
        : [],
    );
    if (scoring.length > 0) await Promise.all(scoring);
  }

  resultOf({ found, lease }: Submitted): GroupResult {
    if (found.kind === 'stored') return endedResult(found.ended, this.#options.results);
    const current = findLease(found.held.state, lease.leaseId) ?? lease;
    return leaseResult(found.held, current, this.#options.results);
  }

  async getGroup(groupId: GroupId): Promise<GroupResult> {
    const sequence = sequenceOfGroup(groupId);
    if (sequence === undefined || sequence >= this.#options.groupsTotal) {
      throw new EnvError('not_found', `There is no group "${groupId}" in run "${this.#options.runId}"`, {
        field: 'group_id',
      });
    }
    if (sequence >= this.#options.board.position) return unleasedResult(sequence, this.#options.results);
    const found = await this.#options.reader.find(sequence);
    if (found === undefined)
      throw new Error(`Group ${sequence} of run ${this.#options.runId} is not in the store`);
    const result =
      found.kind === 'held'
        ? groupResult(found.held, this.#options.results)
        : endedResult(found.ended, this.#options.results);
    await this.#options.commits.committed();
    return result;
  }

  #repeated(count: number): void {
    for (let i = 0; i < count; i++) this.#options.books.completionRepeated();
    if (count > 0) this.#options.ledger.touch();
  }
}
