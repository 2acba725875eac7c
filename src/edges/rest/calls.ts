// Calls that answer once: path, query and body make one JSON request, then decode, one method of the service, encode.
// Everything that differs between them is in the table of calls.

import type { IncomingMessage } from 'node:http';
import type { ActiveCall } from '../../contract/active-calls.ts';
import { type AnyRow, type CallName, rowOf } from '../../contract/calls.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import { DISPATCH, type Services } from '../../services/dispatch.ts';
import { withJsonBody } from './body.ts';
import {
  busyAsUnavailable,
  type Exchange,
  type ProblemReply,
  type Reply,
  type RestDoor,
  problemReply,
} from './door.ts';

type Method = (services: Services, call: unknown, signal: AbortSignal) => unknown;

const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' };

/** Parameters of the path or the query, by name. */
type Parameters = Readonly<Record<string, string>>;

/** Never rejects: what goes wrong is the reply. */
export type Call = (exchange: Exchange, path: Parameters, query: Parameters) => Promise<Reply>;

export function callOf(door: RestDoor, name: CallName): Call {
  const row = rowOf(name);
  // The row's `decode` makes what the method of the same name takes.
  const method = DISPATCH[name] as Method;
  const answer = async (request: unknown, signal: AbortSignal): Promise<Reply> => {
    const reply = await method(door.services, row.decode(request), signal);
    return { status: 200, headers: HEADERS, body: JSON.stringify(row.encode(reply)) };
  };
  return (exchange, path, query) =>
    serve(door, { name, kind: 'call' }, exchange, ({ signal }) =>
      isGet(row)
        ? answer(requestOfGet(path, query), signal)
        : withJsonBody(exchange.incoming, door.bodies, (body) => answer(requestOfPost(path, body), signal)),
    );
}

export interface Served {
  readonly name: string;
  readonly kind: 'call' | 'watcher';
  /** Too much to do is told as `unavailable`. */
  readonly dropsBusy?: boolean | undefined;
}

/** Lets a call in, runs it, counts it and turns what it throws into a problem. */
export async function serve<Answer>(
  door: RestDoor,
  { name, kind, dropsBusy = false }: Served,
  { incoming, outgoing }: Exchange,
  work: (active: ActiveCall) => Promise<Answer>,
): Promise<Answer | ProblemReply> {
  const startedAt = performance.now();
  const ended = (code: EnvError['code'] | 'ok'): void => {
    door.observer.callEnded({ door: 'rest', call: name, code, milliseconds: performance.now() - startedAt });
  };
  let active: ActiveCall | undefined;
  try {
    admit(door, incoming);
    const begun = door.active.begin(kind);
    active = begun;
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) begun.abort(() => new EnvError('cancelled', 'The client is gone'));
    });
    const answer = await work(begun);
    ended('ok');
    return answer;
  } catch (thrown) {
    const problem = problemReply(door.observer, name, dropsBusy ? busyAsUnavailable(thrown) : thrown);
    ended(problem.code);
    return problem;
  } finally {
    // A watcher goes on after its response has begun, and ends itself.
    if (kind === 'call') active?.end();
  }
}

/** @throws EnvError (unauthenticated) without the right token. Some clients have no header for it but `X-API-Key`. */
export function admit(door: Pick<RestDoor, 'token'>, { headers }: IncomingMessage): void {
  const key = headers['x-api-key'];
  door.token.check(headers.authorization ?? (typeof key === 'string' ? `Bearer ${key}` : undefined));
}

/** Path and query parameters as fields of the request. Digits are numbers, for no text parameter is made of digits only. */
export function requestOfGet(path: Parameters, query: Parameters): Record<string, unknown> {
  const numbered = Object.entries(query).map(([key, value]) => [key, numberOf(value)] as const);
  return { ...Object.fromEntries(numbered), ...path };
}

function requestOfPost(path: Parameters, body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const request: Record<string, unknown> = { ...body };
  for (const [key, value] of Object.entries(path)) {
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
