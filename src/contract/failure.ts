// What a client may see of something that was thrown: a refusal as it is, and of anything else only that it happened and
// under which id the log has it.

import type { Problem } from '../core/calls.ts';
import { EnvError } from '../core/errors.ts';

/** The metadata in which gRPC carries what its status has no place for. */
export const METADATA = {
  field: 'groupwise-field',
  retryAfterMs: 'retry-after-ms',
  /** The same for gRPC libraries that repeat calls by themselves under a retry policy (gRFC A6). */
  pushbackMs: 'grpc-retry-pushback-ms',
  requestId: 'groupwise-request-id',
} as const;

/** Trailing metadata must stay small. */
const FIELD_CHARS_MAX = 1_024;

export interface Failure {
  readonly refusal: EnvError;
  /** Under which the log has it. */
  readonly requestId: string;
  /** Not thrown for the caller: the log has the stack, the caller does not. */
  readonly isBug: boolean;
}

export function failureOf(thrown: unknown, newRequestId: () => string): Failure {
  const requestId = newRequestId();
  if (thrown instanceof EnvError) return { refusal: thrown, requestId, isBug: false };
  const detail = `Cannot answer because of an internal error: the server's log has it as request ${requestId}`;
  return { refusal: new EnvError('internal', detail), requestId, isBug: true };
}

/** The same refusal as part of a stream that goes on. */
export function problemOf({ refusal }: Pick<Failure, 'refusal'>): Problem {
  const { code, message: detail, field, retryAfterMs } = refusal;
  return { code, detail, field, retryAfterMs };
}

/** Field paths repeat keys that the client made up: metadata takes printable ASCII only. */
export function fieldToMetadata(field: string): string {
  return encodeURI(field.toWellFormed().slice(0, FIELD_CHARS_MAX).toWellFormed())
    .replaceAll('%5B', '[')
    .replaceAll('%5D', ']');
}

export function fieldFromMetadata(field: string): string {
  try {
    return decodeURI(field);
  } catch (error) {
    if (error instanceof URIError) return field;
    throw error;
  }
}
