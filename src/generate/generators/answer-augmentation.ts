// The answer augmentation of MetaMath (arXiv 2309.12284): new solutions of the same question. Reinforcement learning has no use for a prompt
// that stands in a dataset several times, so the solutions are votes on the label here, and the shortest right ones are kept as notes.

import { z } from 'zod';

import { answerIn, compareAnswer } from '../draft-answers.ts';
import { costSum } from '../costs.ts';
import { asPair, type PairItem } from '../item.ts';
import { dropped, kept, noted, stageKind, type Outcome, type StageTools } from '../stage.ts';
import { solveQuestion } from '../synthetic/solve.ts';

const answerAugmentationOptions = () =>
  z.strictObject({
    samples: z.int().min(1).max(256).default(4),
    temperature: z.number().min(0).max(2).default(0.7),
    max_tokens: z.int().min(1).default(2_000),
    /** Least share of the solutions that must end in the pair's answer; 0 drops none. */
    agreement: z.number().min(0).max(1).default(0.5),
    /** Right solutions that are kept in the notes, for a warm-up on solutions. */
    solutions: z.int().min(0).max(64).default(1),
  });
type AnswerAugmentationOptions = z.output<ReturnType<typeof answerAugmentationOptions>>;

export const answerAugmentation = stageKind({
  name: 'answer_augmentation',
  summary:
    'Solves each question anew; drops labels that too few solutions reach, notes right ones (MetaMath).',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  options: answerAugmentationOptions,
  estimate: ({ samples }: AnswerAugmentationOptions) => ({
    calls: samples,
    promptTokens: 200,
    showsPassage: false,
    completionTokens: 350,
    yield: 0.9,
  }),
  build: (options: AnswerAugmentationOptions) => ({
    kind: 'each',
    apply: async (item, tools) => augment(asPair(item), options, tools),
  }),
});

async function augment(
  item: PairItem,
  options: AnswerAugmentationOptions,
  tools: StageTools,
): Promise<Outcome> {
  const { draft } = item;
  if (draft.answer === '') return dropped('no_answer', `nothing to compare by: ${draft.question}`);
  const { completions, costUsd } = await solveQuestion(item, tools, {
    samples: options.samples,
    temperature: options.temperature,
    maxTokens: options.max_tokens,
  });
  const right = completions.filter((completion) => {
    const answer = completion === undefined ? undefined : answerIn(draft, completion);
    return answer !== undefined && compareAnswer(draft, answer).kind === 'correct';
  });
  const agreement = right.length / options.samples;
  if (agreement < options.agreement) {
    const detail = `${right.length} of ${options.samples} solutions end in ${draft.answer}: ${draft.question}`;
    return dropped('labels_disagree', detail);
  }
  const solutions = [...new Set(right.filter((text) => text !== undefined))]
    .toSorted((one, other) => one.length - other.length)
    .slice(0, options.solutions);
  return kept({
    ...item,
    costUsd: costSum(item.costUsd, costUsd),
    notes: noted(item.notes, 'answer_augmentation', {
      matches: right.length,
      samples: options.samples,
      solutions,
    }),
  });
}
