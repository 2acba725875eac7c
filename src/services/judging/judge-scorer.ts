// A judge as a scorer of recipes. What it could not tell stays untold: votes that disagree are undecided, a failure is a
// fault with its cause, and neither becomes a number.

import { invalidArgument } from '../../core/errors.ts';
import { isDecisive } from '../../core/judge-votes.ts';
import type { Finding } from '../../core/reward.ts';
import type { Scorer } from '../scorer.ts';
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
    parseOptions: (options) => {
      const [unknown] = Object.keys(options);
      if (unknown === undefined) return {};
      throw invalidArgument(unknown, `The judge "${judge.name}" takes no options in a recipe`);
    },
    score: async ({ answer, groundTruth, promptText }) => {
      if (usesGroundTruth && groundTruth.answer.trim() === '') {
        return { kind: 'unusable', reason: 'the ground truth is empty' };
      }
      const question = {
        question: promptText,
        groundTruth: usesGroundTruth ? groundTruth.answer : '',
        aliases: usesGroundTruth ? groundTruth.aliases : [],
        answer,
      };
      return judgeFinding(await judge.judge(question, signal), agreement);
    },
  };
}

/** What a judge's outcome says about a completion. */
export function judgeFinding(outcome: JudgeOutcome, agreementMin: number): Finding {
  switch (outcome.kind) {
    case 'refused':
      return { kind: 'score', score: 0, reason: outcome.reason };
    case 'fault':
      return { kind: 'fault', cause: outcome.cause, detail: outcome.detail };
    case 'verdict': {
      const { score, label, agreement } = outcome.verdict;
      const share = `${Math.round(agreement * 100)} % of the votes`;
      if (!isDecisive(agreement, agreementMin))
        return { kind: 'undecided', reason: `only ${share} say "${label}"` };
      return { kind: 'score', score, reason: `the judge says "${label}"` };
    }
  }
}
