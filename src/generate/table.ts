// All kinds of stages, by the names that recipes use. A new method is a new row.

import { extractStage } from './extractive/extract.ts';
import { decontaminateStage } from './filters/decontaminate.ts';
import { deduplicatePassagesStage } from './filters/deduplicate-passages.ts';
import { deduplicateStage } from './filters/deduplicate.ts';
import { deitaStage } from './filters/deita.ts';
import { embeddingSimilarityStage } from './filters/embedding-similarity.ts';
import { kCenterStage } from './filters/k-center.ts';
import { qditStage } from './filters/qdit.ts';
import { complexityStage, qualityStage } from './filters/rating.ts';
import { rougeLStage } from './filters/rouge-l.ts';
import { tagSelectStage } from './filters/tag-select.ts';
import { tagStage } from './filters/tags.ts';
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
import { adapt } from './synthetic/adapt.ts';
import { majorityVote } from './synthetic/majority-vote.ts';
import { retrieve } from './synthetic/retrieve.ts';
import { select } from './synthetic/select.ts';
import { passRateStage } from './synthetic/solve.ts';
import { taskGenerate } from './synthetic/task-generate.ts';
import type { StageKind } from './stage.ts';
import { balanceStage } from './stages/balance.ts';
import { checkStage } from './stages/check.ts';
import { closedBookStage } from './stages/closed-book.ts';
import { filterStage } from './stages/filter.ts';
import { generateStage } from './stages/generate.ts';
import { heuristicsStage } from './stages/heuristics.ts';
import { identifyStage } from './stages/identify.ts';
import { labelAgreementStage } from './stages/label-agreement.ts';
import { normalizeAnswerStage } from './stages/normalize-answer.ts';
import { repairStage } from './stages/repair.ts';
import { stringChecksStage } from './stages/string-checks.ts';

export const STAGE_KINDS: readonly StageKind[] = [
  extractStage,
  deduplicatePassagesStage,
  deduplicateStage,
  rougeLStage,
  embeddingSimilarityStage,
  decontaminateStage,
  qualityStage,
  complexityStage,
  tagStage,
  tagSelectStage,
  qditStage,
  deitaStage,
  kCenterStage,
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
  retrieve,
  taskGenerate,
  majorityVote,
  adapt,
  passRateStage,
  select,
  heuristicsStage,
  filterStage,
  identifyStage,
  generateStage,
  repairStage,
  stringChecksStage,
  checkStage,
  labelAgreementStage,
  closedBookStage,
  normalizeAnswerStage,
  balanceStage,
];

export function findStageKind(name: string): StageKind | undefined {
  return STAGE_KINDS.find((kind) => kind.name === name);
}
