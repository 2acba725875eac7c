// The base that all arms begin from: a policy that knows the form of questions and of texts, and has something right at times, as a
// pretrained model has. It has read the documents of the warm-up alone, of which no arm reads any.

import { createRandom, hash32, type Random } from '../../core/random.ts';
import type { Policy, TokenSequence } from '../policy.ts';
import { type BaseRecord, type Exam, type ExperimentPlan, streamWords } from './plan.ts';
import { type Grading, gradeQuestions, questionTokens } from './grading.ts';
import { textSequence } from './texts.ts';

/** Updates between two measurements of the sampled accuracy. */
const MEASURE_EVERY = 10;
const GRADIENT_NORM_MAX = 1;

export type WarmUpSettings = Pick<
  ExperimentPlan,
  'warmUpTarget' | 'warmUpStepsMax' | 'warmUpRows' | 'warmUpTexts' | 'warmUpLearningRate' | 'refreshSteps'
>;

/** Trains a new policy until it is the base; a tenth of the rows is kept for measuring when that is. */
export async function makeBase(
  seed: number,
  warmUp: Exam,
  plan: WarmUpSettings,
  grading: Grading,
): Promise<BaseRecord> {
  const { policy } = grading;
  const { shown, measured } = parted(warmUp);
  const random = createRandom(hash32(...streamWords(seed, 'base')));
  let accuracy = 0;
  let updates = 0;
  while (accuracy < plan.warmUpTarget && updates < plan.warmUpStepsMax) {
    const examples = [
      ...questionsFrom(shown, plan.warmUpRows, policy, random),
      ...picked(warmUp.records, plan.warmUpTexts, random).map((each) => textSequence(each, policy.tokenizer)),
    ];
    await policy.supervise(examples, optimiserOf(plan));
    updates += 1;
    if (updates % MEASURE_EVERY !== 0) continue;
    const drawing = createRandom(hash32(...streamWords(seed, 'baseAccuracy', updates)));
    accuracy = await gradeQuestions(measured, grading, { temperature: 1, random: drawing });
  }
  return { updates, accuracy };
}

/** The warm-up again, questions alone: the same ones whenever it is called, so that nothing but the policy differs. */
export async function refresh(
  seed: number,
  warmUp: Exam,
  plan: WarmUpSettings,
  policy: Policy,
): Promise<void> {
  const { shown } = parted(warmUp);
  const random = createRandom(hash32(...streamWords(seed, 'refresh')));
  for (let step = 0; step < plan.refreshSteps; step += 1) {
    await policy.supervise(questionsFrom(shown, plan.warmUpRows, policy, random), optimiserOf(plan));
  }
}

function optimiserOf({ warmUpLearningRate }: WarmUpSettings): Parameters<Policy['supervise']>[1] {
  return { learningRate: warmUpLearningRate, gradientNormMax: GRADIENT_NORM_MAX };
}

function parted({ rows }: Exam): { readonly shown: Exam['rows']; readonly measured: Exam['rows'] } {
  const count = Math.max(1, Math.round(rows.length / 10));
  return { shown: rows.slice(count), measured: rows.slice(0, count) };
}

function questionsFrom(
  rows: Exam['rows'],
  count: number,
  { tokenizer }: Policy,
  random: Random,
): readonly TokenSequence[] {
  return picked(rows, count, random).map((row) => ({
    prompt: questionTokens(row, tokenizer),
    completion: [...tokenizer.encode(row.groundTruth.answer), tokenizer.end],
  }));
}

/** Drawn with putting back. */
function picked<Item>(items: readonly Item[], count: number, random: Random): readonly Item[] {
  return Array.from({ length: count }, () => items[random.below(items.length)]).filter(
    (item) => item !== undefined,
  );
}
