// A gRPC status as the error that the caller knows: the same code, field and retry-after as the server threw.

import type { ServiceError } from '@grpc/grpc-js';
import { METADATA, fieldFromMetadata } from '../contract/failure.ts';
import { STATUS } from '../contract/status.ts';
import { EnvError, ERROR_CODES, type ErrorCode } from '../core/errors.ts';

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}

export function toEnvError(error: ServiceError): EnvError {
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
