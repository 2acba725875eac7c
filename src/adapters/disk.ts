// The one wrapper around what the disk may refuse: names what could not be done and keeps the cause. A refusal of the disk is
// the operator's to put right, so it must not read like a bug of ours.

import { EnvError, type ErrorCode } from '../core/errors.ts';

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'not_found',
  ENOTDIR: 'not_found',
  EEXIST: 'already_exists',
  EACCES: 'permission_denied',
  EPERM: 'permission_denied',
  EROFS: 'permission_denied',
  EISDIR: 'invalid_argument',
  ENOSPC: 'resource_exhausted',
  EDQUOT: 'resource_exhausted',
  EIO: 'data_loss',
};
/** SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL and SQLITE_CANTOPEN, as node:sqlite reports them. */
const SQLITE_CODES: Readonly<Record<number, ErrorCode>> = {
  8: 'permission_denied',
  10: 'data_loss',
  13: 'resource_exhausted',
  14: 'permission_denied',
};

/** The error to throw for `error`: an `EnvError` that begins with `what` for a refusal of the disk, any other as it is. */
export function diskError(what: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined || !(error instanceof Error)) return error;
  return new EnvError(code, `${what}: ${inWords(error.message)}`, { cause: error });
}

/** Node's "ENOENT: no such file or directory, open '/a/b.partial'" without the code, the system call and a name of ours. */
function inWords(message: string): string {
  return message.replace(/^E[A-Z]+: /, '').replace(/, [a-z]+( '.*)?$/s, '');
}

function codeOf(error: unknown): ErrorCode | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('errcode' in error && typeof error.errcode === 'number') {
    // Extended codes keep the primary one in their low byte.
    return SQLITE_CODES[error.errcode % 256];
  }
  return 'code' in error && typeof error.code === 'string' ? CODES[error.code] : undefined;
}
