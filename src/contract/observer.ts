// What the doors tell of themselves: every call that ended, and every bug that a client was not told about. Records hold
// no ground truth, no token and no text of a completion.

import type { ErrorCode } from '../core/errors.ts';

export interface CallEnded {
  readonly door: 'grpc' | 'rest';
  /** The call's name in the proto, or of a mounted call; `unknown` for paths that no call has. Streams are told of when they end. */
  readonly call: string;
  readonly code: ErrorCode | 'ok';
  readonly milliseconds: number;
}

export interface BugMet {
  readonly door: 'grpc' | 'rest';
  readonly call: string;
  /** The client was given this id and nothing else. */
  readonly requestId: string;
  readonly error: unknown;
}

export interface DoorObserver {
  callEnded(call: CallEnded): void;
  bugMet(bug: BugMet): void;
}
