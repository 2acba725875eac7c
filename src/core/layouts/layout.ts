// What a layout is: a way to read QA pairs out of foreign rows. A row that cannot be read is rejected with a reason that
// is counted; nothing is guessed at and nothing is dropped: columns that no field takes are kept with the row's provenance.

import { type JsonObject, type JsonValue, wellFormed } from '../json.ts';
import type { AnswerType, GroundTruth, PairProvenance } from '../qa-pair.ts';
import type { Message } from '../prompt.ts';
import type { Recipe } from '../recipe.ts';

/** One row of a source: column name → value. */
export type Row = JsonObject;

/** Why a row is not in the dataset. A closed set: import reports count by it. */
export const REJECTION_REASONS = [
  'not_json',
  'not_utf8',
  'line_too_long',
  'not_an_object',
  'missing_column',
  'empty_question',
  'unusable_messages',
  'empty_ground_truth',
  'unusable_ground_truth',
  'unusable_field',
  'too_long',
  'duplicate_prompt',
  'conflicting_ground_truth',
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** Thrown by the readers of a row; never leaves `draftOf`. */
export class RowRejected extends Error {
  readonly reason: RejectionReason;

  constructor(reason: RejectionReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** A QA pair before the importer has settled its split, its answer type and its id. */
export interface DraftPair {
  readonly question: string | readonly Message[];
  readonly groundTruth: GroundTruth;
  readonly answerType?: AnswerType | undefined;
  readonly choices?: readonly string[] | undefined;
  readonly reward?: Recipe | undefined;
  readonly domain?: string | undefined;
  readonly persona?: string | undefined;
  readonly provenance: PairProvenance;
  readonly passRate?: number | undefined;
  readonly split?: string | undefined;
}

export interface Layout {
  readonly name: string;
  /** The columns, for help texts. */
  readonly summary: string;
  /** Whether a row looks like one of this layout. */
  matches(row: Row): boolean;
  /** @throws RowRejected */
  read(row: Row): DraftPair;
}

/** The columns that no field took, for the row's provenance; undefined when there are none. */
export function leftovers(row: Row, taken: readonly string[], more: JsonObject = {}): JsonObject | undefined {
  const rest: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(row)) {
    if (value !== null && !taken.includes(key)) rest[key.toWellFormed()] = wellFormed(value);
  }
  const all = { ...rest, ...more };
  return Object.keys(all).length === 0 ? undefined : all;
}
