// Gives questions whose wording shows a flaw one more chance: a rewrite, looked at again by the same rules. What no rewrite can
// mend, and what is well as it is, goes on unchanged; the string checks behind this stage have the last word.

import { z } from 'zod';

import { asPair, type PairItem } from '../item.ts';
import { dropped, kept, stageKind, type Outcome, type StageTools } from '../stage.ts';
import { rewriteQuestion, rewriteReply, type RewriteReply } from './rewrite.ts';
import { flawOf, USUAL_LIMITS } from './string-flaws.ts';

export const repair = stageKind({
  name: 'repair',
  summary:
    'A model rewrites questions that leak their answer, cite the passage or point to nothing; they are looked at again.',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  options: () => z.strictObject({}),
  // One pair in ten needs it.
  estimate: () => ({ calls: 0.1, promptTokens: 450, showsPassage: true, completionTokens: 60, yield: 0.97 }),
  build: () => {
    const reply = rewriteReply();
    return {
      kind: 'each',
      apply: async (item, tools) => mend(asPair(item), { tools, reply }),
    };
  },
});

async function mend(
  item: PairItem,
  by: { readonly tools: StageTools; readonly reply: RewriteReply },
): Promise<Outcome> {
  const flaw = flawOf(item, USUAL_LIMITS);
  if (flaw === undefined || !flaw.isOfWording) return kept(item);
  const rewrite = await rewriteQuestion(item, { ...by, complaint: flaw });
  if (rewrite.kind === 'failed') return dropped(flaw.reason, `${flaw.detail} (${rewrite.detail})`);
  const left = flawOf(rewrite.item, USUAL_LIMITS);
  return left === undefined ? kept(rewrite.item) : dropped(left.reason, `after a rewrite, ${left.detail}`);
}
