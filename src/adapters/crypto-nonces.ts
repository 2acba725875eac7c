// Nonces from the system's secure random source, drawn many at a time: one call for each would cost more than the rest of
// making a lease.

import { randomFillSync } from 'node:crypto';
import type { Nonces } from '../ports/nonces.ts';

const NONCE_BYTES = 15;
const NONCES_PER_DRAW = 256;

export class CryptoNonces implements Nonces {
  readonly #pool = Buffer.alloc(NONCE_BYTES * NONCES_PER_DRAW);
  #used = this.#pool.length;

  next(): string {
    if (this.#used === this.#pool.length) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += NONCE_BYTES;
    return this.#pool.toString('base64url', start, this.#used);
  }
}
