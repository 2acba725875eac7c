// Protocols over WebSockets behind this door: let in and limited like its calls, message by message. One connection has one
// message under way, and few that wait for it.

import { randomUUID } from 'node:crypto';
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { failureOf } from '../../contract/failure.ts';
import { LIMITS } from '../../contract/limits.ts';
import type { MountedSocket, SocketOpening, SocketTalk } from '../../contract/mounted-socket.ts';
import { EnvError } from '../../core/errors.ts';
import { admit } from './calls.ts';
import { problemReply, type ProblemReply, type RestDoor } from './door.ts';
import type { Guard } from './origin.ts';

/** A client that is told to go has this long to answer the farewell. */
const FAREWELL_MS = 500;
/** WebSocket's own status codes (RFC 6455, section 7.4.1). */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const AGAINST_POLICY = 1008;

export interface Sockets {
  /** Whether a request to upgrade is for one of these protocols; any other is answered as if it had not asked. */
  readonly isMeant: (incoming: IncomingMessage) => boolean;
  readonly upgrade: (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export function socketsOf(
  door: RestDoor,
  guard: Guard,
  mounted: readonly MountedSocket[],
  refuse: (socket: Duplex, problem: ProblemReply) => void,
): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: LIMITS.socketMessageBytesMax,
  });
  const protocols = mounted.map((protocol) => ({ protocol, pattern: patternOf(protocol.path) }));
  const find = ({ url = '' }: IncomingMessage) => {
    const [path = '', query = ''] = url.split('?');
    for (const { protocol, pattern } of protocols) {
      const groups = pattern.exec(path)?.groups;
      if (groups === undefined) continue;
      const opening = { path: decoded(groups), query: Object.fromEntries(new URLSearchParams(query)) };
      return { protocol, opening };
    }
    return undefined;
  };
  return {
    isMeant: (incoming) =>
      incoming.headers.upgrade?.toLowerCase() === 'websocket' && find(incoming) !== undefined,
    upgrade: (incoming, socket, head) => {
      const found = find(incoming);
      // `isMeant` has found it.
      if (found === undefined) return;
      // A client that leaves while it is let in.
      socket.once('error', () => socket.destroy());
      try {
        guard(incoming, new ServerResponse(incoming));
        admit(door, incoming);
        const { protocol, opening } = found;
        server.handleUpgrade(incoming, socket, head, (client) => talkWith(door, client, protocol, opening));
      } catch (thrown) {
        refuse(socket, problemReply(door.observer, found.protocol.name, thrown));
      }
    },
  };
}

/** Answers messages until either side says goodbye. */
function talkWith(door: RestDoor, client: WebSocket, protocol: MountedSocket, opening: SocketOpening): void {
  client.on('error', () => client.terminate());
  let talk: SocketTalk;
  let watcher: ReturnType<RestDoor['active']['begin']>;
  try {
    watcher = door.active.begin('watcher');
    talk = protocol.open(opening);
  } catch (thrown) {
    client.send(protocol.refusal(refusalOf(door, protocol.name, thrown)));
    leave(client, GOING_AWAY);
    return;
  }
  watcher.signal.addEventListener('abort', () => leave(client, GOING_AWAY), { once: true });
  client.once('close', () => {
    watcher.abort(() => new EnvError('cancelled', 'The client is gone'));
    watcher.end();
  });
  const inTurn = async (before: Promise<void>, data: RawData): Promise<void> => {
    await before;
    if (client.readyState !== client.OPEN) return;
    const reply = await answerTo(door, protocol, talk, textOf(data), watcher.signal);
    waiting -= 1;
    if (client.readyState !== client.OPEN) return;
    if (reply === undefined) leave(client, NORMAL);
    else client.send(reply);
  };
  let waiting = 0;
  let last = Promise.resolve();
  client.on('message', (data) => {
    if (waiting > LIMITS.socketMessagesWaitingMax) {
      leave(client, AGAINST_POLICY);
      return;
    }
    waiting += 1;
    last = inTurn(last, data);
  });
}

async function answerTo(
  door: RestDoor,
  protocol: MountedSocket,
  talk: SocketTalk,
  message: string,
  gone: AbortSignal,
): Promise<string | undefined> {
  const startedAt = performance.now();
  const ended = (code: EnvError['code'] | 'ok'): void => {
    const milliseconds = performance.now() - startedAt;
    door.observer.callEnded({ door: 'rest', call: protocol.name, code, milliseconds });
  };
  let active: ReturnType<RestDoor['active']['begin']> | undefined;
  let held = 0;
  try {
    active = door.active.begin('call');
    door.bodies.take(message.length);
    held = message.length;
    const reply = await talk.answer(message, AbortSignal.any([gone, active.signal]));
    ended('ok');
    return reply;
  } catch (thrown) {
    const refusal = refusalOf(door, protocol.name, thrown);
    ended(refusal.code);
    return protocol.refusal(refusal);
  } finally {
    door.bodies.give(held);
    active?.end();
  }
}

function refusalOf(door: RestDoor, call: string, thrown: unknown): EnvError {
  const { refusal, requestId, isBug } = failureOf(thrown, randomUUID);
  if (isBug) door.observer.bugMet({ door: 'rest', call, requestId, error: thrown });
  return refusal;
}

function leave(client: WebSocket, code: number): void {
  client.close(code);
  setTimeout(() => client.terminate(), FAREWELL_MS).unref();
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return data instanceof ArrayBuffer ? Buffer.from(data).toString() : data.toString();
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`, 'u');
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decode(value)]));
}

/** As the router does it: what is no percent-encoding is taken as it is. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return value;
    throw error;
  }
}
