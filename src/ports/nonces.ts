// Text that nobody can guess, as a thing that is handed in, so that a test can own it.

export interface Nonces {
  /** At least 96 random bits as letters, digits, `_` and `-`. */
  next(): string;
}
