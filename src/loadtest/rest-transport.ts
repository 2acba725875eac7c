// The REST door, over kept-alive HTTP/1.1 connections. Bodies are made before the test, replies are read as bytes.

import { Pool } from 'undici';
import { rootCertificates, type Tls } from '../client/tls.ts';
import { fieldOf } from './json-bodies.ts';
import type { ReplyChecker } from './reply-checker.ts';
import type { Outcome, Transport } from './transport.ts';

export interface RestTarget {
  /** HOST:PORT, or a whole origin such as https://env.example. */
  readonly address: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly tls: Tls | undefined;
  readonly connections: number;
  readonly timeoutMs: number;
}

const HTTP_OK = 200;

/** Sends `bodies` to one path. Requests beyond `connections` wait in the client, and that is part of their latency. */
export function createRestTransport(
  target: RestTarget,
  bodies: readonly Buffer[],
  checker: ReplyChecker,
): Transport {
  const pool = new Pool(originOf(target), {
    connections: target.connections,
    pipelining: 1,
    connect: { ca: rootCertificates(target.tls) },
    headersTimeout: target.timeoutMs,
    bodyTimeout: target.timeoutMs,
  });
  const headers = ['content-type', 'application/json'];
  if (target.token !== undefined) headers.push('authorization', `Bearer ${target.token}`);

  return {
    requestBytes: (index) => bodies[index]?.length ?? 0,
    send(index, done) {
      let status = 0;
      let first: Buffer | undefined;
      let rest: Buffer[] | undefined;
      pool.dispatch(
        { path: target.path, method: 'POST', headers, body: bodies[index] ?? null },
        {
          onRequestStart: () => undefined,
          onResponseStart(_controller, statusCode) {
            status = statusCode;
          },
          onResponseData(_controller, chunk) {
            if (first === undefined) first = chunk;
            else (rest ??= []).push(chunk);
          },
          onResponseEnd() {
            const reply = Buffer.concat(first === undefined ? [] : [first, ...(rest ?? [])]);
            done(status === HTTP_OK ? checker.outcome(index, reply) : refusal(status, reply));
          },
          onResponseError(_controller, error) {
            done({ kind: 'failed', code: 'unavailable', detail: error.message });
          },
        },
      );
    },
    close: () => pool.destroy(),
  };
}

/** An RFC 9457 problem says its own code; another server's error is known by its status. */
function refusal(status: number, reply: Buffer): Outcome {
  const text = reply.toString('utf8');
  try {
    const problem: unknown = JSON.parse(text);
    const code = fieldOf(problem, 'code');
    const detail = fieldOf(problem, 'detail');
    if (typeof code === 'string') {
      return { kind: 'failed', code, detail: typeof detail === 'string' ? detail : '' };
    }
  } catch (error) {
    // Not JSON, so not one of our problems: the status and the text say what there is to say.
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { kind: 'failed', code: `http_${status}`, detail: text.slice(0, 200) };
}

/** http://HOST:PORT or https://HOST:PORT, unless the address says it itself. */
export function originOf({ address, tls }: Pick<RestTarget, 'address' | 'tls'>): string {
  if (address.includes('://')) return address;
  return `${tls === undefined ? 'http' : 'https'}://${address}`;
}
