// What an advantage estimator is: from the rewards of whole groups to one number per completion. Pure and total: edges
// (equal rewards, missing rewards, groups of one) have their rules in one place, `edges.ts`, for all dialects.

export const GROUP_FLAGS = ['zero_variance', 'insufficient_valid'] as const;
export type GroupFlag = (typeof GROUP_FLAGS)[number];

/** The rewards of one group. All lists have length G. `null`: unscorable. */
export interface RewardGroup {
  readonly rewards: readonly (number | null)[];
  /** Completion lengths in tokens. */
  readonly lengths?: readonly number[] | undefined;
  /** Scores by scorer name, for estimators that normalise each objective on its own. */
  readonly components?: Readonly<Record<string, readonly (number | null)[]>> | undefined;
}

export interface AdvantageGroup {
  /** [G]; 0 for unscorable members. */
  readonly advantages: readonly number[];
  readonly flags: readonly GroupFlag[];
}

/** What a caller may ask for: a dialect, perhaps with other constants. */
export interface EstimatorChoice {
  readonly name: string;
  readonly ddof?: number | undefined;
  readonly epsilon?: number | undefined;
  readonly k?: number | undefined;
  readonly weights?: Readonly<Record<string, number>> | undefined;
}

/** An estimator with all its constants fixed: what made the numbers, stated in every reply. */
export interface Estimator extends EstimatorChoice {
  /** `batch`: needs all groups of the batch at once. */
  readonly scope: 'group' | 'batch';
  readonly needsLengths: boolean;
  /** Weighs members by their lengths: required where `needsLengths`; elsewhere all groups of a batch have them, or none. */
  readonly usesLengths: boolean;
  readonly needsComponents: boolean;
  /** Groups of one batch in, the same number of groups out, in the same order. */
  compute(groups: readonly RewardGroup[]): readonly AdvantageGroup[];
}
