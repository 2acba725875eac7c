// Hands pairs of rewritten passages back to what their document says: from here on they are checked against that, and their evidence is a place in
// the document again. What a rewriting made up ends at the checks that follow.

import { z } from 'zod';

import { textAtBytes } from '../../core/quote-search.ts';
import { asPair, type PairItem } from '../item.ts';
import { dropped, kept, noted, stageKind, type Outcome } from '../stage.ts';
import { evidenceIn } from './evidence.ts';

const originalPassageOptions = () =>
  z.strictObject({
    /** What becomes of a pair whose evidence and answer are not in the document word for word: kept and noted, or dropped. */
    lost_evidence: z.enum(['note', 'drop']).default('note'),
  });
type OriginalPassageOptions = z.output<ReturnType<typeof originalPassageOptions>>;

export const originalPassage = stageKind({
  name: 'original_passage',
  summary:
    'Puts the document back in the place of its rewriting, so that what follows checks pairs against it.',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  options: originalPassageOptions,
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 0.95 }),
  build: (options: OriginalPassageOptions) => ({
    kind: 'each',
    apply: async (item) => Promise.resolve(restore(asPair(item), options)),
  }),
});

function restore(item: PairItem, options: OriginalPassageOptions): Outcome {
  const { draft, passage: rewriting } = item;
  if (rewriting?.rewrittenFrom === undefined) return kept(item);
  const { rewrittenFrom, ...rest } = rewriting;
  const passage = { ...rest, text: rewrittenFrom.text, span: rewrittenFrom.span };
  const quote =
    draft.evidence === undefined ? '' : textAtBytes(rewriting.text, draft.evidence, rewriting.span.start);
  // The words around an answer change, the answer often does not.
  const evidence = evidenceIn(passage, quote) ?? evidenceIn(passage, draft.answer);
  if (evidence === undefined && options.lost_evidence === 'drop') {
    return dropped('evidence_not_found', `${draft.question} — "${quote}" or "${draft.answer}"`);
  }
  const note = evidence === undefined ? 'evidence_not_found' : 'evidence_found';
  return kept({
    ...item,
    passage,
    draft: { ...draft, evidence },
    notes: noted(item.notes, 'original_passage', note),
  });
}
