// The extraction of MAmmoTH2 (arXiv 2405.03548): questions that stand in a page with their answers, from exercises, forums and quizzes. Nothing is
// invented here: the beginning of the question and the words of the answer are looked up in the page.

import { z } from 'zod';

import { collapseSpace } from '../../core/normalize.ts';
import { costShare } from '../costs.ts';
import { asPassage, childKey, type Drop, type PairItem, type PassageItem } from '../item.ts';
import { dropped, noted, stageKind, type Answer, type Outcome, type StageTools } from '../stage.ts';
import { passageValues } from '../stages/passage-values.ts';
import { evidenceIn } from './evidence.ts';

const extractPairsOptions = () =>
  z.strictObject({
    /** Pairs of one passage at most. */
    pairs_max: z.int().min(1).max(100).default(10),
    /** What becomes of a pair whose words are not found in the passage: dropped, or kept and noted. */
    lost_evidence: z.enum(['drop', 'note']).default('drop'),
  });
type ExtractPairsOptions = z.output<ReturnType<typeof extractPairsOptions>>;

const extractedReply = () =>
  z.strictObject({
    pairs: z.array(
      z.strictObject({
        question_start: z.string(),
        question: z.string(),
        answer: z.string(),
        evidence: z.string(),
      }),
    ),
  });
type Extracted = z.output<ReturnType<typeof extractedReply>>;
type ExtractedPair = Extracted['pairs'][number];

export const extractPairs = stageKind({
  name: 'extract_pairs',
  summary:
    'Takes questions with answers out of pages that have some, such as exercises and quizzes (MAmmoTH2).',
  takes: 'passage',
  gives: 'pair',
  model: 'teacher',
  options: extractPairsOptions,
  // Most pages have none.
  estimate: () => ({ calls: 1, promptTokens: 400, showsPassage: true, completionTokens: 250, yield: 1 }),
  build: (options: ExtractPairsOptions) => {
    const reply = extractedReply();
    return {
      kind: 'each',
      apply: async (item, tools) => extract(asPassage(item), { options, tools, reply }),
    };
  },
});

async function extract(
  item: PassageItem,
  by: {
    readonly options: ExtractPairsOptions;
    readonly tools: StageTools;
    readonly reply: z.ZodType<Extracted>;
  },
): Promise<Outcome> {
  const answer = await by.tools.ask({
    prompt: 'extract_pairs/passage',
    values: { ...passageValues(item.passage), count: by.options.pairs_max },
    reply: by.reply,
    temperature: 0,
  });
  if (answer.kind === 'unreadable') return dropped('unreadable_reply', answer.detail);
  const { pairs } = answer.value;
  if (pairs.length === 0) return dropped('no_natural_pairs', item.passage.text.slice(0, 200));
  const kept: PairItem[] = [];
  const drops: Drop[] = [];
  for (const [index, pair] of pairs.entries()) {
    const flaw = flawOf(pair, item, by.options);
    if (flaw !== undefined) drops.push({ reason: flaw, detail: `${pair.question} — ${pair.answer}` });
    else if (kept.length >= by.options.pairs_max) {
      drops.push({ reason: 'more_than_asked', detail: pair.question });
    } else
      kept.push(pairItem(pair, { item, index, answer, costUsd: costShare(answer.costUsd, pairs.length) }));
  }
  return { kept, drops };
}

function flawOf(
  pair: ExtractedPair,
  { passage }: PassageItem,
  options: ExtractPairsOptions,
): string | undefined {
  if (pair.question.trim() === '') return 'empty_question';
  if (pair.answer.trim() === '') return 'empty_answer';
  if (options.lost_evidence === 'note') return undefined;
  if (evidenceIn(passage, pair.question_start) === undefined) return 'question_not_found';
  return evidenceIn(passage, pair.evidence) === undefined ? 'evidence_not_found' : undefined;
}

function pairItem(
  pair: ExtractedPair,
  of: {
    readonly item: PassageItem;
    readonly index: number;
    readonly answer: Extract<Answer<Extracted>, { readonly kind: 'answer' }>;
    readonly costUsd: number | null;
  },
): PairItem {
  const { item, index, answer, costUsd } = of;
  const evidence = evidenceIn(item.passage, pair.evidence);
  const isNatural = evidence !== undefined && evidenceIn(item.passage, pair.question_start) !== undefined;
  return {
    kind: 'pair',
    key: childKey(item.key, index),
    draft: {
      question: pair.question.trim(),
      answer: collapseSpace(pair.answer),
      aliases: [],
      domain: item.domain,
      evidence,
      generator: 'extract_pairs',
      written: answer.written,
    },
    passage: item.passage,
    costUsd,
    notes: isNatural ? item.notes : noted(item.notes, 'extract_pairs', 'not_found_in_passage'),
  };
}
