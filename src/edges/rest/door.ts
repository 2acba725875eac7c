// What every handler of the REST door works with, and the one place where something thrown becomes a problem response.

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { ActiveCalls } from '../../contract/active-calls.ts';
import { failureOf } from '../../contract/failure.ts';
import type { DoorObserver } from '../../contract/observer.ts';
import { STATUS } from '../../contract/status.ts';
import type { TokenCheck } from '../../contract/token.ts';
import { EnvError, type ErrorCode, type ErrorDetails } from '../../core/errors.ts';
import type { Services } from '../../services/dispatch.ts';
import type { BodyBudget } from './body.ts';

export interface RestDoor {
  readonly services: Services;
  readonly active: ActiveCalls;
  readonly token: TokenCheck;
  readonly observer: DoorObserver;
  readonly bodies: BodyBudget;
}

export type RestContext = Context<{ Bindings: HttpBindings }>;

/** A refusal that HTTP has a status of its own for; the code is still one that gRPC knows. */
export class HttpRefusal extends EnvError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: { readonly code: ErrorCode; readonly http: number },
    message: string,
    details: ErrorDetails & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(status.code, message, details);
    this.status = status.http;
    this.headers = details.headers ?? {};
  }
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ProblemReply extends Reply {
  readonly code: ErrorCode;
}

/** What every request of a call comes with, whichever way it was routed. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** RFC 9457 problem details of whatever was thrown; bugs go to the observer and are hidden here. */
export function problemReply(observer: DoorObserver, call: string, thrown: unknown): ProblemReply {
  const { refusal, requestId, isBug } = failureOf(thrown, randomUUID);
  if (isBug) observer.bugMet({ door: 'rest', call, requestId, error: thrown });
  const { code, message, field, retryAfterMs } = refusal;
  const status = refusal instanceof HttpRefusal ? refusal.status : STATUS[code].http;
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
  };
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
  if (code === 'unauthenticated') headers['www-authenticate'] = 'Bearer realm="groupwise"';
  if (refusal instanceof HttpRefusal) Object.assign(headers, refusal.headers);
  const body = JSON.stringify({
    type: `urn:groupwise:problem:${code}`,
    title: STATUS[code].title,
    status,
    detail: message,
    code,
    field,
    retry_after_ms: retryAfterMs,
    request_id: requestId,
  });
  return { code, status, headers, body };
}

/** For clients that give up on a 429. What is too large stays as it is: it would be so the next time. */
export function busyAsUnavailable(thrown: unknown): unknown {
  if (!(thrown instanceof EnvError) || thrown instanceof HttpRefusal) return thrown;
  if (thrown.code !== 'resource_exhausted') return thrown;
  const { message, field, retryAfterMs } = thrown;
  return new EnvError('unavailable', message, { field, retryAfterMs, cause: thrown });
}

/** The problem of a request that was refused before it was known which call it is; counted as such. */
export function refusedUnrouted(door: Pick<RestDoor, 'observer'>, thrown: unknown): ProblemReply {
  const problem = problemReply(door.observer, 'unknown', thrown);
  door.observer.callEnded({ door: 'rest', call: 'unknown', code: problem.code, milliseconds: 0 });
  return problem;
}

export function toResponse({ status, headers, body }: Reply): Response {
  return new Response(body, { status, headers });
}
