// The bearer token that both doors ask for. Compared in constant time over hashes, so that neither length nor content
// leaks by timing. The token itself is never logged or repeated.

import { createHash, timingSafeEqual } from 'node:crypto';
import { EnvError } from '../core/errors.ts';

export class TokenCheck {
  readonly #expected: Buffer | undefined;

  /** Without a token every caller is let in. */
  constructor(token: string | undefined) {
    this.#expected = token === undefined ? undefined : digest(token);
  }

  /**
   * Throws `unauthenticated` unless `authorization` is `Bearer` with the right token, or `Basic` with it as the password:
   * clients that take nothing but a URL send what stands before its `@` that way.
   */
  check(authorization: string | undefined): void {
    if (this.#expected === undefined) return;
    const given = tokenOf(authorization ?? '');
    if (given === undefined) {
      throw new EnvError(
        'unauthenticated',
        'Cannot let the caller in: authorization must be "Bearer" and the token',
      );
    }
    if (!timingSafeEqual(digest(given), this.#expected)) {
      throw new EnvError('unauthenticated', 'Cannot let the caller in: the token is not the right one');
    }
  }
}

function tokenOf(authorization: string): string | undefined {
  const bearer = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^basic +([\w+/=-]+) *$/i.exec(authorization)?.[1];
  if (basic === undefined) return undefined;
  return /^[^:]*:(.+)$/s.exec(Buffer.from(basic, 'base64').toString())?.[1];
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
