// Calls to a server that speaks OpenAI's completions protocol, with what vLLM and SGLang add to it. Plain `fetch`: half of the
// calls are none of OpenAI's, and its client would hide from the policy's sampler what was tried how often.
//
// Every failure is an EnvError. `unavailable`, `deadline_exceeded` and `resource_exhausted` may be tried again; `not_found` says that
// the server does not know the adapter; what else is refused stays refused.

import { z } from 'zod';

import { EnvError, type ErrorCode } from '../../core/errors.ts';

export interface ServerAddress {
  /** With the version: `http://gpu-1:8000/v1`. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /**
   * How long one call may take. Completions come in one piece when the last is drawn; five minutes without a byte are as much as
   * Node's `fetch` waits.
   */
  readonly callMsMax: number;
  /** Before a connection that failed is tried again. */
  readonly pauseMs: number;
}

export interface ServerCall {
  /** For messages: `draw completions`. */
  readonly what: string;
  /** Behind the address, or with a slash in front behind its host. */
  readonly path: string;
  /** Sent with POST; undefined: GET. */
  readonly body?: object | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the server answered, parsed if it is JSON. @throws EnvError */
export async function callServer(address: ServerAddress, call: ServerCall): Promise<unknown> {
  const { what, path, body, signal } = call;
  const url = path.startsWith('/')
    ? new URL(path, address.url)
    : `${address.url.replace(/\/+$/u, '')}/${path}`;
  const limit = AbortSignal.timeout(address.callMsMax);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(address.apiKey === undefined ? {} : { authorization: `Bearer ${address.apiKey}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    text = await response.text();
  } catch (error) {
    throw notAnswered(call, address, { error, hasExpired: limit.aborted });
  }
  const reply = parsed(text);
  if (response.ok) return reply;
  const said = messageOf(reply) ?? text;
  throw new EnvError(
    codeOf(response.status, said),
    `Cannot ${what}: ${address.url} answered ${response.status}: ${shortened(said)}`,
    { retryAfterMs: retryAfterMs(response.headers) ?? address.pauseMs },
  );
}

function notAnswered(
  { what, signal }: ServerCall,
  { url, callMsMax, pauseMs }: ServerAddress,
  { error, hasExpired }: { readonly error: unknown; readonly hasExpired: boolean },
): EnvError {
  const details = { cause: error, retryAfterMs: pauseMs };
  if (signal?.aborted === true) return new EnvError('cancelled', `Cannot ${what}: it was given up`, details);
  if (hasExpired)
    return new EnvError(
      'deadline_exceeded',
      `Cannot ${what}: ${url} gave no answer in ${callMsMax} ms`,
      details,
    );
  // `fetch` says only that it failed; why is in the cause.
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new EnvError(
    'unavailable',
    `Cannot ${what}: no answer from ${url}: ${shortened(String(reason))}`,
    details,
  );
}

/** SGLang answers 400 where an adapter is not loaded; vLLM answers 404. */
const UNKNOWN_ADAPTER = /(?:adapter|lora)[^.]*(?:not|never)[^.]*(?:loaded|found|exist|registered)/iu;

function codeOf(status: number, said: string): ErrorCode {
  if (status === 404 || (status < 500 && UNKNOWN_ADAPTER.test(said))) return 'not_found';
  if (status === 401 || status === 403) return 'permission_denied';
  if (status === 429) return 'resource_exhausted';
  if (status === 408 || status === 425 || status >= 500) return 'unavailable';
  return 'failed_precondition';
}

const FAILURE = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ message: z.string() }).transform(({ message }) => message),
  z.object({ error_message: z.string() }).transform((reply) => reply.error_message),
  z.object({ detail: z.string() }).transform(({ detail }) => detail),
]);

function messageOf(reply: unknown): string | undefined {
  return FAILURE.safeParse(reply).data;
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function retryAfterMs(headers: Headers): number | undefined {
  const [inMs, inSeconds] = [headers.get('retry-after-ms'), headers.get('retry-after')];
  if (inMs !== null && /^\d+$/u.test(inMs)) return Number(inMs);
  return inSeconds !== null && /^\d+$/u.test(inSeconds) ? Number(inSeconds) * 1000 : undefined;
}

function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
