// One dataset row and what must hold for it. A ground truth stays on the server's side of every edge.

import type { JsonObject } from './json.ts';
import type { PairId } from './ids.ts';
import type { Message } from './prompt.ts';
import type { Recipe } from './recipe.ts';

/** What kind of answer is expected; decides the verifier when a row names none. */
export const ANSWER_TYPES = [
  'number',
  'quantity',
  'math',
  'choice',
  'date',
  'list',
  'boolean',
  'text',
  'pattern',
] as const;
export type AnswerType = (typeof ANSWER_TYPES)[number];

/** The reference answer and others that are as right. */
export interface GroundTruth {
  readonly answer: string;
  readonly aliases: readonly string[];
}

export interface PairProvenance {
  /** Where the row's fact comes from: rows of one document share a split. */
  readonly documentId?: string | undefined;
  /** Byte span of the evidence in the document. */
  readonly span?: { readonly start: number; readonly end: number } | undefined;
  readonly generator?: string | undefined;
  readonly promptVersion?: string | undefined;
  readonly model?: string | undefined;
  readonly costUsd?: number | undefined;
  /** Anything else the source said of the row. */
  readonly extra?: JsonObject | undefined;
}

export interface QaPair {
  /** Hash of the prompt side only: a hash over the ground truth would let a client guess it. */
  readonly pairId: PairId;
  /** A question, or a conversation that ends with one. */
  readonly question: string | readonly Message[];
  readonly groundTruth: GroundTruth;
  readonly answerType: AnswerType;
  /** Options of a multiple-choice question, in order A, B, C, … */
  readonly choices?: readonly string[] | undefined;
  /** How this row is scored; the dataset's recipe, or the answer type's verifier, when absent. */
  readonly reward?: Recipe | undefined;
  readonly domain?: string | undefined;
  readonly persona?: string | undefined;
  readonly provenance: PairProvenance;
  /** Share of right completions seen when the dataset was made, in [0, 1]. */
  readonly passRate?: number | undefined;
  readonly split: string;
}

/** What a row says beside its question and ground truth, under the names of its source. */
export function columnsOf({ provenance, domain, persona }: QaPair): JsonObject | undefined {
  const { extra } = provenance;
  if (domain === undefined && persona === undefined) return extra;
  return { ...(domain !== undefined && { domain }), ...(persona !== undefined && { persona }), ...extra };
}
