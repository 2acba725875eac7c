// From what the scorers found to the reward of one completion, under the recipe's rules. A fault never becomes a number:
// what could not be scored is unscorable, or is left out where the recipe calls its scorer not required.
//
//   weighted_sum   reward = Σ weightᵢ · scoreᵢ
//   product        reward = Π weightᵢ · scoreᵢ
//
// Scores are in [0, 1] and weights are used as given, so a weighted sum lies between the sum of the negative weights and
// that of the positive ones; a length penalty takes off at most its factor. A scorer that is left out takes its term with
// it: nothing is given to the others, and the best reward that can be had is lower by its weight.

import type { Completion } from './completion.ts';
import type { LengthPenalty, Recipe, ScorerUse } from './recipe.ts';
import type { CompletionOutcome, Score, Unscorable, UnscorableCause } from './score.ts';
import type { Verdict } from './verifiers/verifier.ts';

/** What one scorer found: a verdict, a score in [0, 1] of its own, no answer to look at, or a fault that says nothing. */
export type Finding =
  | Verdict
  | { readonly kind: 'score'; readonly score: number; readonly reason?: string | undefined }
  | { readonly kind: 'no_answer' }
  | { readonly kind: 'fault'; readonly cause: UnscorableCause; readonly detail: string };

export const NO_ANSWER: Finding = { kind: 'no_answer' };

/** One scorer's finding, with what it looked at. Scorers that were not asked have no report. */
export interface ScorerReport {
  readonly use: ScorerUse;
  readonly finding: Finding;
  readonly answer: string | undefined;
  readonly answerSource: string | undefined;
}

/** Whether a scorer that waits for an undecided one (`when: undecided`) is to be asked after these reports. */
export function isStillUndecided(reports: readonly ScorerReport[]): boolean {
  for (let i = reports.length - 1; i >= 0; i -= 1) {
    const report = reports[i];
    if (report === undefined) continue;
    if (report.finding.kind === 'undecided') return true;
    // A second opinion that was given speaks for all that were undecided before it.
    if (report.use.when === 'undecided' && isDecided(report.finding)) return false;
  }
  return false;
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
  const isProduct = recipe.combine === 'product';
  let total = isProduct ? 1 : 0;
  let counted = 0;
  let missing: Unscorable | undefined;
  let required: Unscorable | undefined;
  for (let i = 0; i < reports.length; i += 1) {
    const report = reports[i];
    if (report === undefined) continue;
    const isReplaced = report.finding.kind === 'undecided' && !isLastWord(reports, i);
    const score = scoreOf(recipe, report, isReplaced);
    scores.push(score);
    if (score.kind === 'scored') {
      const term = report.use.weight * score.score;
      total = isProduct ? total * term : total + term;
      counted += 1;
    } else if (!isReplaced) {
      missing ??= score.unscorable;
      if (report.use.required) required ??= score.unscorable;
    }
  }
  const stopped = required ?? (counted === 0 ? missing : undefined);
  if (stopped !== undefined) return { kind: 'unscorable', unscorable: stopped, scores };
  return withLengthPenalty(recipe.lengthPenalty, counted === 0 ? 0 : total, tokenCount, scores);
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
    .map((use): Score => ({ scorer: use.name, kind: 'scored', score: 0, reason }));
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

function isDecided(finding: Finding): boolean {
  return finding.kind === 'correct' || finding.kind === 'incorrect' || finding.kind === 'score';
}

function isLastWord(reports: readonly ScorerReport[], at: number): boolean {
  for (let i = at + 1; i < reports.length; i += 1) {
    const later = reports[i];
    if (later !== undefined && later.use.when === 'undecided' && isDecided(later.finding)) return false;
  }
  return true;
}

function scoreOf(recipe: Recipe, report: ScorerReport, isReplaced: boolean): Score {
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
  return { scorer: use.name, kind: 'scored', score, answer, answerSource, reason };
}

function unscored(report: ScorerReport, cause: UnscorableCause, detail: string): Score {
  const { use, answer, answerSource } = report;
  return {
    scorer: use.name,
    kind: 'unscorable',
    unscorable: { cause, scorer: use.name, detail },
    answer,
    answerSource,
  };
}
