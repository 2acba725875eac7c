// From completions that are taken in to a group's result: each is scored once, when it arrives, or, where it is compared with
// others of its group, when the last of them arrives; when the last reward of a group, or of its batch, is known, the
// advantages are computed and the group completes.

import type { Books } from '../../core/accounting.ts';
import type { AdvantageGroup, Estimator } from '../../core/advantages/estimator.ts';
import { claimingLease } from '../../core/group.ts';
import type { BatchId } from '../../core/ids.ts';
import type { Lease } from '../../core/lease.ts';
import type { Sampler } from '../../core/sampling.ts';
import type { CompletionOutcome } from '../../core/score.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Batches } from './batches.ts';
import type { GroupBoard } from './group-board.ts';
import type { HeldGroup, Lot, Member, Members } from './held-group.ts';
import { MemberScoring, type MemberScoringOptions } from './member-scoring.ts';
import { rewardGroups, type OutcomeGroup } from '../scoring/reward-groups.ts';
import { observationOf, outcomesOf, withAdvantages } from './scored-members.ts';
import type { RunLedger } from './run-ledger.ts';
import type { InFlight } from '../in-flight.ts';
import type { NewMember } from './submission.ts';
import { WaitingMembers } from './waiting-members.ts';

export interface GroupScoringOptions extends MemberScoringOptions {
  readonly estimator: Estimator;
  readonly books: Books;
  readonly ledger: RunLedger;
  readonly batches: Batches;
  readonly board: GroupBoard;
  readonly sampler: Sampler;
  readonly inFlight: InFlight;
  readonly clock: Clock;
  /** The group has its `ended`, and the books know of it. */
  readonly onCompleted: (held: HeldGroup) => void;
  /** A batch may be owed a group. */
  readonly onOwed: () => void;
}

export class GroupScoring {
  readonly #options: GroupScoringOptions;
  readonly #members: MemberScoring;
  readonly #waiting: WaitingMembers;

  constructor(options: GroupScoringOptions) {
    const { ledger, inFlight } = options;
    this.#options = options;
    this.#members = new MemberScoring(options);
    this.#waiting = new WaitingMembers({ ledger, inFlight, record: this.#record.bind(this) });
  }

  /** Takes in new members of one lease and begins to score them. When all are in, the lease claims the group. */
  takeIn(
    place: { readonly held: HeldGroup; readonly lease: Lease },
    newMembers: readonly NewMember[],
    policyVersion: number | undefined,
  ): void {
    const { books, ledger, board, clock } = this.#options;
    const { held, lease } = place;
    const members = held.membersOf(lease);
    const taken = newMembers.map(({ completion, contentHash }) => ({
      completion,
      contentHash,
      drift: driftOf(completion.policyVersion, policyVersion),
    }));
    ledger.taken({ sequence: held.state.sequence, leaseNumber: lease.number, members: taken });
    const lot = { held, leaseNumber: lease.number, members };
    const isGroupWise = this.#members.isGroupWise(held);
    for (const each of taken) {
      const member: Member = { ...each, outcome: undefined };
      members.put(member);
      books.completionSubmitted({
        isTruncated: each.completion.finishReason === 'length',
        drift: each.drift,
      });
      if (!isGroupWise) this.#begin(lot, member);
    }
    if (isGroupWise && members.areAllIn) this.#beginTogether(lot);
    else if (isGroupWise) this.#waiting.add(held, members);
    if (members.areAllIn && board.handIn(place, clock.now())) this.#finish(held);
  }

  /** Scores what was taken in but not scored in an earlier life: nobody has seen an outcome of it. */
  resume(held: HeldGroup): void {
    const claiming = claimingLease(held.state);
    // A group whose last reward is on disk has been waiting for its batch, and what it is owed for is on disk as well.
    const isJoint = this.#options.estimator.scope === 'batch';
    if (isJoint && claiming !== undefined && held.membersOf(claiming).areAllScored) {
      this.#awaitBatch(held, claiming.batchId);
      return;
    }
    if (this.#members.isGroupWise(held)) this.#resumeTogether(held);
    else {
      for (const { leaseNumber, member } of held.unscored()) {
        this.#begin({ held, leaseNumber, members: held.membersAt(leaseNumber) }, member);
      }
    }
    this.#finish(held);
  }

  /** Members that wait for the rest of their group. */
  get waiting(): Pick<WaitingMembers, 'giveUpLost' | 'giveUpAll'> {
    return this.#waiting;
  }

  /** Completes the groups of a batch that waited for a lease that has left it, or for its filling to end. */
  completeRound(batchId: BatchId): void {
    this.#complete(this.#options.batches.takeRound(batchId));
  }

  #begin(lot: Lot, member: Member): void {
    const outcome = this.#members.score(lot.held, member);
    if (!(outcome instanceof Promise)) {
      this.#record(lot, member, outcome);
      return;
    }
    const scoreAndFinish = async (): Promise<void> => {
      this.#record(lot, member, await outcome);
      delete member.scoring;
      this.#finish(lot.held);
    };
    member.scoring = scoreAndFinish();
  }

