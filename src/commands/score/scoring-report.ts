// What a scoring found, as tallies over groups, and in words.

import { bookCost, costOf, emptyJudging, type JudgingRecord } from '../../core/audit-books.ts';
import type { CompletionResult } from '../../core/calls.ts';
import { Comparison, type LabelAgreement, type RewardComparison } from '../../core/comparison.ts';
import type { GroupFlag } from '../../core/advantages/estimator.ts';
import { formatCount, formatCounts } from '../options.ts';
import type { KnownOutcome } from './stored-rollout.ts';

/** The JSON of `groupwise score --json`, but for the estimator and recipe that the command adds. */
export interface ScoringReport {
  readonly groups: number;
  readonly completions: number;
  readonly scored: number;
  readonly unscorable: Readonly<Record<string, number>>;
  readonly mean_reward: number | null;
  readonly pass_rate: number | null;
  readonly zero_variance_groups: number;
  readonly insufficient_valid_groups: number;
  /** Null when no judge was asked. */
  readonly judging: JudgingReport | null;
  readonly rejected: number;
  readonly rejections: readonly { readonly at: string; readonly reason: string }[];
  readonly labels: LabelReport | null;
  readonly earlier: EarlierReport | null;
}

interface JudgingReport {
  readonly known: number;
  readonly asked: number;
  /** Null when a price was unknown. */
  readonly cost_usd: number | null;
}

interface LabelReport {
  readonly labelled: number;
  readonly agree: number;
  readonly false_positives: number;
  readonly false_negatives: number;
  readonly unscorable: number;
  readonly share: number;
}

interface EarlierReport {
  readonly compared: number;
  readonly changed: number;
  readonly mean_before: number;
  readonly mean_after: number;
  readonly largest_change: number;
  readonly groups_reordered: number;
}

const REJECTIONS_SHOWN = 5;

export class ScoringTally {
  readonly #threshold: number;
  readonly #comparison: Comparison;
  readonly #unscorable: Record<string, number> = {};
  readonly #flags: Record<GroupFlag, number> = { zero_variance: 0, insufficient_valid: 0 };
  readonly #rejections: { at: string; reason: string }[] = [];
  readonly #judging = emptyJudging();
  #groups = 0;
  #completions = 0;
  #scored = 0;
  #rewardSum = 0;
  #passes = 0;
  #rejected = 0;

  constructor(threshold: number) {
    this.#threshold = threshold;
    this.#comparison = new Comparison(threshold);
  }

  addGroup(
    results: readonly CompletionResult[],
    flags: readonly GroupFlag[],
    known: readonly KnownOutcome[],
  ): void {
    this.#groups += 1;
    for (const flag of flags) this.#flags[flag] += 1;
    for (const { outcome } of results) this.#addOutcome(outcome);
    this.#comparison.addGroup(results.map(({ outcome }, index) => ({ outcome, ...known[index] })));
  }

  reject(at: string, reason: string): void {
    this.#rejected += 1;
    if (this.#rejections.length < REJECTIONS_SHOWN) this.#rejections.push({ at, reason });
  }

  report(): ScoringReport {
    const hasScored = this.#scored > 0;
    return {
      groups: this.#groups,
      completions: this.#completions,
      scored: this.#scored,
      unscorable: this.#unscorable,
      mean_reward: hasScored ? this.#rewardSum / this.#scored : null,
      pass_rate: hasScored ? this.#passes / this.#scored : null,
      zero_variance_groups: this.#flags.zero_variance,
      insufficient_valid_groups: this.#flags.insufficient_valid,
      judging: judgingReport(this.#judging),
      rejected: this.#rejected,
      rejections: this.#rejections,
      labels: labelReport(this.#comparison.labels()),
      earlier: earlierReport(this.#comparison.rewards()),
    };
  }

  #addOutcome(outcome: CompletionResult['outcome']): void {
    this.#completions += 1;
    for (const { cost } of outcome.scores) if (cost !== undefined) bookCost(this.#judging, cost);
    if (outcome.kind === 'unscorable') {
      const { cause } = outcome.unscorable;
      this.#unscorable[cause] = (this.#unscorable[cause] ?? 0) + 1;
      return;
    }
    this.#scored += 1;
    this.#rewardSum += outcome.reward;
    if (outcome.reward >= this.#threshold) this.#passes += 1;
  }
}

/** The report for a person, line by line. */
export function describeReport(report: ScoringReport): readonly string[] {
  const lines = [
    `groups        ${formatCount(report.groups)}, of them ${formatCount(report.zero_variance_groups)} zero-variance`,
    `completions   ${formatCount(report.completions)}, scored ${formatCount(report.scored)}`,
  ];
  const causes = Object.entries(report.unscorable).map(([name, count]) => ({ name, count }));
  if (causes.length > 0) lines.push(`unscorable    ${formatCounts(causes)}`);
  if (report.mean_reward !== null && report.pass_rate !== null) {
    lines.push(
      `mean reward   ${report.mean_reward.toFixed(4)}`,
      `pass rate     ${percent(report.pass_rate)}`,
    );
  }
  if (report.judging !== null) {
    const { asked, known, cost_usd: cost } = report.judging;
    const paid = cost === null ? 'at an unknown price' : `for ${cost.toFixed(4)} US dollars`;
    lines.push(`verdicts      ${formatCount(asked)} asked for ${paid}, ${formatCount(known)} known`);
  }
  if (report.labels !== null) {
    const { agree, labelled, unscorable } = report.labels;
    lines.push(
      `labels        ${percent(agree / labelled)} agree: ${formatCount(agree)} of ${formatCount(labelled)}, ` +
        `${formatCount(report.labels.false_positives)} rewarded wrongly, ${formatCount(report.labels.false_negatives)} missed, ${formatCount(unscorable)} unscorable`,
    );
  }
  if (report.earlier !== null) {
    const { compared, changed, groups_reordered: reordered } = report.earlier;
    const [before, after, largest] = [
      report.earlier.mean_before,
      report.earlier.mean_after,
      report.earlier.largest_change,
    ].map((value) => value.toFixed(4));
    lines.push(
      `earlier       ${formatCount(changed)} of ${formatCount(compared)} rewards changed, ` +
        `mean ${before} → ${after}, largest change ${largest}, ${formatCount(reordered)} groups in another order`,
    );
  }
  if (report.rejected > 0) {
    lines.push(`rejected      ${formatCount(report.rejected)} lines`);
    for (const { at, reason } of report.rejections) lines.push(`  ${at}: ${reason}`);
  }
  return lines;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function judgingReport(record: JudgingRecord): JudgingReport | null {
  const { hits: known, misses: asked } = record;
  return known + asked === 0 ? null : { known, asked, cost_usd: costOf(record) ?? null };
}

function labelReport(labels: LabelAgreement | undefined): LabelReport | null {
  if (labels === undefined) return null;
  const { falsePositives, falseNegatives, ...others } = labels;
  return { ...others, false_positives: falsePositives, false_negatives: falseNegatives };
}

function earlierReport(earlier: RewardComparison | undefined): EarlierReport | null {
  if (earlier === undefined) return null;
  const { compared, changed, meanBefore, meanAfter, largestChange, groupsReordered } = earlier;
  return {
    compared,
    changed,
    mean_before: meanBefore,
    mean_after: meanAfter,
    largest_change: largestChange,
    groups_reordered: groupsReordered,
  };
}
