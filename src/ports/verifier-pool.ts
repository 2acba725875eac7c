// Runs heavy verification where it can be killed: the clock starts when the work starts, not when it is queued.

import type { Verdict, VerifierInput } from '../core/verifiers/verifier.ts';

/** The work was killed, or died; says nothing about the answer. */
export type VerifierFault = {
  readonly kind: 'fault';
  readonly cause: 'verifier_timeout' | 'verifier_crash';
  readonly detail: string;
};

export interface VerifierPool {
  /** Verifies in a worker. One crash is tried again in a fresh worker. Never rejects, except when closed. */
  verify(verifier: string, input: VerifierInput): Promise<Verdict | VerifierFault>;
  close(): Promise<void>;
}
