// From what the scorers found to the reward of one completion, under the recipe's rules. A fault never becomes a number:
// what could not be scored is unscorable, or is left out where the recipe calls its scorer not required.
//
//   weighted_sum   reward = Σ weightᵢ · scoreᵢ
//   product        reward = Π weightᵢ · scoreᵢ
//   formula        reward = what the recipe's formula makes of the scores
//
// Scores are in [0, 1] and weights are used as given, so a weighted sum lies between the sum of the negative weights and
// that of the positive ones; a length penalty takes off at most its factor. A scorer that is left out takes its term with
// it: nothing is given to the others, and the best reward that can be had is lower by its weight. A scorer that another
// stands in for (core/cascade.ts) has no term, a gate never has one, and a gate that closed makes the reward the floor.

import { replacements } from './cascade.ts';
import type { Completion } from './completion.ts';
import { evaluateFormula, type Formula } from './formula.ts';
import { type LengthPenalty, type Recipe, type ScorerUse, titleOf } from './recipe.ts';
import type { CompletionOutcome, Cost, Score, Unscorable, UnscorableCause } from './score.ts';
import type { Verdict } from './verifiers/verifier.ts';

/**
 * What one scorer found: a verdict, a score in [0, 1] of its own, no answer to look at, or a fault that says nothing. What
 * was paid for has its cost beside it, also where nothing came of it.
 */
export type Finding =
  | Exclude<Verdict, { readonly kind: 'score' }>
  | {
      readonly kind: 'score';
      readonly score: number;
      readonly reason?: string | undefined;
      readonly cost?: Cost | undefined;
    }
  | { readonly kind: 'undecided'; readonly reason: string; readonly cost?: Cost | undefined }
  | { readonly kind: 'no_answer' }
  | {
      readonly kind: 'fault';
      readonly cause: UnscorableCause;
      readonly detail: string;
      readonly cost?: Cost | undefined;
    };

export const NO_ANSWER: Finding = { kind: 'no_answer' };

/** One scorer's finding, with what it looked at. Scorers that were not asked have no report. */
export interface ScorerReport {
  readonly use: ScorerUse;
  readonly finding: Finding;
  readonly answer: string | undefined;
  readonly answerSource: string | undefined;
}

/**
 * The outcome of one completion. `undecided` findings are replaced by a later second opinion where there is one; without,
 * the recipe's rule decides. The same for completions without an answer and truncated ones.
 */
export function outcomeOf(
  recipe: Recipe,
  reports: readonly ScorerReport[],
  tokenCount: number | undefined,
): CompletionOutcome {
  const scores: Score[] = [];
  const replacedBy = replacements(reports);
  const isProduct = recipe.combine === 'product';
  let total = isProduct ? 1 : 0;
  let counted = 0;
  let isStopped = false;
  let missing: Unscorable | undefined;
  let required: Unscorable | undefined;
  for (let i = 0; i < reports.length; i += 1) {
    const report = reports[i];
    if (report === undefined) continue;
    const replacer = replacedBy?.[i];
    const score = scoreOf(recipe, report, replacer);
    scores.push(score);
    if (replacer !== undefined) continue;
    const { use } = report;
    if (score.kind === 'unscorable') {
      missing ??= score.unscorable;
      if (use.required) required ??= score.unscorable;
    } else if (use.gate === undefined) {
      const term = use.weight * score.score;
      total = isProduct ? total * term : total + term;
      counted += 1;
    } else if (score.score < use.gate) {
      isStopped = true;
    }
  }
  const unscorable = required ?? (counted === 0 && !isStopped ? missing : undefined);
  if (unscorable !== undefined) return { kind: 'unscorable', unscorable, scores };
  if (isStopped) return { kind: 'scored', reward: (recipe.floor ?? 0) + 0, scores };
  if (recipe.formula !== undefined) total = formulaTotal(recipe.formula, scores);
  if (Number.isNaN(total)) return { kind: 'unscorable', unscorable: NO_FORMULA_VALUE, scores };
  return withLengthPenalty(recipe.lengthPenalty, counted === 0 ? 0 : total, tokenCount, scores);
}

const NO_FORMULA_VALUE: Unscorable = {
  cause: 'formula_undefined',
  scorer: 'recipe',
  detail: 'the formula comes to no number',
};

/** NaN where the formula comes to no number. All scores that it names are there: its scorers are required. */
function formulaTotal(formula: Formula, scores: readonly Score[]): number {
  const values = new Map<string, number>();
  for (const score of scores) if (score.kind === 'scored') values.set(score.scorer, score.score);
  return evaluateFormula(formula, values) ?? Number.NaN;
}

/**
 * Whether this report ends the asking: a gate that closed, or a scorer that must say something and could not, so that the
 * completion is unscorable whatever others say. Of no scorer but a gate does an undecided finding end it: another may decide.
 */
