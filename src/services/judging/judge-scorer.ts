// A judge as a scorer of recipes. What it could not tell stays untold: votes that disagree are undecided, a failure is a
// fault with its cause, and neither becomes a number.

import { invalidArgument } from '../../core/errors.ts';
import { isDecisive } from '../../core/judge-votes.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Finding } from '../../core/reward.ts';
import type { Cost } from '../../core/score.ts';
import type { Scorer } from '../scoring/scorer.ts';
import type { Judge, JudgeOutcome } from './judge.ts';

export interface JudgeScorerOptions {
  readonly judge: Judge;
  /** Of its template: a judge that compares with nothing reads the whole completion. */
  readonly usesGroundTruth: boolean;
  /** Least share of votes that decides, above one half in any case. */
  readonly agreement: number;
  /** Aborted when the server goes down. */
  readonly signal: AbortSignal;
}

export function judgeScorer({ judge, usesGroundTruth, agreement, signal }: JudgeScorerOptions): Scorer {
  return {
    name: judge.name,
    reads: usesGroundTruth ? 'answer' : 'completion',
    fallback: 'line',
    parseOptions: (options) => checkedOptions(judge, options),
    score: async ({ answer, groundTruth, promptText }, timeLimit) => {
      if (usesGroundTruth && groundTruth.answer.trim() === '') {
        return { kind: 'unusable', reason: 'the ground truth is empty' };
      }
      const question = {
        question: promptText,
        groundTruth: usesGroundTruth ? groundTruth.answer : '',
        aliases: usesGroundTruth ? groundTruth.aliases : [],
        answer,
      };
      const until = timeLimit === undefined ? signal : AbortSignal.any([signal, timeLimit]);
      return judgeFinding(await judge.judge(question, until), agreement);
    },
  };
}

/** A recipe may say which template it means, so that it is refused where the judge has another one. */
function checkedOptions(judge: Judge, options: JsonObject): JsonObject {
  const stranger = Object.keys(options).find((key) => key !== 'template');
  if (stranger !== undefined) {
    throw invalidArgument(stranger, `The judge "${judge.name}" takes no option but "template" in a recipe`);
  }
  checkTemplate(judge, options['template']);
  return options;
}

/** @param template what a recipe says, if anything */
export function checkTemplate(judge: Judge, template: unknown): void {
  const [own] = judge.template.split('@');
  if (template === undefined || template === own) return;
  throw invalidArgument(
    'template',
    `The judge "${judge.name}" has the template "${own}": another one needs a judge of its own`,
  );
}

/** What a judge's outcome says about a completion. */
export function judgeFinding(outcome: JudgeOutcome, agreementMin: number): Finding {
  switch (outcome.kind) {
    case 'refused':
      return { kind: 'score', score: 0, reason: outcome.reason };
    case 'fault':
      return { kind: 'fault', cause: outcome.cause, detail: outcome.detail, cost: costOf(outcome) };
    case 'verdict': {
      const { score, label, agreement } = outcome.verdict;
      const share = `${Math.round(agreement * 100)} % of the votes`;
      const cost = costOf(outcome);
      if (!isDecisive(agreement, agreementMin))
        return { kind: 'undecided', reason: `only ${share} say "${label}"`, cost };
      return { kind: 'score', score, reason: `the judge says "${label}"`, cost };
    }
  }
}

/** What an asking cost. A verdict that was remembered was paid for by whoever asked first. */
export function costOf(outcome: Exclude<JudgeOutcome, { kind: 'refused' }>): Cost {
  if (outcome.kind === 'fault') {
    const { costUsd: usd, promptTokens, completionTokens } = outcome;
    return { usd, isCached: false, promptTokens, completionTokens };
  }
  if (outcome.isRemembered === true) return { usd: 0, isCached: true, promptTokens: 0, completionTokens: 0 };
  const { costUsd: usd, promptTokens, completionTokens } = outcome.verdict;
  return { usd, isCached: false, promptTokens, completionTokens };
}
