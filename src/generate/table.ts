// All kinds of stages, by the names that recipes use. A new method is a new row.

import type { StageKind } from './stage.ts';

export const STAGE_KINDS: readonly StageKind[] = [];

export function findStageKind(name: string): StageKind | undefined {
  return STAGE_KINDS.find((kind) => kind.name === name);
}
