// The last step of a generation run: what stages made, as drafts of dataset rows with their provenance. Text of models may hold
// half a surrogate pair, which no file can keep: it is mended here, once, before anything is hashed.

import { documentIdOf } from '../../core/document-id.ts';
import { type JsonValue, wellFormed } from '../../core/json.ts';
import type { DraftPair } from '../../core/layouts/layout.ts';
import type { PairItem } from '../../generate/item.ts';

export function draftPairOf({ draft, passage, family, costUsd, notes }: PairItem): DraftPair {
  const { source, title, license } = passage ?? {};
  const extra: Record<string, JsonValue> = {};
  if (source !== undefined) extra['source'] = source.toWellFormed();
  if (title !== undefined) extra['title'] = title.toWellFormed();
  if (license !== undefined) extra['license'] = license.toWellFormed();
  if (Object.keys(notes).length > 0) extra['notes'] = wellFormed(notes);
  return {
    question: draft.question.toWellFormed(),
    groundTruth: {
      answer: draft.answer.toWellFormed(),
      aliases: draft.aliases.map((alias) => alias.toWellFormed()),
    },
    answerType: draft.answerType,
    choices: draft.choices?.map((choice) => choice.toWellFormed()),
    reward: draft.reward,
    domain: draft.domain?.toWellFormed(),
    persona: draft.persona?.toWellFormed(),
    passRate: draft.passRate,
    provenance: {
      // Without a document, what a family has in common keeps it in one split.
      documentId: passage?.documentId ?? (family && documentIdOf(family.toWellFormed())),
      // A place in a rewriting is no place in the document.
      span: passage?.rewrittenFrom === undefined ? draft.evidence : undefined,
      generator: draft.generator,
      promptVersion: draft.written?.prompt,
      model: draft.written?.model,
      costUsd: costUsd ?? undefined,
      extra,
    },
  };
}
