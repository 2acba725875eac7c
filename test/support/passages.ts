// Passages, and pairs made from them, for tests of stages.

import { byteSpanOf, findQuote } from '../../src/core/quote-search.ts';
import { childKey, rootKey, type Draft, type PairItem, type PassageItem } from '../../src/generate/item.ts';

/** A passage that begins at byte 100 of its document. */
export function passageItem(text: string, more: Partial<PassageItem> = {}): PassageItem {
  return {
    kind: 'passage',
    key: rootKey(0),
    passage: {
      documentId: 'd1',
      source: 'd1.md',
      title: undefined,
      text,
      span: { start: 100, end: 100 + Buffer.byteLength(text) },
      license: undefined,
    },
    notes: {},
    ...more,
  };
}

/** A pair from a passage; `evidence` is a quotation of it. */
export function pairFrom(
  text: string,
  { evidence, ...draft }: Partial<Omit<Draft, 'evidence'>> & { readonly evidence?: string } = {},
): PairItem {
  const { passage } = passageItem(text);
  const place = evidence === undefined ? undefined : findQuote(text, evidence);
  if (evidence !== undefined && place === undefined) throw new Error(`"${evidence}" is not in the passage`);
  return {
    kind: 'pair',
    key: childKey(rootKey(0), 0),
    passage,
    costUsd: 0.01,
    notes: {},
    draft: {
      question: 'What is it?',
      answer: 'it',
      aliases: [],
      generator: 'generate',
      evidence: place === undefined ? undefined : byteSpanOf(text, place, passage.span.start),
      ...draft,
    },
  };
}
