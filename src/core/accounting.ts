// The books of one run: counters that change together with what they count, so that their identities hold at every
// instant. They are kept in memory, written as one record, and never recomputed from the groups.

import {
  auditAccounts,
  bookAudit,
  bookCost,
  costOf,
  emptyJudging,
  type AuditResult,
  type JudgingRecord,
} from './audit-books.ts';
import type { Accounting } from './calls.ts';
import type { GroupFlag } from './advantages/estimator.ts';
import type { LeaseState } from './lease.ts';
import { PASS_THRESHOLD } from './pass-rate.ts';
import type { CompletionOutcome } from './score.ts';

/** Drifts up to this are counted one by one, larger ones under the power of two below them: the histogram stays small. */
const DRIFT_EXACT_MAX = 256;

type LeaseAccount = 'completed' | 'expired' | 'released' | 'quarantined' | 'open';

/** A lease that is handed in is still open: its group has not ended. */
const LEASE_ACCOUNT: Readonly<Record<LeaseState, LeaseAccount>> = {
  open: 'open',
  handed_in: 'open',
  completed: 'completed',
  expired: 'expired',
  released: 'released',
  superseded: 'released',
  quarantined: 'quarantined',
};

/** The books as plain data, for the store. */
export interface BooksRecord {
  leases: { leased: number } & Record<LeaseAccount, number>;
  groups: { issued: number; completed: number; quarantined: number };
  completions: { submitted: number; scored: number; unscorable: number; truncated: number; repeats: number };
  unscorableByCause: Record<string, number>;
  /** Sum of all rewards, with the compensation that Neumaier's summation carries. */
  rewards: { sum: number; compensation: number; passes: number };
  zeroVarianceGroups: number;
  insufficientValidGroups: number;
  drift: Record<string, number>;
  judging: JudgingRecord;
}

function emptyBooks(): BooksRecord {
  return {
    leases: { leased: 0, completed: 0, expired: 0, released: 0, quarantined: 0, open: 0 },
    groups: { issued: 0, completed: 0, quarantined: 0 },
    completions: { submitted: 0, scored: 0, unscorable: 0, truncated: 0, repeats: 0 },
    unscorableByCause: {},
    rewards: { sum: 0, compensation: 0, passes: 0 },
    zeroVarianceGroups: 0,
    insufficientValidGroups: 0,
    drift: {},
    judging: emptyJudging(),
  };
}

export class Books {
  readonly #record: BooksRecord;
  readonly #total: Books | undefined;
  #expirations = 0;

  /**
   * @param record what `snapshot` gave in an earlier life; it is copied.
   * @param total books of all runs together: whatever is counted from now on is counted there as well.
   */
  constructor(record?: BooksRecord, total?: Books) {
    // Books that were written before there were judges have no part about them, and older ones count fewer things.
    const known = structuredClone(record);
    this.#record = { ...emptyBooks(), ...known, judging: { ...emptyJudging(), ...known?.judging } };
    this.#total = total;
  }

