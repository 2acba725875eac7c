// A score is a number in [0, 1] or it does not exist. A fault never becomes a number.

/** Why no valid score exists. A closed set: clients and metrics count by it. */
export const UNSCORABLE_CAUSES = [
  'ground_truth_unusable',
  'verifier_timeout',
  'verifier_crash',
  'truncated',
  'no_answer',
  'undecided',
  'drift_exceeded',
  'length_unknown',
  'judge_unavailable',
  'judge_unreadable',
  'judge_budget_exhausted',
  'reward_model_unavailable',
  'deadline_exceeded',
  'not_comparable',
  'group_incomplete',
  'formula_undefined',
] as const;
export type UnscorableCause = (typeof UNSCORABLE_CAUSES)[number];

export interface Unscorable {
  readonly cause: UnscorableCause;
  readonly scorer: string;
  readonly detail: string;
}

/** What a judge's verdict cost here and now. A verdict that was remembered, or shared with one in flight, costs 0. */
export interface Cost {
  /** US dollars; null when the model's price is unknown. */
  readonly usd: number | null;
  /** Nobody was asked: the verdict was known. */
  readonly isCached: boolean;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Only of scorers that need several verdicts, which this is the sum of: how many were asked for and how many known. */
  readonly verdicts?: VerdictCounts | undefined;
}

export interface VerdictCounts {
  readonly asked: number;
  readonly known: number;
}

/** How many verdicts a cost is of. */
export function verdictsOf({ verdicts, isCached }: Cost): VerdictCounts {
  return verdicts ?? { asked: isCached ? 0 : 1, known: isCached ? 1 : 0 };
}

/** One cost of several verdicts; undefined of none. Unknown where one of them is. */
export function sumOfCosts(costs: readonly Cost[]): Cost | undefined {
  if (costs.length === 0) return undefined;
  let usd: number | null = 0;
  let [promptTokens, completionTokens, asked, known] = [0, 0, 0, 0];
  for (const cost of costs) {
    usd = usd === null || cost.usd === null ? null : usd + cost.usd;
    promptTokens += cost.promptTokens;
    completionTokens += cost.completionTokens;
    const verdicts = verdictsOf(cost);
    asked += verdicts.asked;
    known += verdicts.known;
  }
  return { usd, isCached: asked === 0, promptTokens, completionTokens, verdicts: { asked, known } };
}

/** What one scorer said of one completion. */
export type Score = {
  readonly scorer: string;
  /** The answer that was compared. */
  readonly answer?: string | undefined;
  /** Where in the completion it was found. */
  readonly answerSource?: string | undefined;
  /** Why, in a few words that do not tell the ground truth. */
  readonly reason?: string | undefined;
  /** Only of scorers that are paid for. */
  readonly cost?: Cost | undefined;
  /** The scorer whose second opinion stands in for this one, which then has no part in the reward. */
  readonly replacedBy?: string | undefined;
} & (
  | { readonly kind: 'scored'; readonly score: number }
  | { readonly kind: 'unscorable'; readonly unscorable: Unscorable }
);

/** What became of one completion: the reward that the trainer learns from, or none. */
export type CompletionOutcome =
  | { readonly kind: 'scored'; readonly reward: number; readonly scores: readonly Score[] }
  | { readonly kind: 'unscorable'; readonly unscorable: Unscorable; readonly scores: readonly Score[] };
