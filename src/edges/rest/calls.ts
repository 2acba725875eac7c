// Calls that answer once: path, query and body make one JSON request, then decode, one method of the service, encode.
// Everything that differs between them is in the table of calls.

import type { IncomingMessage } from 'node:http';
import type { ActiveCall } from '../../contract/active-calls.ts';
import { type AnyRow, type CallName, rowOf } from '../../contract/calls.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import { DISPATCH, type Services } from '../../services/dispatch.ts';
import { withJsonBody } from './body.ts';
import { type RestContext, type RestDoor, problemReply, toResponse } from './door.ts';

type Method = (services: Services, call: unknown, signal: AbortSignal) => unknown;

const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' };

export function callHandler(door: RestDoor, name: CallName): (context: RestContext) => Promise<Response> {
  const row = rowOf(name);
  // The row's `decode` makes what the method of the same name takes.
  const method = DISPATCH[name] as Method;
  const answer = async (request: unknown, signal: AbortSignal): Promise<Response> => {
    const reply = await method(door.services, row.decode(request), signal);
    return new Response(JSON.stringify(row.encode(reply)), { headers: HEADERS });
  };
  return (context) =>
    serve(door, name, context, 'call', async ({ signal }) => {
      if (isGet(row)) return answer(requestOfGet(context), signal);
      const { incoming } = context.env;
      return withJsonBody(incoming, door.bodies, (body) => answer(requestOfPost(context, body), signal));
    });
}

/** Lets a call in, runs it, counts it and turns what it throws into a problem. */
export async function serve(
  door: RestDoor,
  name: string,
  context: RestContext,
  kind: 'call' | 'watcher',
  work: (active: ActiveCall) => Promise<Response>,
): Promise<Response> {
  const startedAt = performance.now();
  const ended = (code: EnvError['code'] | 'ok'): void => {
    door.observer.callEnded({ door: 'rest', call: name, code, milliseconds: performance.now() - startedAt });
  };
  let active: ActiveCall | undefined;
  try {
    const { incoming, outgoing } = context.env;
    admit(door, incoming);
    const begun = door.active.begin(kind);
    active = begun;
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) begun.abort(() => new EnvError('cancelled', 'The client is gone'));
    });
    const response = await work(begun);
    ended('ok');
    return response;
  } catch (thrown) {
    const problem = problemReply(door.observer, name, thrown);
    ended(problem.code);
    return toResponse(problem);
  } finally {
    // A watcher goes on after its response has begun, and ends itself.
    if (kind === 'call') active?.end();
  }
}

/** @throws EnvError (unauthenticated) without the right token. */
export function admit(door: Pick<RestDoor, 'token'>, incoming: IncomingMessage): void {
  const { authorization } = incoming.headers;
  door.token.check(authorization);
}

/** Path and query parameters as fields of the request. Digits are numbers, for no text parameter is made of digits only. */
export function requestOfGet(context: RestContext): Record<string, unknown> {
  const query = Object.entries(context.req.query()).map(([key, value]) => [key, numberOf(value)] as const);
  return { ...Object.fromEntries(query), ...context.req.param() };
}

function requestOfPost(
  context: RestContext,
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const request: Record<string, unknown> = { ...body };
  for (const [key, value] of Object.entries(context.req.param() as Record<string, string>)) {
    if (Object.hasOwn(body, key) && body[key] !== value) {
      throw invalidArgument(key, 'Must be that of the path, or absent');
    }
    request[key] = value;
  }
  return request;
}

function numberOf(value: string): string | number {
  return /^\d+$/.test(value) ? Number(value) : value;
}

function isGet(row: AnyRow): boolean {
  return row.rest.startsWith('GET');
}
