// Verdicts with their texts: what a distillation learns from. Equal askings are one, and a question with all of its answers
// is in one part only, so that nothing that is measured was learnt.

import { createHash } from 'node:crypto';

import { canonicalJson } from '../../core/canonical-json.ts';
import { hash32 } from '../../core/random.ts';

export interface LabelledAnswer {
  /** Text of the prompt. */
  readonly question: string;
  /** The ground truth and its aliases: as right, all of them. Never empty. */
  readonly groundTruths: readonly [string, ...string[]];
  /** As it was taken out of the completion. */
  readonly answer: string;
  readonly isEquivalent: boolean;
}

export interface DistinctAnswers<Row> {
  readonly rows: readonly Row[];
  /** Rows that said again what another one had said. */
  readonly repeated: number;
  /** Askings with verdicts of both kinds, as often: left out. */
  readonly contradictory: number;
}

/** One row for each asking, with the verdict that most of its rows have; in the order in which they first came. */
export function distinctAnswers<Row extends LabelledAnswer>(rows: Iterable<Row>): DistinctAnswers<Row> {
  const found = new Map<string, { readonly first: Row; yes: number; no: number }>();
  let count = 0;
  for (const row of rows) {
    const key = canonicalJson([row.question, row.groundTruths, row.answer]);
    const known = found.get(key) ?? { first: row, yes: 0, no: 0 };
    found.set(key, known);
    if (row.isEquivalent) known.yes += 1;
    else known.no += 1;
    count += 1;
  }
  const decided = [...found.values()].filter(({ yes, no }) => yes !== no);
  return {
    rows: decided.map(({ first, yes, no }) => ({ ...first, isEquivalent: yes > no })),
    repeated: count - found.size,
    contradictory: found.size - decided.length,
  };
}

/** `train` is learnt from, `validation` says when to stop, `calibration` sets the scale and the band, `heldOut` is measured. */
export const PARTS = ['train', 'validation', 'calibration', 'heldOut'] as const;
export type Part = (typeof PARTS)[number];

/** Of the questions. */
export const PART_SHARES: Readonly<Record<Part, number>> = {
  train: 0.5,
  validation: 0.1,
  calibration: 0.2,
  heldOut: 0.2,
};

/** Questions go to parts by a hash of their text and the seed: whatever else there is, and in whatever order. */
export function partsOf<Row extends LabelledAnswer>(
  rows: readonly Row[],
  seed: number,
): Readonly<Record<Part, readonly Row[]>> {
  const parts: Record<Part, Row[]> = { train: [], validation: [], calibration: [], heldOut: [] };
  for (const row of rows) parts[partOf(row.question, seed)].push(row);
  return parts;
}

function partOf(question: string, seed: number): Part {
  const word = createHash('sha256').update(question).digest().readUInt32BE();
  let left = hash32(seed, word) / 2 ** 32;
  for (const part of PARTS) {
    left -= PART_SHARES[part];
    if (left < 0) return part;
  }
  return 'heldOut';
}
