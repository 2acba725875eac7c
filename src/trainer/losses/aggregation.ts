// How the terms of a loss, one for each token, become one number: as a weight for each token, so that a batch that is worked
// off in parts gives the very sum that it gives in one piece.

/**
 * - `token-mean`: every token counts the same (DAPO, arXiv 2503.14476): 1/Σ|oᵢ|
 * - `sequence-mean`: every completion counts the same, whatever its length (GRPO, arXiv 2402.03300): 1/(n·|oᵢ|)
 * - `constant`: a length that does not depend on the completions (Dr. GRPO, arXiv 2503.20783): 1/(n·L)
 */
export const AGGREGATIONS = ['token-mean', 'sequence-mean', 'constant'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

export interface AggregationPlan {
  readonly aggregation: Aggregation;
  /** L: tokens that a completion may have; used by `constant` alone. */
  readonly lengthMax: number;
}

/**
 * Weight of one token of each completion of a whole batch; 0 for completions without tokens.
 * @param lengths tokens of each completion that count: [n]
 * @returns [n]
 */
export function tokenWeights(lengths: readonly number[], plan: AggregationPlan): readonly number[] {
  const count = lengths.length;
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return lengths.map((length) => {
    if (length === 0) return 0;
    switch (plan.aggregation) {
      case 'token-mean':
        return 1 / total;
      case 'sequence-mean':
        return 1 / (count * length);
      case 'constant':
        return 1 / (count * plan.lengthMax);
    }
  });
}