export function endsAsking(recipe: Recipe, report: ScorerReport): boolean {
  const { use, finding } = report;
  const { gate, required } = use;
  if (gate === undefined) return required && isLost(recipe, finding);
  const score = scoreOf(recipe, report, undefined);
  return score.kind === 'scored' ? score.score < gate : required;
}

function isLost({ noAnswer }: Recipe, { kind }: Finding): boolean {
  return kind === 'fault' || kind === 'unusable' || (kind === 'no_answer' && noAnswer === 'unscorable');
}

/** The outcome of a truncated completion where the recipe does not score it like any other; undefined where it does. */
export function truncatedOutcome(recipe: Recipe, completion: Completion): CompletionOutcome | undefined {
  if (completion.finishReason !== 'length' || recipe.truncated === 'score') return undefined;
  const reason = 'truncated';
  if (recipe.truncated === 'unscorable') {
    const unscorable: Unscorable = {
      cause: 'truncated',
      scorer: 'recipe',
      detail: 'the completion is truncated',
    };
    return { kind: 'unscorable', unscorable, scores: [] };
  }
  const scores = recipe.scorers
    .filter((use) => use.when === 'always')
    .map((use): Score => ({ scorer: titleOf(use), kind: 'scored', score: 0, reason }));
  return withLengthPenalty(recipe.lengthPenalty, 0, completion.tokenCount, scores);
}

/**
 * DAPO's soft overlong punishment (arXiv 2503.14476, equation 13), times `factor`. With L_max = `maxTokens` and L_cache =
 * `bufferTokens`: 0 up to L_max − L_cache tokens; then linear, ((L_max − L_cache) − length) / L_cache; −1 beyond L_max.
 */
export function lengthPenaltyOf(penalty: LengthPenalty, tokenCount: number): number {
  const start = penalty.maxTokens - penalty.bufferTokens;
  if (tokenCount <= start) return 0;
  if (tokenCount > penalty.maxTokens) return -penalty.factor;
  return (penalty.factor * (start - tokenCount)) / penalty.bufferTokens;
}

function withLengthPenalty(
  penalty: LengthPenalty | undefined,
  combined: number,
  tokenCount: number | undefined,
  scores: readonly Score[],
): CompletionOutcome {
  // Adding 0 turns -0 into 0.
  if (penalty === undefined) return { kind: 'scored', reward: combined + 0, scores };
  if (tokenCount === undefined) {
    const detail = 'the length penalty needs the token count';
    const unscorable: Unscorable = { cause: 'length_unknown', scorer: 'length_penalty', detail };
    return { kind: 'unscorable', unscorable, scores };
  }
  return { kind: 'scored', reward: combined + lengthPenaltyOf(penalty, tokenCount) + 0, scores };
}

function scoreOf(recipe: Recipe, report: ScorerReport, replacer: string | undefined): Score {
  const score = scoreFound(recipe, report, replacer !== undefined);
  const { finding } = report;
  const cost = 'cost' in finding ? finding.cost : undefined;
  // Almost no score has either, and those that have none stay objects of one shape.
  if (cost === undefined && replacer === undefined) return score;
  return { ...score, ...(cost && { cost }), ...(replacer !== undefined && { replacedBy: replacer }) };
}

function scoreFound(recipe: Recipe, report: ScorerReport, isReplaced: boolean): Score {
  const { finding } = report;
  switch (finding.kind) {
    case 'correct':
      return scored(report, 1, finding.reason);
    case 'incorrect':
      return scored(report, 0, finding.reason);
    case 'score':
      if (!(finding.score >= 0 && finding.score <= 1)) {
        throw new RangeError(`Scorer "${report.use.name}" gave a score outside [0, 1]`);
      }
      return scored(report, finding.score, finding.reason);
    case 'undecided':
      return isReplaced || recipe.undecided === 'unscorable'
        ? unscored(report, 'undecided', finding.reason)
        : scored(report, 0, `undecided: ${finding.reason}`);
    case 'no_answer':
      return recipe.noAnswer === 'unscorable'
        ? unscored(report, 'no_answer', 'the completion has no answer')
        : scored(report, 0, 'no answer');
    case 'unusable':
      return unscored(report, 'ground_truth_unusable', finding.reason);
    case 'fault':
      return unscored(report, finding.cause, finding.detail);
    default:
      return finding satisfies never;
  }
}

function scored(report: ScorerReport, score: number, reason: string | undefined): Score {
  const { use, answer, answerSource } = report;
  return { scorer: titleOf(use), kind: 'scored', score, answer, answerSource, reason };
}

function unscored(report: ScorerReport, cause: UnscorableCause, detail: string): Score {
  const { use, answer, answerSource } = report;
  return {
    scorer: titleOf(use),
    kind: 'unscorable',
    unscorable: { cause, scorer: titleOf(use), detail },
    answer,
    answerSource,
  };
}
