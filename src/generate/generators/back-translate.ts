// Instruction back-translation (Humpback, arXiv 2308.06259): a passage is taken for an answer, and a model writes the question that it answers.
// Then it curates itself: only pairs that it rates highly stay. For rewards the answer must be short, so it is the part of the passage that
// settles the question, looked up in it.

import { z } from 'zod';

import { collapseSpace } from '../../core/normalize.ts';
import { costSum } from '../costs.ts';
import { asPassage, childKey, type PairItem, type PassageItem } from '../item.ts';
import { dropped, kept, noted, stageKind, type Outcome, type StageTools } from '../stage.ts';
import { passageValues } from '../stages/passage-values.ts';
import { evidenceIn } from './evidence.ts';

const LEVELS = { from: 1, to: 5 };

const backTranslateOptions = () =>
  z.strictObject({
    /** Least level, from 1 to 5, for a pair to stay. Humpback's best sets keep 5 alone. */
    min_level: z.int().min(LEVELS.from).max(LEVELS.to).default(5),
    temperature: z.number().min(0).max(2).default(0.7),
  });
type BackTranslateOptions = z.output<ReturnType<typeof backTranslateOptions>>;

const replies = () => ({
  question: z.strictObject({
    is_answer: z.boolean(),
    question: z.string(),
    answer: z.string(),
    evidence: z.string(),
  }),
  rating: z.strictObject({ reasoning: z.string(), level: z.int().min(LEVELS.from).max(LEVELS.to) }),
});

export const backTranslate = stageKind({
  name: 'back_translate',
  summary: 'Writes the question that a passage answers, and keeps what it rates highly itself (Humpback).',
  takes: 'passage',
  gives: 'pair',
  model: 'teacher',
  options: backTranslateOptions,
  estimate: () => ({ calls: 1.9, promptTokens: 450, showsPassage: true, completionTokens: 120, yield: 0.4 }),
  build: (options: BackTranslateOptions) => {
    const forms = replies();
    return {
      kind: 'each',
      apply: async (item, tools) => translate(asPassage(item), { options, tools, forms }),
    };
  },
});

interface Translating {
  readonly options: BackTranslateOptions;
  readonly tools: StageTools;
  readonly forms: ReturnType<typeof replies>;
}

async function translate(item: PassageItem, by: Translating): Promise<Outcome> {
  const { passage } = item;
  const answer = await by.tools.ask({
    prompt: 'back_translate/question',
    values: passageValues(passage),
    reply: by.forms.question,
    temperature: by.options.temperature,
  });
  if (answer.kind === 'unreadable') return dropped('unreadable_reply', answer.detail);
  const { is_answer: isAnswer, question, answer: short, evidence: quote } = answer.value;
  if (!isAnswer) return dropped('answers_nothing', passage.text.slice(0, 200));
  if (question.trim() === '' || short.trim() === '')
    return dropped('empty_pair', `"${question}" — "${short}"`);
  const evidence = evidenceIn(passage, quote);
  if (evidence === undefined) return dropped('evidence_not_found', `${question} — "${quote}"`);
  return curate(
    {
      kind: 'pair',
      key: childKey(item.key, 0),
      draft: {
        question: question.trim(),
        answer: collapseSpace(short),
        aliases: [],
        domain: item.domain,
        evidence,
        generator: 'back_translate',
        written: answer.written,
      },
      passage,
      costUsd: answer.costUsd,
      notes: item.notes,
    },
    by,
  );
}

async function curate(item: PairItem, { options, tools, forms }: Translating): Promise<Outcome> {
  const { draft, passage } = item;
  if (options.min_level === LEVELS.from) return kept(item);
  const rating = await tools.ask({
    prompt: 'back_translate/rating',
    values: { question: draft.question, answer: draft.answer, passage: passage?.text ?? '' },
    reply: forms.rating,
    temperature: 0,
  });
  if (rating.kind === 'unreadable') return dropped('unreadable_reply', rating.detail);
  const { level, reasoning } = rating.value;
  if (level < options.min_level)
    return dropped('low_level', `level ${level}: ${reasoning}: ${draft.question}`);
  return kept({
    ...item,
    costUsd: costSum(item.costUsd, rating.costUsd),
    notes: noted(item.notes, 'back_translate', level),
  });
}
