// A verifier pool without threads: it verifies at once, in the test's own thread. For tests of what stands around a pool.

import { findVerifier } from '../../src/core/verifiers/table.ts';
import type { Verdict, VerifierInput } from '../../src/core/verifiers/verifier.ts';
import type { VerifierFault, VerifierPool } from '../../src/ports/verifier-pool.ts';

export class InlineVerifierPool implements VerifierPool {
  verify(name: string, input: VerifierInput): Promise<Verdict | VerifierFault> {
    const verifier = findVerifier(name);
    if (verifier === undefined) return Promise.reject(new TypeError(`Unknown verifier "${name}"`));
    return Promise.resolve(verifier.verify(input));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
