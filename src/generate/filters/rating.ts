// Rates pairs by a language model on levels 1 to 6, and drops those below a limit. Two stages do this, each with a prompt that
// says what its levels mean: how good a pair is, and how much thought its question asks for.

import { z } from 'zod';

import { mean } from '../../core/statistics.ts';
import { costSum } from '../costs.ts';
import { dropped, kept, noted, type Outcome, stageKind, type StageKind, type StageTools } from '../stage.ts';
import { asPair, type PairItem } from '../item.ts';

const LEVELS = { from: 1, to: 6 };

interface Options {
  readonly min: number;
  readonly samples: number;
}

interface RatingKind {
  /** Of the stage, its prompt's folder and the note that it leaves. */
  readonly name: string;
  readonly summary: string;
  /** Of the drops. */
  readonly reason: string;
  readonly min: number;
}

export const quality = ratingStage({
  name: 'quality',
  summary: 'Rates each pair from 1 to 6 by a rubric, and drops those below `min`.',
  reason: 'low_quality',
  min: 4,
});

export const complexity = ratingStage({
  name: 'complexity',
  summary: 'Rates from 1 to 6 how much thought each question asks for.',
  reason: 'low_complexity',
  min: 1,
});

function ratingStage({ name, summary, reason, min }: RatingKind): StageKind {
  return stageKind<Options>({
    name,
    summary,
    takes: 'pair',
    gives: 'pair',
    model: 'teacher',
    options: () =>
      z.strictObject({
        min: z.number().min(LEVELS.from).max(LEVELS.to).default(min),
        samples: z.int().min(1).max(99).default(1),
      }),
    build: (options) => ({
      kind: 'each',
      apply: (item, tools) => rate(asPair(item), tools, { name, reason, options }),
    }),
    estimate: ({ samples }) => ({
      calls: samples,
      promptTokens: 450,
      showsPassage: true,
      completionTokens: 80,
      yield: min > LEVELS.from ? 0.8 : 1,
    }),
  });
}

const replyShape = () =>
  z.strictObject({ reasoning: z.string(), level: z.int().min(LEVELS.from).max(LEVELS.to) });

async function rate(
  item: PairItem,
  tools: StageTools,
  { name, reason, options }: { readonly name: string; readonly reason: string; readonly options: Options },
): Promise<Outcome> {
  const { draft, passage } = item;
  const values = { question: draft.question, answer: draft.answer, passage: passage?.text ?? '' };
  const reply = replyShape();
  const answers = await Promise.all(
    Array.from({ length: options.samples }, (_, sample) =>
      tools.ask({ prompt: `${name}/pair`, values, reply, sample }),
    ),
  );
  const read = answers.flatMap((answer) => (answer.kind === 'answer' ? [answer.value] : []));
  const [first] = read;
  if (first === undefined) {
    const [unreadable] = answers;
    return dropped('unreadable_reply', unreadable?.kind === 'unreadable' ? unreadable.detail : '');
  }
  const level = mean(read.map((value) => value.level));
  if (level < options.min)
    return dropped(reason, `"${draft.question}" is level ${level}: ${first.reasoning}`);
  const costUsd = costSum(item.costUsd, ...answers.map((answer) => answer.costUsd));
  return kept({ ...item, notes: noted(item.notes, name, level), costUsd });
}
