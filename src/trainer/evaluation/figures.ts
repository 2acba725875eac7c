// What came of a walk over a split, as figures: pass@k with intervals over questions, of all of them and of each place. Pure.

import { meanInterval } from '../../core/mean-interval.ts';
import { passAtK } from '../../core/pass-rate.ts';
import type { Proportion } from '../../core/proportion.ts';
import { createRandom } from '../../core/random.ts';
import { mean } from '../../core/statistics.ts';
import type { AnsweredQuestion } from './answered-questions.ts';

export interface PassAt extends Proportion {
  readonly k: number;
  /** That had at least k completions with a reward; the others are left out. */
  readonly questions: number;
}

/** What kind of question it is, where that is known. */
export interface Place {
  /** Empty where rows name none. */
  readonly domain: string;
  readonly answerType: string;
}

export interface EvaluationFigures {
  readonly questions: number;
  readonly completions: number;
  readonly unscorable: number;
  readonly truncatedShare: number | undefined;
  /** Of completions that could be scored. */
  readonly meanReward: number | undefined;
  /** Mean tokens of a completion. */
  readonly completionTokens: number | undefined;
  /** In the order of the k that were asked for; a k that no question has completions for is missing. */
  readonly passAt: readonly PassAt[];
}

export interface PlaceFigures extends Place {
  readonly figures: EvaluationFigures;
}

export interface FigureOptions {
  readonly ks: readonly number[];
  /** Of the intervals. */
  readonly seed: number;
}

export function figuresOf(
  questions: readonly AnsweredQuestion[],
  { ks, seed }: FigureOptions,
): EvaluationFigures {
  const rewards = questions.flatMap((question) => question.rewards);
  const unscorable = sum(questions.map((question) => question.unscorable));
  const completions = rewards.length + unscorable;
  const tokens = questions.map((question) => question.tokens);
  return {
    questions: questions.length,
    completions,
    unscorable,
    truncatedShare:
      completions === 0 ? undefined : sum(questions.map(({ truncated }) => truncated)) / completions,
    meanReward: rewards.length === 0 ? undefined : mean(rewards),
    completionTokens:
      completions === 0 || tokens.includes(undefined)
        ? undefined
        : sum(tokens.map((count) => count ?? 0)) / completions,
    passAt: ks.flatMap((k) => {
      const values = questions.flatMap((question) => passAtK(question, k) ?? []);
      const interval = meanInterval(values, createRandom(seed));
      return interval === undefined ? [] : [{ k, questions: values.length, ...interval }];
    }),
  };
}

/** The same of the questions of each place, places with most questions first. Questions of no known place are in none. */
export function placeFigures(
  questions: readonly AnsweredQuestion[],
  placeOf: (question: AnsweredQuestion) => Place | undefined,
  options: FigureOptions,
): readonly PlaceFigures[] {
  const places = new Map<string, { readonly place: Place; readonly questions: AnsweredQuestion[] }>();
  for (const question of questions) {
    const place = placeOf(question);
    if (place === undefined) continue;
    const key = JSON.stringify([place.domain, place.answerType]);
    const known = places.get(key);
    if (known === undefined) places.set(key, { place, questions: [question] });
    else known.questions.push(question);
  }
  return [...places.values()]
    .toSorted((one, other) => other.questions.length - one.questions.length)
    .map(({ place, questions: own }) => ({
      domain: place.domain,
      answerType: place.answerType,
      figures: figuresOf(own, options),
    }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
