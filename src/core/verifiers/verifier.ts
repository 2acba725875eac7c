// What a verifier is: a pure, deterministic rule that compares one answer with the ground truth.

import type { Fallback } from '../answer.ts';
import type { JsonObject } from '../json.ts';
import type { GroundTruth } from '../qa-pair.ts';

export interface VerifierInput {
  /** The answer taken out of the completion; the whole completion for verifiers that read it all. */
  readonly answer: string;
  readonly groundTruth: GroundTruth;
  /** Options of a multiple-choice question. */
  readonly choices: readonly string[];
  /** Text of the prompt, to tell an answer from an echo. Empty when unknown. */
  readonly promptText: string;
  /** Other columns of the row; only for verifiers that use them. */
  readonly columns?: JsonObject | undefined;
  /** As checked by `parseOptions`. */
  readonly options: JsonObject;
}

/**
 * `score`: partly right, in [0, 1]. `undecided`: the rule cannot tell, another scorer may. `no_answer`: the completion does not
 * say what is to be compared. `unusable`: the row is not one of this kind.
 */
export type Verdict =
  | { readonly kind: 'correct'; readonly reason?: string | undefined }
  | { readonly kind: 'incorrect'; readonly reason: string }
  | { readonly kind: 'score'; readonly score: number; readonly reason?: string | undefined }
  | { readonly kind: 'undecided'; readonly reason: string }
  | { readonly kind: 'no_answer' }
  | { readonly kind: 'unusable'; readonly reason: string };

export interface Verifier {
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  /** `answer`: compares the extracted answer. `completion`: reads the whole text; no answer needs to be found. */
  readonly reads: 'answer' | 'completion';
  /** Which last resort of `extractAnswer` fits when the completion marks no answer. */
  readonly fallback: Fallback;
  /** Compares with other columns of the row as well. */
  readonly usesColumns?: true | undefined;
  /** Checks and completes a recipe's options. Throws `EnvError` (invalid_argument) that names the option. */
  parseOptions(options: JsonObject): JsonObject;
  /**
   * Decides cheap cases in microseconds, on the event loop; `undefined` sends the case to `verify`. Only heavy verifiers
   * have it: their `verify` runs in a worker that can be killed. Without it `verify` itself is cheap for any input.
   */
  quick?(input: VerifierInput): Verdict | undefined;
  verify(input: VerifierInput): Verdict;
}

export const CORRECT: Verdict = { kind: 'correct' };

export function incorrect(reason: string): Verdict {
  return { kind: 'incorrect', reason };
}

export function undecided(reason: string): Verdict {
  return { kind: 'undecided', reason };
}

export function unusable(reason: string): Verdict {
  return { kind: 'unusable', reason };
}
