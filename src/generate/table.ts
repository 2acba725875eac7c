// All kinds of stages, by the names that recipes use. A new method is a new row.

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
import { adapt } from './synthetic/adapt.ts';
import { majorityVote } from './synthetic/majority-vote.ts';
import { retrieve } from './synthetic/retrieve.ts';
import { select } from './synthetic/select.ts';
import { passRateStage } from './synthetic/solve.ts';
import { taskGenerate } from './synthetic/task-generate.ts';
import type { StageKind } from './stage.ts';

export const STAGE_KINDS: readonly StageKind[] = [
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
  retrieve,
  taskGenerate,
  majorityVote,
  adapt,
  passRateStage,
  select,
];

export function findStageKind(name: string): StageKind | undefined {
  return STAGE_KINDS.find((kind) => kind.name === name);
}
