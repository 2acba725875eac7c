// Runs a verifier on one case of a table, with its options checked as a recipe's would be.

import type { JsonObject } from '../../src/core/json.ts';
import type { Verdict, Verifier } from '../../src/core/verifiers/verifier.ts';

export interface VerifierCase {
  readonly aliases?: readonly string[];
  readonly choices?: readonly string[];
  readonly promptText?: string;
  readonly options?: JsonObject;
}

/** answer, ground truth, expected verdict, and what else the case needs. */
export type VerifierRow = readonly [
  answer: string,
  gold: string,
  expected: Verdict['kind'],
  more?: VerifierCase,
];

/** The rows with nothing left out, as `it.each` wants them. */
export function filled(
  rows: readonly VerifierRow[],
): [answer: string, gold: string, expected: Verdict['kind'], more: VerifierCase][] {
  return rows.map(([answer, gold, expected, more]) => [answer, gold, expected, more ?? {}]);
}

export function verdictOf(
  verifier: Verifier,
  answer: string,
  gold: string,
  more: VerifierCase = {},
): Verdict {
  return verifier.verify({
    answer,
    groundTruth: { answer: gold, aliases: more.aliases ?? [] },
    choices: more.choices ?? [],
    promptText: more.promptText ?? '',
    options: verifier.parseOptions(more.options ?? {}),
  });
}
