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

/** How servers say that a prompt, with the reply that was asked for, is longer than their model's context. */
const TOO_LONG =
  /context[_ -]?(?:length|size|window)|maximum (?:model|sequence) length|(?:prompt|input) is too long|string_above_max_length|token count .*exceeds|inputs.{0,3} tokens \+/iu;

/** Whether a refusal (400, 413, 422) is of the length alone; `words`: code and message of the server. */
export function isTooLong(status: number, words: string): boolean {
  return status === 413 || ((status === 400 || status === 422) && TOO_LONG.test(words));
}

/**
 * The response with its error where OpenAI puts it: some servers (SGLang, FastAPI) have `message` or `detail` at the top, which
 * OpenAI's client does not see.
 */
export async function withErrorInPlace(response: Response): Promise<Response> {
  if (response.ok) return response;
  const text = await response.text();
  const { status, statusText, headers } = response;
  const whole = (body: string): Response => {
    const kept = new Headers(headers);
    for (const name of ['content-length', 'content-encoding']) kept.delete(name);
    return new Response(body, { status, statusText, headers: kept });
  };
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return whole(text);
  }
  if (typeof body !== 'object' || body === null || 'error' in body) return whole(text);
  const { message, detail, code, param, type } = body as Readonly<Record<string, unknown>>;
  const said = message ?? detail;
  if (said === undefined) return whole(text);
  const error = { message: typeof said === 'string' ? said : JSON.stringify(said), code, param, type };
  return whole(JSON.stringify({ error }));
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
