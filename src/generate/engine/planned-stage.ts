// A stage of a recipe once it is checked: what a run works through.

import type { Stage, StageEstimate, StageKind } from '../stage.ts';

export interface PlannedStage {
  /** Of its kind, told apart by a number where a recipe names the kind twice: `check`, `check-2`. */
  readonly name: string;
  readonly kind: StageKind;
  readonly stage: Stage;
  readonly estimate: StageEstimate;
  /** Files that its options name. */
  readonly reads: readonly string[];
  /** Names of the recipe's models that it asks beside its own. */
  readonly asks: readonly string[];
  /** Name of the recipe's model that it asks; undefined where it asks none. */
  readonly model: string | undefined;
  /** Instead of what its questions and its model say. */
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
}
