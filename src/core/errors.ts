// The one error class that callers may catch. Anything else that is thrown is a bug of ours and is hidden at the edges.

/** gRPC's canonical codes in snake case; `contract/status.ts` maps them to gRPC and HTTP. */
export const ERROR_CODES = [
  'cancelled',
  'invalid_argument',
  'deadline_exceeded',
  'not_found',
  'already_exists',
  'permission_denied',
  'resource_exhausted',
  'failed_precondition',
  'aborted',
  'out_of_range',
  'unimplemented',
  'internal',
  'unavailable',
  'data_loss',
  'unauthenticated',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorDetails {
  /** The field at fault, as a path in the wire's names: `groups[0].completions[3].text`. */
  readonly field?: string | undefined;
  /** When the same call may succeed. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A refusal that the caller may see: sentence case, no final period, no secrets and no ground truth. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.field = details.field;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** The error for bad input: names the field and what is wrong with it. */
export function invalidArgument(field: string, message: string): EnvError {
  return new EnvError('invalid_argument', message, { field });
}
