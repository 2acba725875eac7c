// The REST door as a thing with a lifetime: listen, drain, close.

import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { ActiveCalls } from '../../contract/active-calls.ts';
import { cannotListen } from '../../contract/listening.ts';
import type { DoorObserver } from '../../contract/observer.ts';
import { TokenCheck } from '../../contract/token.ts';
import type { MountedSocket } from '../../contract/mounted-socket.ts';
import { within } from '../../contract/within.ts';
import { EnvError } from '../../core/errors.ts';
import type { Services } from '../../services/dispatch.ts';
import { type RestExtras, createRestApp } from './app.ts';
import { BodyBudget } from './body.ts';
import { directCalls } from './direct.ts';
import { HttpRefusal, type ProblemReply, type RestDoor, problemReply, toResponse } from './door.ts';
import { guardOf } from './origin.ts';
import { socketsOf } from './sockets.ts';

/** Calls that were told to stop get this long to say so before their connections are cut. */
const FAREWELL_MS = 500;
/** Longer than the idle time of common clients and proxies, so that it is they who let go of a connection. */
const KEEP_ALIVE_MS = 65_000;

export interface RestServerOptions extends Omit<RestExtras, 'isReady' | 'guard'> {
  readonly services: Services;
  readonly observer: DoorObserver;
  readonly token?: string | undefined;
  /** Origins of web pages that may use this server. None by default. */
  readonly origins?: readonly string[] | undefined;
  /** PEM. */
  readonly tls?: { readonly certificate: Buffer; readonly key: Buffer } | undefined;
  /** Protocols over WebSockets of other edges, spoken behind this door. */
  readonly sockets?: readonly MountedSocket[] | undefined;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export class RestServer {
  readonly #server: Server;
  readonly #active = new ActiveCalls();
  #isDraining = false;
  #host: string | undefined;

  constructor({ services, observer, token, tls, origins = [], sockets = [], ...extras }: RestServerOptions) {
    const door: RestDoor = {
      services,
      observer,
      active: this.#active,
      token: new TokenCheck(token),
      bodies: new BodyBudget(),
    };
    const guard = guardOf(() => (token === undefined ? this.#host : undefined), origins);
    const app = createRestApp(door, { ...extras, isReady: () => !this.#isDraining, guard });
    const direct = directCalls(door, guard);
    const routed = getRequestListener(app.fetch, {
      // What cannot even be read as a request for this server.
      errorHandler: (error) => toResponse(problemReply(observer, 'unknown', unreadable(error))),
    });
    const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
      if (this.#isDraining) outgoing.setHeader('connection', 'close');
      if (!direct(incoming, outgoing)) void routed(incoming, outgoing);
    };
    const { isMeant, upgrade } = socketsOf(door, guard, sockets, refuseRaw);
    const options = { shouldUpgradeCallback: isMeant };
    this.#server =
      tls === undefined
        ? createServer(options, listener)
        : createTlsServer({ ...options, cert: tls.certificate, key: tls.key }, listener);
    this.#server.on('upgrade', upgrade);
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
      refuseRaw(socket, problemReply(observer, 'unknown', unreadable(error)));
    });
  }

  /** Port 0 takes a free one. Rejects with `unavailable` when the address cannot be had. */
  listen(host: string, port: number): Promise<Address> {
    this.#host = host;
    return new Promise((resolve, reject) => {
      const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
      const fail = (error: Error): void => reject(cannotListen(address, error));
      this.#server.once('error', fail);
      this.#server.listen(port, host, () => {
        this.#server.off('error', fail);
        resolve({ host, port: (this.#server.address() as AddressInfo).port });
      });
    });
  }

  /**
   * Says at /readyz that it stops and refuses new calls as `unavailable`, lets those in flight finish for at most
   * `graceMs`, answers the rest `unavailable` too, and closes.
   */
  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    this.#active.stop();
    if (!(await within(graceMs, this.#active.idle()))) this.#active.abortAll();
    const closed = new Promise<void>((resolve) => {
      // Its error says only that the server did not run.
      this.#server.close(() => resolve());
    });
    this.#server.closeIdleConnections();
    await within(FAREWELL_MS, closed);
    this.close();
  }

  /** Cuts every connection at once. */
  close(): void {
    this.#isDraining = true;
    this.#active.abortAll();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function unreadable(error: unknown): EnvError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new HttpRefusal(
      { code: 'resource_exhausted', http: 431 },
      'Cannot read the request: its headers are too large',
    );
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new HttpRefusal(
      { code: 'deadline_exceeded', http: 408 },
      'Cannot read the request: it did not arrive in time',
    );
  }
  return new EnvError('invalid_argument', 'Cannot read the request: it is not valid HTTP', { cause: error });
}

/** For bytes that never became a request, so that no response object exists. */
function refuseRaw(socket: Duplex, { status, headers, body }: ProblemReply): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const lines = Object.entries({
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  });
  socket.end(
    `HTTP/1.1 ${status} Refused\r\n${lines.map(([header, value]) => `${header}: ${value}\r\n`).join('')}\r\n${body}`,
  );
}
