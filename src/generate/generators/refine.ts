// The refinement of MAmmoTH2 (arXiv 2405.03548): what was taken out of a page is put in order, so that it can be understood alone. An answer is
// corrected only by a model that says it is sure, and a changed answer that is not called a correction is not believed.

import { z } from 'zod';

import { collapseSpace } from '../../core/normalize.ts';
import { costSum } from '../costs.ts';
import { compareAnswer } from '../draft-answers.ts';
import { asPair, type Draft, type PairItem } from '../item.ts';
import { dropped, kept, noted, stageKind, type Outcome, type StageTools } from '../stage.ts';
import { passageValues } from '../stages/passage-values.ts';

const refineOptions = () =>
  z.strictObject({
    /** A pair whose answer the model can neither confirm nor correct. */
    unsure: z.enum(['drop', 'keep']).default('drop'),
    /** A pair whose answer the model corrects. */
    corrected: z.enum(['keep', 'drop']).default('keep'),
  });
type RefineOptions = z.output<ReturnType<typeof refineOptions>>;

const refinedReply = () =>
  z.strictObject({
    reasoning: z.string(),
    question: z.string(),
    answer: z.string(),
    answer_is: z.enum(['right', 'corrected', 'unsure']),
  });
type Refined = z.output<ReturnType<typeof refinedReply>>;

export const refine = stageKind({
  name: 'refine',
  summary:
    'Adds the context that a question lacks, and corrects an answer only where the model is sure (MAmmoTH2).',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  options: refineOptions,
  estimate: () => ({ calls: 1, promptTokens: 450, showsPassage: true, completionTokens: 250, yield: 0.8 }),
  build: (options: RefineOptions) => {
    const reply = refinedReply();
    return { kind: 'each', apply: async (item, tools) => improve(asPair(item), { options, tools, reply }) };
  },
});

async function improve(
  item: PairItem,
  by: { readonly options: RefineOptions; readonly tools: StageTools; readonly reply: z.ZodType<Refined> },
): Promise<Outcome> {
  const { draft, passage } = item;
  if (draft.answer === '') return dropped('no_answer', draft.question);
  const answer = await by.tools.ask({
    prompt: 'refine/pair',
    values: {
      ...(passage === undefined ? { passage: '', titles: [] } : passageValues(passage)),
      question: draft.question,
      answer: draft.answer,
    },
    reply: by.reply,
    temperature: 0,
  });
  if (answer.kind === 'unreadable') return dropped('unreadable_reply', answer.detail);
  const question = answer.value.question.trim();
  if (question === '') return dropped('empty_question', `nothing is left of: ${draft.question}`);
  const settled = settle(draft, answer.value, by.options);
  if ('reason' in settled) return { kept: [], drops: [settled] };
  const isReworded = question !== draft.question;
  const note = {
    answer: answer.value.answer_is,
    ...(isReworded && { question_before: draft.question }),
    ...(settled.answer !== draft.answer && { answer_before: draft.answer }),
  };
  return kept({
    ...item,
    draft: { ...draft, ...settled, question, written: answer.written },
    costUsd: costSum(item.costUsd, answer.costUsd),
    notes: noted(item.notes, 'refine', note),
  });
}

/** The answer that stays, or why none does. */
function settle(
  draft: Draft,
  { answer, answer_is: verdict, reasoning }: Refined,
  options: RefineOptions,
):
  | Pick<Draft, 'answer' | 'aliases' | 'evidence' | 'answerType'>
  | { readonly reason: string; readonly detail: string } {
  const { aliases, evidence, answerType } = draft;
  const unchanged = { answer: draft.answer, aliases, evidence, answerType };
  const told = `"${draft.answer}", then "${answer.trim()}": ${reasoning}`;
  if (verdict === 'unsure') {
    return options.unsure === 'keep' ? unchanged : { reason: 'unsure_answer', detail: told };
  }
  const isSame = compareAnswer(draft, collapseSpace(answer)).kind === 'correct';
  if (verdict === 'right') return isSame ? unchanged : { reason: 'answer_changed', detail: told };
  if (isSame) return unchanged;
  if (answer.trim() === '') return { reason: 'empty_answer', detail: told };
  if (options.corrected === 'drop') return { reason: 'corrected_answer', detail: told };
  // The page proves the old answer, not this one.
  return { answer: collapseSpace(answer), aliases: [], evidence: undefined, answerType: undefined };
}
