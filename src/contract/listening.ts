// Why a door cannot have its address, in words: the systems behind the doors say the same thing in different riddles.

import { EnvError } from '../core/errors.ts';

const REASONS: readonly (readonly [code: string, reason: string])[] = [
  ['EADDRINUSE', 'another program has this port'],
  ['EACCES', 'this user may not have this port'],
  ['EADDRNOTAVAIL', 'this machine does not have this address'],
  ['ENOTFOUND', 'there is no such host'],
];

/** `address`: HOST:PORT. The code stands in the message where the gRPC library wraps several errors in one. */
export function cannotListen(address: string, error: Error): EnvError {
  const reason = REASONS.find(([code]) => error.message.includes(code))?.[1] ?? error.message;
  return new EnvError('unavailable', `Cannot listen on ${address}: ${reason}`, { cause: error });
}
