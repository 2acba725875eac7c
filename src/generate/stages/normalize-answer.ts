// Settles the answer type and the form of an answer, and asks the verifier that will score the pair whether it can use it. What
// it cannot use would be an unscorable group in every epoch of training, so it ends here, with the verifier's own reason.

import { z } from 'zod';

import { inferAnswerType } from '../../core/answer-type.ts';
import { whyUnusable } from '../../core/ground-truth-check.ts';
import { normalForm } from '../../core/normal-form.ts';
import { collapseSpace } from '../../core/normalize.ts';
import type { AnswerType } from '../../core/qa-pair.ts';
import { compareTexts } from '../draft-answers.ts';
import { asPair, type Draft, type PairItem } from '../item.ts';
import { dropped, kept, noted, stageKind, type Outcome } from '../stage.ts';

/** What an answer that was called text may turn out to be: forms that leave no doubt. */
const PLAIN_TYPES: ReadonlySet<AnswerType> = new Set(['number', 'quantity', 'date', 'boolean']);

export const normalizeAnswer = stageKind({
  name: 'normalize_answer',
  summary: 'Gives each answer its type and normal form; drops what its verifier cannot use.',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  options: () => z.strictObject({}),
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 0.98 }),
  build: () => ({
    kind: 'each',
    apply: async (item) => normalize(asPair(item)),
  }),
});

function normalize(item: PairItem): Outcome {
  const { draft } = item;
  // A pair with a recipe of its own is scored by that: its answer is its author's business.
  if (draft.reward !== undefined) return kept(item);
  const typed = typeOf(draft);
  if (typed.kind === 'unusable') {
    return dropped('ground_truth_unusable', `"${draft.answer}": ${typed.reason}: ${draft.question}`);
  }
  const { type } = typed;
  const stated: Draft = { ...draft, answerType: type };
  const answer = formOf(stated, draft.answer);
  const normal: Draft = { ...stated, answer, aliases: aliasesOf(stated, answer) };
  const isRetyped = draft.answerType !== undefined && draft.answerType !== type;
  const note = { ...(isRetyped ? { stated_type: draft.answerType ?? '' } : {}), written: draft.answer };
  const isChanged = isRetyped || answer !== draft.answer;
  const notes = isChanged ? noted(item.notes, 'normalize_answer', note) : item.notes;
  return kept({ ...item, draft: normal, notes });
}

/**
 * The stated type where its verifier can use the answer; else what the answer looks like, where that is more than just text: an
 * amount that reads as words ("between five and ten") is no ground truth for anybody.
 */
function typeOf(
  draft: Draft,
):
  | { readonly kind: 'type'; readonly type: AnswerType }
  | { readonly kind: 'unusable'; readonly reason: string } {
  const inferred = inferAnswerType(draft.answer, draft.choices);
  const stated = draft.answerType ?? inferred;
  // A date verifier reads "12 km" as the year 12.
  const isMistaken =
    (stated === 'text' && PLAIN_TYPES.has(inferred)) || (stated === 'date' && inferred === 'quantity');
  const better = isMistaken ? inferred : stated;
  const reason = whyNot(draft, better);
  if (reason === undefined) return { kind: 'type', type: better };
  if (inferred !== better && inferred !== 'text' && whyNot(draft, inferred) === undefined) {
    return { kind: 'type', type: inferred };
  }
  return { kind: 'unusable', reason };
}

function whyNot(draft: Draft, type: AnswerType): string | undefined {
  return whyUnusable(type, { answer: draft.answer, aliases: [] }, draft.choices);
}

/** The normal form, where the verifier takes it for the same as what was written, whichever of the two is the ground truth. */
function formOf(draft: Draft, written: string): string {
  const form = normalForm(draft.answerType ?? 'text', written);
  const isSame =
    compareTexts(draft, form, { answer: written, aliases: [] }).kind === 'correct' &&
    compareTexts(draft, written, { answer: form, aliases: [] }).kind === 'correct';
  return isSame ? form : collapseSpace(written);
}

/** Other forms of the answer that the verifier does not know without being told, each once. */
function aliasesOf(draft: Draft, answer: string): readonly string[] {
  const known: string[] = [];
  for (const raw of draft.aliases) {
    const type = draft.answerType ?? 'text';
    if (raw.trim() === '' || whyUnusable(type, { answer: raw, aliases: [] }, draft.choices) !== undefined)
      continue;
    const alias = formOf(draft, raw);
    if (compareTexts(draft, alias, { answer, aliases: known }).kind !== 'correct') known.push(alias);
  }
  return known;
}
