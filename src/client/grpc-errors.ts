// A gRPC status as the error that the caller knows: the same code, field and retry-after as the server threw.

import type { ServiceError } from '@grpc/grpc-js';
import { METADATA, fieldFromMetadata } from '../contract/failure.ts';
import { STATUS } from '../contract/status.ts';
import { EnvError, ERROR_CODES, type ErrorCode } from '../core/errors.ts';

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}

/**
 * What the transport says of calls whose connection was cut under them, and of those that it never passed on. Node's HTTP/2
 * cuts a connection on which more than a thousand calls are cancelled at once; the next call makes a new one.
 */
const CUT_SHORT = /^(?:Received RST_STREAM with code|Bandwidth exhausted or memory limit exceeded)/;

export function toEnvError(error: ServiceError): EnvError {
  if (CUT_SHORT.test(error.details) && error.metadata?.get(METADATA.requestId).length === 0) {
    return new EnvError('unavailable', `The connection was cut: ${error.details}`, { cause: error });
  }
  const field = error.metadata?.get(METADATA.field)[0]?.toString();
  const retryAfterMs = error.metadata?.get(METADATA.retryAfterMs)[0]?.toString();
  return new EnvError(codeOf(error.code), error.details, {
    field: field === undefined ? undefined : fieldFromMetadata(field),
    retryAfterMs: retryAfterMs === undefined ? undefined : Number(retryAfterMs),
    cause: error,
  });
}

function codeOf(grpc: number): ErrorCode {
  return ERROR_CODES.find((code) => STATUS[code].grpc === grpc) ?? 'internal';
}
