// Time as a thing that is handed in, so that a test can own it.

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `run` once, `delayMs` from now. The returned function cancels it. Never keeps the process alive. */
  after(delayMs: number, run: () => void): () => void;
}
