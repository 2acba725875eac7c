// Asks the policy: once, to learn which questions it can solve, or many times, to learn how often. Completions are judged by the
// verifier that the finished pair will be scored by.

import { z } from 'zod';

import { passRate as shareOfPasses, wilsonInterval } from '../../core/pass-rate.ts';
import { answerIn, compareAnswer } from '../draft-answers.ts';
import { costSum } from '../costs.ts';
import type { PairItem } from '../item.ts';
import { dropped, kept, noted, stageKind, type Outcome, type StageTools } from '../stage.ts';
import { taskValuesOf } from './task-values.ts';

/** 95 % of a normal distribution lie within so many deviations. */
const Z_95 = 1.96;

const passRateOptions = () =>
  z.strictObject({
    /** Completions of each question: L of the paper. */
    samples: z.int().min(1).max(1_024).default(64),
    temperature: z.number().min(0).max(2).default(0.7),
    max_tokens: z.int().min(1).default(1_500),
  });
type PassRateOptions = z.output<ReturnType<typeof passRateOptions>>;

export const passRate = stageKind({
  name: 'pass_rate',
  summary: 'The policy answers each question many times; the share of right answers is its pass rate.',
  takes: 'pair',
  gives: 'pair',
  model: 'policy',
  options: passRateOptions,
  estimate: ({ samples }: PassRateOptions) => ({
    calls: samples,
    promptTokens: 300,
    showsPassage: false,
    completionTokens: 300,
    yield: 1,
  }),
  build: (options: PassRateOptions) => ({
    kind: 'each',
    apply: (item, tools) =>
      item.kind === 'pair' ? measure(item, tools, options) : Promise.resolve(kept(item)),
  }),
});

async function measure(item: PairItem, tools: StageTools, options: PassRateOptions): Promise<Outcome> {
  const solved = await solveTimes(item, tools, {
    samples: options.samples,
    temperature: options.temperature,
    maxTokens: options.max_tokens,
  });
  const observed = { passes: solved.passes, trials: options.samples };
  const rate = shareOfPasses(observed);
  if (rate === undefined) return dropped('unreadable_reply', 'the policy gave no completion');
  const { low, high } = wilsonInterval(observed, Z_95);
  return kept({
    ...item,
    draft: { ...item.draft, passRate: rate },
    notes: noted(item.notes, 'pass_rate', { ...observed, low, high }),
    costUsd: costSum(item.costUsd, solved.costUsd),
  });
}

/** How a model is asked to solve a question. */
export interface SolveRule {
  readonly samples: number;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly model?: string;
}

/** How many of the policy's completions are right. A completion that cannot be had, or without an answer, is not. */
export async function solveTimes(
  item: PairItem,
  tools: StageTools,
  rule: SolveRule,
): Promise<{ readonly passes: number; readonly costUsd: number | null }> {
  const { draft } = item;
  const { completions, costUsd } = await solveQuestion(item, tools, rule);
  const passes = completions.filter((completion) => {
    const given = completion === undefined ? undefined : answerIn(draft, completion);
    return given !== undefined && compareAnswer(draft, given).kind === 'correct';
  });
  return { passes: passes.length, costUsd };
}

/** Completions of a question; undefined for one that cannot be had. */
export async function solveQuestion(
  { draft }: PairItem,
  tools: StageTools,
  rule: SolveRule,
): Promise<{ readonly completions: readonly (string | undefined)[]; readonly costUsd: number | null }> {
  const values = { ...taskValuesOf(tools), question: draft.question, choices: draft.choices ?? [] };
  const answers = await Promise.all(
    Array.from({ length: rule.samples }, (_, sample) =>
      tools.ask<string>({
        prompt: 'solve/question',
        values,
        reply: 'text',
        sample,
        temperature: rule.temperature,
        maxTokens: rule.maxTokens,
        model: rule.model,
      }),
    ),
  );
  return {
    completions: answers.map((answer) => (answer.kind === 'answer' ? answer.value : undefined)),
    costUsd: costSum(...answers.map(({ costUsd }) => costUsd)),
  };
}
