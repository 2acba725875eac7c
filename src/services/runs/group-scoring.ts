// From completions that are taken in to a group's result: each is scored once, when it arrives; when the last reward of a
// group, or of its batch, is known, the advantages are computed and the group completes.

import type { Books } from '../../core/accounting.ts';
import { PASS_THRESHOLD } from '../../core/pass-rate.ts';
import type { AdvantageGroup, Estimator } from '../../core/advantages/estimator.ts';
import type { CompletionResult } from '../../core/calls.ts';
import { claimingLease } from '../../core/group.ts';
import type { BatchId } from '../../core/ids.ts';
import type { Lease } from '../../core/lease.ts';
import type { Observation, Sampler } from '../../core/sampling.ts';
import type { CompletionOutcome } from '../../core/score.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Batches } from './batches.ts';
import type { GroupBoard } from './group-board.ts';
import type { HeldGroup, Member, Members } from './held-group.ts';
import { rewardGroups, type OutcomeGroup } from '../scoring/reward-groups.ts';
import type { RunAudits } from './run-audits.ts';
import type { RunLedger } from './run-ledger.ts';
import type { ScoreMember } from './run-parts.ts';
import type { NewMember } from './submission.ts';

export interface GroupScoringOptions {
  readonly estimator: Estimator;
  readonly score: ScoreMember;
  readonly maxDrift: number | undefined;
  readonly books: Books;
  readonly audits: RunAudits;
  readonly ledger: RunLedger;
  readonly batches: Batches;
  readonly board: GroupBoard;
  readonly sampler: Sampler;
  readonly clock: Clock;
  readonly log: Log;
  /** The group has its `ended`, and the books know of it. */
  readonly onCompleted: (held: HeldGroup) => void;
  /** A batch may be owed a group. */
  readonly onOwed: () => void;
}

export class GroupScoring {
  readonly #options: GroupScoringOptions;

  constructor(options: GroupScoringOptions) {
    this.#options = options;
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
    for (const each of taken) {
      const member: Member = { ...each, outcome: undefined };
      members.put(member);
      books.completionSubmitted({
        isTruncated: each.completion.finishReason === 'length',
        drift: each.drift,
      });
      this.#begin(held, lease.number, members, member);
    }
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
    for (const { leaseNumber, member } of held.unscored()) {
      this.#begin(held, leaseNumber, held.membersAt(leaseNumber), member);
    }
    this.#finish(held);
  }

  /** Completes the groups of a batch that waited for a lease that has left it, or for its filling to end. */
  completeRound(batchId: BatchId): void {
    this.#complete(this.#options.batches.takeRound(batchId));
  }

  #begin(held: HeldGroup, leaseNumber: number, members: Members, member: Member): void {
    const record = (outcome: CompletionOutcome): void => {
      members.setOutcome(member, outcome);
      this.#options.books.completionEnded(outcome);
      this.#options.ledger.scored({ held, leaseNumber, member });
    };
    const outcome = this.#score(held, member);
    if (!(outcome instanceof Promise)) {
      record(outcome);
      return;
    }
    const scoreAndFinish = async (): Promise<void> => {
      record(await outcome.catch((error: unknown) => this.#outcomeOfBug(error)));
      delete member.scoring;
      this.#finish(held);
    };
    member.scoring = scoreAndFinish();
  }

  #score(held: HeldGroup, member: Member): CompletionOutcome | Promise<CompletionOutcome> {
    const { maxDrift, score, audits } = this.#options;
    const { completion, drift } = member;
    if (maxDrift !== undefined && drift !== undefined && drift > maxDrift) {
      const detail = `${drift} policy versions behind, the run takes at most ${maxDrift}`;
      return { kind: 'unscorable', unscorable: { cause: 'drift_exceeded', scorer: '', detail }, scores: [] };
    }
    const { pair, prompt } = held;
    if (pair === undefined || prompt === undefined) {
      return this.#outcomeOfBug(new Error(`Group ${held.state.sequence} is scored before its pair is read`));
    }
    try {
      return score({ pair, prompt, completion, onAudit: audits.of(pair) });
    } catch (error) {
      return this.#outcomeOfBug(error);
    }
  }

  /** A scorer that throws is our bug; the completion must neither wait for ever nor get a number for it. */
  #outcomeOfBug(error: unknown): CompletionOutcome {
    this.#options.log.error('Scoring threw', { error });
    const detail = 'Scoring failed inside the server';
    return { kind: 'unscorable', unscorable: { cause: 'verifier_crash', scorer: '', detail }, scores: [] };
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

function outcomesOf(members: Members): OutcomeGroup {
  const present = members.present();
  return {
    outcomes: present.map((member) => member.outcome).filter((outcome) => outcome !== undefined),
    tokenCounts: present.map((member) => member.completion.tokenCount),
  };
}

function withAdvantages(members: Members, group: AdvantageGroup | undefined): readonly CompletionResult[] {
  return members.scored().map((result, index) => ({ ...result, advantage: group?.advantages[index] }));
}

function observationOf(members: Members): Observation {
  const rewards = members
    .scored()
    .flatMap(({ outcome }) => (outcome.kind === 'scored' ? [outcome.reward] : []));
  return { passes: rewards.filter((reward) => reward >= PASS_THRESHOLD).length, trials: rewards.length };
}