  /** The books as they are now. */
  snapshot(): BooksRecord {
    return structuredClone(this.#record);
  }

  get groups(): Readonly<BooksRecord['groups']> {
    return this.#record.groups;
  }

  /** Leases that ran out in this life, late hand-ins included: unlike the account of expired ones it only rises. */
  get expirations(): number {
    return this.#expirations;
  }

  get completionsInFlight(): number {
    const { submitted, scored, unscorable } = this.#record.completions;
    return submitted - scored - unscorable;
  }

  leaseMoved(from: LeaseState | undefined, to: LeaseState): void {
    this.#total?.leaseMoved(from, to);
    if (from === 'open' && (to === 'expired' || to === 'quarantined')) this.#expirations += 1;
    const { leases } = this.#record;
    if (from === undefined) leases.leased += 1;
    else leases[LEASE_ACCOUNT[from]] -= 1;
    leases[LEASE_ACCOUNT[to]] += 1;
  }

  groupIssued(): void {
    this.#total?.groupIssued();
    this.#record.groups.issued += 1;
  }

  groupCompleted(flags: readonly GroupFlag[]): void {
    this.#total?.groupCompleted(flags);
    this.#record.groups.completed += 1;
    if (flags.includes('zero_variance')) this.#record.zeroVarianceGroups += 1;
    if (flags.includes('insufficient_valid')) this.#record.insufficientValidGroups += 1;
  }

  groupQuarantined(): void {
    this.#total?.groupQuarantined();
    this.#record.groups.quarantined += 1;
  }

  completionSubmitted(completion: {
    readonly isTruncated: boolean;
    readonly drift: number | undefined;
  }): void {
    this.#total?.completionSubmitted(completion);
    this.#record.completions.submitted += 1;
    if (completion.isTruncated) this.#record.completions.truncated += 1;
    if (completion.drift === undefined) return;
    const key = String(driftBucket(completion.drift));
    this.#record.drift[key] = (this.#record.drift[key] ?? 0) + 1;
  }

  completionEnded(outcome: CompletionOutcome): void {
    this.#total?.completionEnded(outcome);
    const { completions, unscorableByCause, rewards, judging } = this.#record;
    for (const { cost } of outcome.scores) if (cost !== undefined) bookCost(judging, cost);
    if (outcome.kind === 'unscorable') {
      const { cause } = outcome.unscorable;
      completions.unscorable += 1;
      unscorableByCause[cause] = (unscorableByCause[cause] ?? 0) + 1;
      return;
    }
    completions.scored += 1;
    if (outcome.reward >= PASS_THRESHOLD) rewards.passes += 1;
    const sum = rewards.sum + outcome.reward;
    rewards.compensation +=
      Math.abs(rewards.sum) >= Math.abs(outcome.reward)
        ? rewards.sum - sum + outcome.reward
        : outcome.reward - sum + rewards.sum;
    rewards.sum = sum;
  }

  /** Completions whose scoring died with the process, of leases that nobody will ask for again. */
  writeOff(count: number): void {
    if (count <= 0) return;
    this.#total?.writeOff(count);
    this.#record.completions.unscorable += count;
    const causes = this.#record.unscorableByCause;
    causes['verifier_crash'] = (causes['verifier_crash'] ?? 0) + count;
  }

  /** A cheap verdict was held against a judge's; the reward is what it was. */
  audited(result: AuditResult): void {
    this.#total?.audited(result);
    bookAudit(this.#record.judging, result);
  }

  completionRepeated(): void {
    this.#total?.completionRepeated();
    this.#record.completions.repeats += 1;
  }

  /** What `GetAccounting` answers; what the run does not count itself is passed in. */
  accounting(beside: { readonly groupsTotal: number }): Accounting {
    const { leases, groups, completions, rewards, unscorableByCause, drift, judging } = this.#record;
    const { completed, quarantined, issued } = groups;
    return {
      leases: { ...leases },
      groups: {
        total: beside.groupsTotal,
        issued,
        completed,
        quarantined,
        inProgress: issued - completed - quarantined,
      },
      completions: {
        ...completions,
        inFlight: this.completionsInFlight,
        unscorableByCause: Object.entries(unscorableByCause).map(([name, count]) => ({ name, count })),
      },
      meanReward: ratio(rewards.sum + rewards.compensation, completions.scored),
      passRate: ratio(rewards.passes, completions.scored),
      passThreshold: PASS_THRESHOLD,
      zeroVarianceGroups: this.#record.zeroVarianceGroups,
      zeroVarianceShare: ratio(this.#record.zeroVarianceGroups, completed),
      insufficientValidGroups: this.#record.insufficientValidGroups,
      cache: { hits: judging.hits, misses: judging.misses },
      costUsd: costOf(judging),
      judgePromptTokens: judging.promptTokens,
      judgeCompletionTokens: judging.completionTokens,
      audits: auditAccounts(judging),
      drift: Object.entries(drift)
        .map(([key, count]) => ({ drift: Number(key), completions: count }))
        .toSorted((a, b) => a.drift - b.drift),
    };
  }
}

function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

function driftBucket(drift: number): number {
  return drift <= DRIFT_EXACT_MAX ? drift : 2 ** Math.floor(Math.log2(drift));
}
