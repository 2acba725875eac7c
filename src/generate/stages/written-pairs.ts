// What a generator wrote, as pairs: who each is for, what proves it, and whether it says anything that another did not. What
// cannot be used is dropped with its reason; the reply was paid for whole, so each pair bears its share.

import { z } from 'zod';

import type { ByteSpan } from '../../core/document.ts';
import { collapseSpace } from '../../core/normalize.ts';
import type { AnswerType } from '../../core/qa-pair.ts';
import { byteSpanOf, findQuote } from '../../core/quote-search.ts';
import { costShare } from '../costs.ts';
import { compareAnswer } from '../draft-answers.ts';
import { childKey, type Drop, type PairItem, type PassageItem } from '../item.ts';
import { noted, type Answer } from '../stage.ts';

/** Types that a generator may state: it writes no options and no patterns. */
const STATED_TYPES: readonly AnswerType[] = ['number', 'quantity', 'math', 'date', 'list', 'boolean', 'text'];
const ALIASES_MAX = 5;

export const pairsReply = () =>
  z.object({
    pairs: z.array(
      z.object({
        /** Number of the persona that it is for, from 1. */
        reader: z.int(),
        question: z.string(),
        answer: z.string(),
        aliases: z.array(z.string()),
        /** Text, not one of a set: an unknown one is told from the answer, which is cheaper than asking again. */
        answer_type: z.string(),
        evidence: z.string(),
      }),
    ),
  });
export type WrittenPairs = z.output<ReturnType<typeof pairsReply>>;
type WrittenPair = WrittenPairs['pairs'][number];

/** One asking: for whom, and where its pairs stand among those of the passage. */
export interface Asked {
  readonly item: PassageItem;
  /** Empty: one pair for nobody in particular. */
  readonly personas: readonly string[];
  /** Place of its first pair among all of the passage. */
  readonly offset: number;
  readonly lostEvidence: 'drop' | 'note';
}

/** The pairs of one reply, and why others of it are none. */
export function readPairs(
  answer: Answer<WrittenPairs>,
  asked: Asked,
): { readonly pairs: readonly PairItem[]; readonly drops: readonly Drop[] } {
  if (answer.kind === 'unreadable') {
    return { pairs: [], drops: [{ reason: 'unreadable_reply', detail: answer.detail }] };
  }
  const places = Math.max(1, asked.personas.length);
  const costUsd = costShare(answer.costUsd, answer.value.pairs.length);
  const taken = new Map<number, WrittenPair>();
  const drops: Drop[] = [];
  for (const pair of answer.value.pairs) {
    // A single pair is for the one who asked, whatever number the model gave it.
    const place = places === 1 ? 0 : pair.reader - 1;
    if (place < 0 || place >= places || taken.has(place)) {
      drops.push({ reason: 'more_than_asked', detail: `reader ${pair.reader}: ${pair.question}` });
    } else taken.set(place, pair);
  }
  const pairs: PairItem[] = [];
  for (let place = 0; place < places; place += 1) {
    const pair = taken.get(place);
    const persona = asked.personas[place];
    if (pair === undefined) {
      drops.push({ reason: 'nothing_written', detail: persona ?? 'no pair at all' });
      continue;
    }
    const evidence = evidenceOf(pair, asked.item);
    if (evidence === undefined && asked.lostEvidence === 'drop') {
      drops.push({ reason: 'evidence_not_found', detail: `${pair.question} — "${pair.evidence}"` });
      continue;
    }
    pairs.push(pairItem(pair, { asked, place, persona, evidence, costUsd, written: answer.written }));
  }
  return { pairs, drops };
}

/**
 * Takes out pairs that ask for a fact a second time: the same answer, proved by words that overlap. Three personas like to
 * find the same thing interesting.
 */
export function withoutRepeats(pairs: readonly PairItem[]): {
  readonly pairs: readonly PairItem[];
  readonly drops: readonly Drop[];
} {
  const kept: PairItem[] = [];
  const drops: Drop[] = [];
  for (const pair of pairs) {
    const twin = kept.find((other) => isSameFact(other, pair));
    if (twin === undefined) kept.push(pair);
    else
      drops.push({
        reason: 'same_fact',
        detail: `${pair.draft.question} — asked before: ${twin.draft.question}`,
      });
  }
  return { pairs: kept, drops };
}

function isSameFact({ draft: a }: PairItem, { draft: b }: PairItem): boolean {
  if (a.evidence === undefined || b.evidence === undefined) return false;
  const overlaps = a.evidence.start < b.evidence.end && b.evidence.start < a.evidence.end;
  return overlaps && compareAnswer(a, b.answer).kind === 'correct';
}

function pairItem(
  pair: WrittenPair,
  of: {
    readonly asked: Asked;
    readonly place: number;
    readonly persona: string | undefined;
    readonly evidence: ByteSpan | undefined;
    readonly costUsd: number | null;
    readonly written: { readonly prompt: string; readonly model: string };
  },
): PairItem {
  const { item, offset } = of.asked;
  const aliases = pair.aliases.map(collapseSpace).filter((alias) => alias !== '');
  return {
    kind: 'pair',
    key: childKey(item.key, offset + of.place),
    draft: {
      question: pair.question.trim(),
      answer: collapseSpace(pair.answer),
      aliases: [...new Set(aliases)].slice(0, ALIASES_MAX),
      answerType: STATED_TYPES.find((type) => type === pair.answer_type.trim().toLowerCase()),
      domain: item.domain,
      persona: of.persona,
      evidence: of.evidence,
      generator: 'generate',
      written: of.written,
    },
    passage: item.passage,
    costUsd: of.costUsd,
    notes: of.evidence === undefined ? noted(item.notes, 'generate', 'evidence_not_found') : item.notes,
  };
}

function evidenceOf(pair: WrittenPair, { passage }: PassageItem): ByteSpan | undefined {
  const place = findQuote(passage.text, pair.evidence);
  return place === undefined ? undefined : byteSpanOf(passage.text, place, passage.span.start);
}
