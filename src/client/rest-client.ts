// The same calls over the REST door, for the load test and for comparing the doors. It has no streams.

import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { type CallName, type InputOf, type ReplyOf, rowOf } from '../contract/calls.ts';
import { errorCode } from '../contract/decode-replies.ts';
import type { WireProblem } from '../contract/encode-replies.ts';
import type { ProtoMessage } from '../contract/proto-values.ts';
import { EnvError } from '../core/errors.ts';
import { CallsClient, type CallOptions } from './calls-client.ts';
import { type Attempt, cancelled, withRetries } from './retry.ts';

export interface RestClientOptions {
  /** http://HOST:PORT or https://HOST:PORT */
  readonly url: string;
  readonly token?: string | undefined;
  /** For calls that bring none of their own. Default 60 s. */
  readonly deadlineMs?: number | undefined;
  /** Connections kept open. Default: as many as calls at a time. */
  readonly connectionsMax?: number | undefined;
  /** PEM, instead of the system's root certificates. */
  readonly rootCertificates?: Buffer | undefined;
}

export interface RestReply {
  readonly status: number;
  readonly body: string;
}

export class RestClient extends CallsClient {
  readonly #url: URL;
  readonly #agent: Agent;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #deadlineMs: number | undefined;

  constructor({ url, token, deadlineMs, connectionsMax, rootCertificates }: RestClientOptions) {
    super();
    this.#url = new URL(url);
    const options = { keepAlive: true, maxSockets: connectionsMax ?? Infinity };
    this.#agent = this.#isTls ? new TlsAgent({ ...options, ca: rootCertificates }) : new Agent(options);
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    this.#deadlineMs = deadlineMs;
  }

  override call<Name extends CallName>(
    name: Name,
    input: InputOf<Name>,
    options: CallOptions = {},
  ): Promise<ReplyOf<Name>> {
    const row = rowOf(name);
    const { method, path, body } = restRequest(row.rest, row.encodeCall(input));
    return withRetries(
      { name, input },
      { ...options, deadlineMs: options.deadlineMs ?? this.#deadlineMs },
      async (attempt) => {
        const reply = await this.send({ method, path, body }, attempt);
        // The row's `decodeReply` makes what its type says.
        return row.decodeReply(readReply(reply)) as ReplyOf<Name>;
      },
    );
  }

  /** One request as it is, for callers that bring their own body. Rejects only when no reply came. */
  send(
    {
      method,
      path,
      body,
    }: { readonly method: string; readonly path: string; readonly body?: string | undefined },
    { deadlineAt, signal }: Attempt,
  ): Promise<RestReply> {
    const send = this.#isTls ? httpsRequest : httpRequest;
    const headers: Record<string, string | number> = { ...this.#headers };
    if (body !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(body);
    }
    return new Promise((resolve, reject) => {
      const request = send(new URL(path, this.#url), { method, headers, agent: this.#agent });
      const timer = setTimeout(() => {
        request.destroy(
          new EnvError('deadline_exceeded', 'Cannot wait longer: the deadline of the call has passed'),
        );
      }, deadlineAt - Date.now());
      const cancel = (): void => {
        if (signal !== undefined) request.destroy(cancelled(signal));
      };
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
      };
      signal?.addEventListener('abort', cancel, { once: true });
      request.once('response', (response) => {
        readText(response)
          .then((text) => resolve({ status: response.statusCode ?? 0, body: text }))
          .catch(reject)
          .finally(settle);
      });
      function fail(error: unknown): void {
        settle();
        reject(error instanceof EnvError ? error : unreachable(error));
      }
      request.once('error', fail);
      request.end(body);
    });
  }

  override close(): void {
    this.#agent.destroy();
  }

  get #isTls(): boolean {
    return this.#url.protocol === 'https:';
  }
}

/** Path parameters from the request's fields, the others as a query or as the body. */
export function restRequest(
  rest: string,
  wire: ProtoMessage,
): { readonly method: string; readonly path: string; readonly body: string | undefined } {
  const [method = '', pattern = ''] = rest.split(' ');
  const left: ProtoMessage = { ...wire };
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const value = String(left[field]);
    delete left[field];
    return encodeURIComponent(value.toWellFormed());
  });
  if (method !== 'GET') return { method, path, body: JSON.stringify(left) };
  const given = Object.entries(left).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(
    given.map(([field, value]): [string, string] => [field, String(value)]),
  ).toString();
  return { method, path: query === '' ? path : `${path}?${query}`, body: undefined };
}

function readReply({ status, body }: RestReply): unknown {
  let reply: unknown;
  try {
    reply = JSON.parse(body);
  } catch (error) {
    throw new EnvError('internal', `Cannot read the reply: status ${status} without JSON`, { cause: error });
  }
  if (status === 200) return reply;
  const problem = reply as Partial<WireProblem>;
  throw new EnvError(errorCode(problem.code ?? ''), problem.detail ?? `Status ${status}`, {
    field: problem.field,
    retryAfterMs: problem.retry_after_ms,
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function unreachable(error: unknown): EnvError {
  const why = error instanceof Error ? error.message : String(error);
  return new EnvError('unavailable', `Cannot reach the server: ${why}`, { cause: error });
}
