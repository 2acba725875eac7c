// All kinds of stages, by the names that recipes use, folder by folder. A new method is a new row.

import { extract } from './extractive/extract.ts';
import { decontaminate } from './filters/decontaminate.ts';
import { deduplicatePassages } from './filters/deduplicate-passages.ts';
import { deduplicate } from './filters/deduplicate.ts';
import { deita } from './filters/deita.ts';
import { embeddingSimilarity } from './filters/embedding-similarity.ts';
import { kCenter } from './filters/k-center.ts';
import { qdit } from './filters/qdit.ts';
import { complexity, quality } from './filters/rating.ts';
import { rougeL } from './filters/rouge-l.ts';
import { tagSelect } from './filters/tag-select.ts';
import { tag } from './filters/tags.ts';
import { alpaca } from './generators/alpaca.ts';
import { answerAugmentation } from './generators/answer-augmentation.ts';
import { arithmetic } from './generators/arithmetic.ts';
import { backTranslate } from './generators/back-translate.ts';
import { entityTree } from './generators/entity-tree.ts';
import { extractPairs } from './generators/extract-pairs.ts';
import { fobar } from './generators/fobar.ts';
import { instances } from './generators/instances.ts';
import { originalPassage } from './generators/original-passage.ts';
import { readPairs } from './generators/read-pairs.ts';
import { recall } from './generators/recall.ts';
import { refine } from './generators/refine.ts';
import { rephrase } from './generators/rephrase.ts';
import { rewriteAudience } from './generators/rewrite-audience.ts';
import { rewriteStyle } from './generators/rewrite-style.ts';
import { selfInstruct } from './generators/self-instruct.ts';
import { selfVerification } from './generators/self-verification.ts';
import { topicTree } from './generators/topic-tree.ts';
import { balance } from './stages/balance.ts';
import { check } from './stages/check.ts';
import { closedBook } from './stages/closed-book.ts';
import { filter } from './stages/filter.ts';
import { generate } from './stages/generate.ts';
import { heuristics } from './stages/heuristics.ts';
import { identify } from './stages/identify.ts';
import { labelAgreement } from './stages/label-agreement.ts';
import { normalizeAnswer } from './stages/normalize-answer.ts';
import { repair } from './stages/repair.ts';
import { stringChecks } from './stages/string-checks.ts';
import { adapt } from './synthetic/adapt.ts';
import { majorityVote } from './synthetic/majority-vote.ts';
import { retrieve } from './synthetic/retrieve.ts';
import { select } from './synthetic/select.ts';
import { passRate } from './synthetic/solve.ts';
import { taskGenerate } from './synthetic/task-generate.ts';
import type { StageKind } from './stage.ts';

export const STAGE_KINDS: readonly StageKind[] = [
  extract,
  deduplicatePassages,
  deduplicate,
  rougeL,
  embeddingSimilarity,
  decontaminate,
  quality,
  complexity,
  tag,
  tagSelect,
  qdit,
  deita,
  kCenter,
  readPairs,
  selfInstruct,
  alpaca,
  instances,
  topicTree,
  entityTree,
  arithmetic,
  recall,
  extractPairs,
  refine,
  backTranslate,
  rewriteStyle,
  rewriteAudience,
  originalPassage,
  rephrase,
  selfVerification,
  fobar,
  answerAugmentation,
  heuristics,
  filter,
  identify,
  generate,
  repair,
  stringChecks,
  check,
  labelAgreement,
  closedBook,
  normalizeAnswer,
  balance,
  retrieve,
  taskGenerate,
  majorityVote,
  adapt,
  passRate,
  select,
];

export function findStageKind(name: string): StageKind | undefined {
  return STAGE_KINDS.find((kind) => kind.name === name);
}
