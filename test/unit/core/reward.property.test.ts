import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { outcomeOf } from '../../../src/core/reward.ts';
import type { Finding, ScorerReport } from '../../../src/core/reward.ts';
import type { Recipe, ScorerUse } from '../../../src/core/recipe.ts';
import { COMBINES, MISSING_RULES, SCORER_WHENS } from '../../../src/core/recipe.ts';

const use: fc.Arbitrary<ScorerUse> = fc.record({
  name: fc.constantFrom('math', 'exact', 'format'),
  weight: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  required: fc.boolean(),
  when: fc.constantFrom(...SCORER_WHENS),
  options: fc.constant({}),
  gate: fc.option(fc.constant(0.5), { nil: undefined, freq: 6 }),
  undecidedBetween: fc.constant(undefined),
});
const finding: fc.Arbitrary<Finding> = fc.oneof(
  fc.constant<Finding>({ kind: 'correct' }),
  fc.constant<Finding>({ kind: 'incorrect', reason: 'no' }),
  fc.constant<Finding>({ kind: 'undecided', reason: 'unsure' }),
  fc.constant<Finding>({ kind: 'unusable', reason: 'bad' }),
  fc.constant<Finding>({ kind: 'no_answer' }),
  fc.constant<Finding>({ kind: 'fault', cause: 'verifier_timeout', detail: 'slow' }),
  fc.double({ min: 0, max: 1, noNaN: true }).map((score): Finding => ({ kind: 'score', score })),
);
const reports: fc.Arbitrary<readonly ScorerReport[]> = fc.array(
  fc.record({ use, finding, answer: fc.constant('5'), answerSource: fc.constant('boxed') }),
  { minLength: 1, maxLength: 32 },
);
const recipe: fc.Arbitrary<Recipe> = fc.record({
  scorers: fc.constant([]),
  combine: fc.constantFrom(...COMBINES),
  truncated: fc.constant('score' as const),
  noAnswer: fc.constantFrom(...MISSING_RULES),
  undecided: fc.constantFrom(...MISSING_RULES),
});

describe('outcomeOf()', () => {
  it('is a finite reward or an unscorable one, with one score for each report', () => {
    fc.assert(
      fc.property(recipe, reports, (rules, found) => {
        const outcome = outcomeOf(rules, found, undefined);
        expect(outcome.scores).toHaveLength(found.length);
        expect(outcome.kind === 'unscorable' || Number.isFinite(outcome.reward)).toBe(true);
      }),
    );
  });

  it('never makes a number of a fault: a required scorer that failed leaves no reward', () => {
    fc.assert(
      fc.property(recipe, reports, (rules, found) => {
        const hasFailed = found.some(
          (report) =>
            report.use.required && (report.finding.kind === 'fault' || report.finding.kind === 'unusable'),
        );
        fc.pre(hasFailed);
        expect(outcomeOf(rules, found, undefined).kind).toBe('unscorable');
      }),
    );
  });

  it('stays inside the range of the weights in a weighted sum', () => {
    fc.assert(
      fc.property(recipe, reports, (rules, found) => {
        const outcome = outcomeOf({ ...rules, combine: 'weighted_sum' }, found, undefined);
        if (outcome.kind !== 'scored') return;
        const weights = found.map((report) => report.use.weight);
        const low = weights.reduce((sum, weight) => sum + Math.min(0, weight), 0);
        const high = weights.reduce((sum, weight) => sum + Math.max(0, weight), 0);
        expect(outcome.reward).toBeGreaterThanOrEqual(low - 1e-3);
        expect(outcome.reward).toBeLessThanOrEqual(high + 1e-3);
      }),
    );
  });
});
