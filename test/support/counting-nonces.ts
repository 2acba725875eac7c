// Nonces that a test can foresee.

import type { Nonces } from '../../src/ports/nonces.ts';

export class CountingNonces implements Nonces {
  #count = 0;
  readonly #prefix: string;

  /** @param prefix keeps two lives of a server from making the same ids. */
  constructor(prefix = 'n') {
    this.#prefix = prefix;
  }

  next(): string {
    this.#count += 1;
    return `${this.#prefix}${this.#count}`;
  }
}