  /** Outcomes of the whole group are recorded at once: a crash leaves all of them or none. */
  #beginTogether(lot: Lot): void {
    const { held, members } = lot;
    const group = members.present();
    for (const member of group) this.#waiting.take(held, member);
    const scoreAndFinish = async (): Promise<void> => {
      const outcomes = await this.#members.scoreTogether(held, group);
      group.forEach((member, index) => {
        const outcome = outcomes[index];
        if (outcome !== undefined && member.outcome === undefined) this.#record(lot, member, outcome);
        delete member.scoring;
      });
      this.#finish(held);
    };
    const scoring = scoreAndFinish();
    for (const member of group) member.scoring = scoring;
  }

  #resumeTogether(held: HeldGroup): void {
    const claiming = claimingLease(held.state);
    for (const [leaseNumber, members] of held.byLease()) {
      if (members.areAllScored) continue;
      const isWhole = members.areAllIn && (claiming === undefined || claiming.number === leaseNumber);
      if (isWhole) this.#beginTogether({ held, leaseNumber, members });
      else this.#waiting.add(held, members);
    }
    this.#waiting.giveUpLost(held);
  }

  #record({ held, leaseNumber, members }: Lot, member: Member, outcome: CompletionOutcome): void {
    members.setOutcome(member, outcome);
    this.#options.books.completionEnded(outcome);
    this.#options.ledger.scored({ held, leaseNumber, member });
  }

  /** Goes on with a group when all of its rewards are known. */
  #finish(held: HeldGroup): void {
    const { estimator } = this.#options;
    if (held.state.stage !== 'handed_in' || held.isAwaitingBatch) return;
    const claiming = claimingLease(held.state);
    if (claiming === undefined || !held.membersOf(claiming).areAllScored) return;
    if (estimator.scope === 'group') {
      this.#complete([held]);
      return;
    }
    const [alone] = this.#advantagesOf([outcomesOf(held.membersOf(claiming))]) ?? [];
    if (alone !== undefined) this.#oweFor(alone, claiming.batchId);
    this.#awaitBatch(held, claiming.batchId);
  }

  #awaitBatch(held: HeldGroup, batchId: BatchId): void {
    held.isAwaitingBatch = true;
    this.#options.batches.await(batchId, held);
    this.completeRound(batchId);
  }

  /** Completes groups that are computed together. */
  #complete(round: readonly HeldGroup[]): void {
    if (round.length === 0) return;
    const { estimator, books, board, batches, ledger, clock } = this.#options;
    const places = round.flatMap((held) => {
      const lease = claimingLease(held.state);
      return lease === undefined ? [] : [{ held, lease, members: held.membersOf(lease) }];
    });
    const computed = this.#advantagesOf(places.map(({ members }) => outcomesOf(members)));
    places.forEach(({ held, lease, members }, index) => {
      const advantages = computed?.[index];
      if (estimator.scope === 'group' && advantages) this.#oweFor(advantages, lease.batchId);
      const flags = advantages?.flags ?? [];
      books.groupCompleted(flags);
      board.complete(held, clock.now());
      held.isAwaitingBatch = false;
      held.ended = {
        group: held.state,
        leaseId: lease.leaseId,
        batchId: lease.batchId,
        completions: withAdvantages(members, advantages),
        flags,
        batchOwed: batches.owed(lease.batchId),
        contentHashes: members.present().map((member) => member.contentHash),
      };
      ledger.groupEnded(held);
      this.#observe(held, members);
      this.#options.onCompleted(held);
    });
  }

  /** Undefined when the estimator cannot take these rewards: they are told, the advantages stay absent. */
  #advantagesOf(groups: readonly OutcomeGroup[]): readonly AdvantageGroup[] | undefined {
    const { estimator, log } = this.#options;
    try {
      return estimator.compute(rewardGroups(groups, estimator));
    } catch (error) {
      log.error('Cannot compute advantages', { error, estimator: estimator.name });
      return undefined;
    }
  }

  #oweFor({ flags }: AdvantageGroup, batchId: BatchId): void {
    const { batches, ledger } = this.#options;
    if (!flags.includes('zero_variance')) return;
    ledger.batchesOwed(batches.owe(batchId, 1));
    this.#options.onOwed();
  }

  #observe(held: HeldGroup, members: Members): void {
    const { sampler, ledger } = this.#options;
    if (!sampler.needsHistory) return;
    const { sequence, ordinal } = held.state;
    const observation = observationOf(members);
    sampler.observe(ordinal, observation);
    ledger.issued({ sequence, ordinal, observation, isRetired: false });
  }
}

/** Policy versions between the completion and the newest one heard of, when both are known. */
function driftOf(version: number | undefined, newest: number | undefined): number | undefined {
  return version === undefined || newest === undefined ? undefined : Math.max(0, newest - version);
}
