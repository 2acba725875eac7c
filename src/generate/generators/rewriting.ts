// Passages in other words, before questions are made of them. A rewriting stays a passage of its document, so that both share a split, and
// keeps what the document says beside it, so that what is generated can be checked against that.

import { wordsOf } from '../../core/similarity/words.ts';
import { childKey, type Drop, type PassageItem } from '../item.ts';
import { noted, type Answer, type Outcome } from '../stage.ts';

/** Each method numbers its rewritings in a range of its own, away from the pairs that are made of the original. */
const PLACES = { rewrite_style: 4_000, rewrite_audience: 5_000 } as const;
export type RewriteMethod = keyof typeof PLACES;

/** How one rewriting was asked for, as it is noted. */
export type Manner = Readonly<Record<string, string>>;

/** Whether a passage may be rewritten: a rewriting is not, and nothing is twice by one method. */
export function isUnwritten({ passage, notes }: PassageItem, method: RewriteMethod): boolean {
  return passage.rewrittenFrom === undefined && notes[method] === undefined;
}

/** The rewritings that can be used, and the original where it is to stay. */
export function rewritings(
  item: PassageItem,
  of: {
    readonly method: RewriteMethod;
    readonly answers: readonly { readonly manner: Manner; readonly answer: Answer<string> }[];
    readonly keepOriginal: boolean;
    /** Least number of words, as a share of the original's. */
    readonly minShare: number;
  },
): Outcome {
  const { method, answers, keepOriginal, minShare } = of;
  const kept: PassageItem[] = [];
  const drops: Drop[] = [];
  for (const [index, { manner, answer }] of answers.entries()) {
    const how = Object.values(manner).join(', ');
    if (answer.kind === 'unreadable') {
      drops.push({ reason: 'unreadable_reply', detail: `${how}: ${answer.detail}` });
      continue;
    }
    const text = answer.value.trim();
    const flaw = flawOf(text, item.passage.text, minShare);
    if (flaw !== undefined) drops.push({ ...flaw, detail: `${how}: ${flaw.detail}` });
    else kept.push(rewritten(item, { method, index, manner, text }));
  }
  const original = { ...item, notes: noted(item.notes, method, 'original') };
  return { kept: keepOriginal ? [original, ...kept] : kept, drops };
}

function rewritten(
  item: PassageItem,
  of: {
    readonly method: RewriteMethod;
    readonly index: number;
    readonly manner: Manner;
    readonly text: string;
  },
): PassageItem {
  const { passage } = item;
  return {
    ...item,
    key: childKey(item.key, PLACES[of.method] + of.index),
    passage: {
      ...passage,
      text: of.text,
      span: { start: 0, end: Buffer.byteLength(of.text) },
      rewrittenFrom: { text: passage.text, span: passage.span },
    },
    notes: noted(item.notes, of.method, of.manner),
  };
}

function flawOf(text: string, original: string, minShare: number): Drop | undefined {
  const words = wordsOf(text);
  const before = wordsOf(original);
  if (words.length < minShare * before.length) {
    return { reason: 'rewriting_too_short', detail: `${words.length} words of ${before.length}` };
  }
  if (words.join(' ') === before.join(' ')) return { reason: 'same_wording', detail: text.slice(0, 200) };
  return undefined;
}
