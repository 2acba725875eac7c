// How a client says which reward and which advantages it wants, with the shorthands of the JSON form.

import { z } from 'zod';
import { COMBINES, MISSING_RULES, SCORER_WHENS, TRUNCATED_RULES } from '../../core/recipe.ts';
import { LIMITS, UINT32_MAX } from '../limits.ts';
import { must } from '../wording.ts';
import { byName, decimal, finite, flag, id, integer, list, object, oneOf, text } from './values.ts';

const scorerError = must('a scorer: an object with a name, and its options beside it');

/** Options are the scorer's own affair: they stand beside `name` and are checked by the scorer. */
export const scorerUse = z
  .object(
    {
      name: id().describe('A verifier, reward model or judge, for example "math".'),
      known_as: id()
        .optional()
        .describe(
          'What scores, and a formula, call this scorer by: letters, digits and "_". Default: its name.',
        ),
      weight: decimal(-LIMITS.weightAbsMax, LIMITS.weightAbsMax)
        .optional()
        .describe('Factor of this score in the reward. Default 1.'),
      required: flag()
        .optional()
        .describe(
          'Whether a completion that this scorer cannot score is unscorable as a whole. Default true.',
        ),
      when: oneOf(SCORER_WHENS)
        .optional()
        .describe(
          '"always" (default), or a second opinion, asked only where a scorer before it could not tell ("undecided"), said ' +
            'no of the answer ("incorrect"), or either ("not_correct"). It takes the place of what it was asked about.',
        ),
      gate: z
        .union([z.literal(true), decimal(0, 1)], { error: must('true, or a number above 0 and at most 1') })
        .optional()
        .describe(
          'Makes the scorer a gate: below this score (true: 0.5) the reward is the floor and no later scorer is asked.',
        ),
      undecided_between: list(decimal(0, 1), 2, 2, 'numbers')
        .optional()
        .describe('A score strictly between the two is no verdict and counts as undecided.'),
      time_limit_ms: integer(1, LIMITS.scorerTimeLimitMsMax)
        .optional()
        .describe('A scorer that takes longer is unscorable with "deadline_exceeded".'),
    },
    { error: scorerError },
  )
  .catchall(z.unknown().describe('An option of the scorer.'))
  .meta({ id: 'ScorerUse', description: 'One scorer of a recipe.' });

const lengthPenalty = object('a length penalty', {
  max_tokens: integer(1, UINT32_MAX),
  buffer_tokens: integer(0, UINT32_MAX),
  factor: decimal(0, LIMITS.weightAbsMax).optional().describe('Default 1.'),
}).meta({
  id: 'LengthPenalty',
  description:
    'Soft overlong punishment (DAPO, arXiv 2503.14476): linear from 0 at `max_tokens - buffer_tokens` to `-factor` at ' +
    '`max_tokens`, and `-factor` beyond. Needs `token_count`.',
});

const recipe = object('a recipe', {
  scorers: list(scorerUse, 1, LIMITS.scorersPerRecipeMax, 'scorers'),
  combine: oneOf(COMBINES).optional().describe('Default "weighted_sum", or "formula" where there is one.'),
  formula: text(LIMITS.formulaCharsMax)
    .optional()
    .describe(
      'The reward as a formula of the scores, by what they are known as: + - * / ^, min, max, abs, floor, ceil, exp, sqrt, log.',
    ),
  truncated: oneOf(TRUNCATED_RULES)
    .optional()
    .describe(
      'Truncated completions: "score" them like any other (default), give "zero", or call them "unscorable".',
    ),
  no_answer: oneOf(MISSING_RULES)
    .optional()
    .describe('Completions in which no answer is found. Default "zero".'),
  undecided: oneOf(MISSING_RULES).optional().describe('Answers that no scorer could decide. Default "zero".'),
  length_penalty: lengthPenalty.optional(),
  floor: decimal(-LIMITS.weightAbsMax, LIMITS.weightAbsMax)
    .optional()
    .describe('Reward of a completion that a gate stopped. Default 0.'),
}).meta({ id: 'Recipe', description: 'How scores become the reward of one completion.' });

const rewardWords = { error: must('the name of a scorer, or a recipe') };

export const reward = z.union([id(), recipe], rewardWords).meta({
  id: 'Reward',
  description: 'The name of a scorer, or a recipe.',
  examples: [
    'math',
    { scorers: [{ name: 'math' }, { name: 'format', pattern: 'boxed', weight: 0.1, required: false }] },
  ],
});

const estimatorChoice = object('an estimator', {
  name: id().describe('For example "grpo:verl".'),
  ddof: integer(0, 1)
    .optional()
    .describe('Delta degrees of freedom of the standard deviation: 0 population, 1 sample.'),
  epsilon: decimal(0, 1).optional().describe('Added to the standard deviation before dividing.'),
  k: integer(1, LIMITS.groupSizeMax).optional().describe('Only `pass_at_k`: the k.'),
  weights: byName(finite(), LIMITS.scorersPerRecipeMax, 'weights')
    .optional()
    .describe("Only `gdpo:*`: weight of each scorer's own advantages. Default 1 each."),
}).meta({ id: 'EstimatorChoice', description: 'A named advantage estimator, perhaps with other constants.' });

export const estimator = z
  .union([id(), estimatorChoice], { error: must('the name of an estimator, or an object with its name') })
  .meta({
    id: 'EstimatorAsked',
    description: 'The name of an estimator, or an object with its name and constants. Default "grpo:verl".',
    examples: ['grpo:verl', { name: 'pass_at_k', k: 4 }],
  });
