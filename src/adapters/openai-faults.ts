// What the statuses and headers of servers that speak OpenAI's API mean for a caller, whichever of their calls answered.

import type { LanguageModelFault } from '../ports/language-model.ts';

/** What a caller can do about an HTTP status. A spent quota comes as 429 and no waiting helps. */
export function faultOfStatus(status: number, code: unknown): LanguageModelFault {
  if (status === 429) return code === 'insufficient_quota' ? 'unauthorized' : 'rate_limited';
  if (status === 401 || status === 402 || status === 403) return 'unauthorized';
  if (status === 408) return 'timeout';
  if (status === 409 || status === 425 || status >= 500) return 'overloaded';
  return 'bad_request';
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date. Undefined when absent or not readable. */
export function retryAfterMs(headers: Headers | undefined, now: number): number | undefined {
  const inMs = headers?.get('retry-after-ms') ?? '';
  if (/^\d+(?:\.\d+)?$/u.test(inMs)) return Number(inMs);
  const after = headers?.get('retry-after') ?? '';
  if (/^\d+(?:\.\d+)?$/u.test(after)) return Number(after) * 1000;
  const at = Date.parse(after);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
