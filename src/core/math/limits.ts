// What keeps every comparison bounded, whatever the input. Hitting a limit ends in "undecided", never in "equal".

/** Longest answer that is parsed, in characters. */
export const INPUT_CHARS_MAX = 16_384;
export const TOKENS_MAX = 2_000;
/** Deepest nesting of brackets, arguments and signs. */
export const DEPTH_MAX = 64;
/** Leaf comparisons in one verdict. */
export const COMPARES_MAX = 4_000;
/** Elements of a list, tuple, set or matrix. */
export const ITEMS_MAX = 200;
/** Evaluated nodes in one verdict; large integers count by their size. */
export const STEPS_MAX = 200_000;
/** Size of the numerator and of the denominator of an exact value. */
export const BITS_MAX = 65_536;
export const FACTORIAL_MAX = 5_000;
/** Terms of a finite sum or product that are written out. */
export const SERIES_TERMS_MAX = 1_000;
/** Largest exponent of a symbol in an exact identity test: beyond it, Fermat's little theorem could fool the test. */
export const MODULAR_EXPONENT_MAX = 1_000_000_000n;

export type FaultKind = 'syntax' | 'budget' | 'undefined';

/**
 * Why an expression has no value here: it cannot be read, is too large, or has none (1/0). Stays inside `core/math` and the
 * math verifier, which turn it into a verdict.
 */
export class MathFault extends Error {
  override readonly name = 'MathFault';
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Counts the work of one verdict. */
export class Budget {
  #steps = STEPS_MAX;
  #compares = COMPARES_MAX;

  /** Throws `MathFault` (budget) when `steps` more are not left. */
  spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new MathFault('budget', 'too much work to evaluate');
  }

  spendCompare(): void {
    this.#compares -= 1;
    if (this.#compares < 0) throw new MathFault('budget', 'too many values to compare');
  }
}
