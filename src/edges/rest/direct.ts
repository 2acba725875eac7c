// The calls whose path says all, answered on Node's own objects: for a small call the objects of a router cost as much as the
// call. What is out of the ordinary goes to the router, which answers the same calls in the same way.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { CALL_NAMES, rowOf } from '../../contract/calls.ts';
import { type Call, callOf } from './calls.ts';
import { type Exchange, type Reply, type RestDoor, refusedUnrouted } from './door.ts';
import type { Guard } from './origin.ts';

/** Hosts that are no matter of interpretation. */
const PLAIN_HOST = /^[a-z0-9._-]+(?::[1-5]?\d{1,4})?$/;

/** Answers the request and returns true, or leaves it as it is and returns false. */
export type Direct = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

export function directCalls(door: RestDoor, guard: Guard): Direct {
  const calls = new Map<string, Call>();
  for (const name of CALL_NAMES) {
    const [method, path = ''] = rowOf(name).rest.split(' ');
    if (method === 'POST' && !path.includes('{')) calls.set(path, callOf(door, name));
  }
  return (incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    const call = method === 'POST' && PLAIN_HOST.test(headers.host ?? '') ? calls.get(url) : undefined;
    if (call === undefined) return false;
    void answer(door, guard, call, { incoming, outgoing });
    return true;
  };
}

async function answer(door: RestDoor, guard: Guard, call: Call, exchange: Exchange): Promise<void> {
  const { incoming, outgoing } = exchange;
  try {
    guard(incoming, outgoing);
  } catch (refusal) {
    send(outgoing, refusedUnrouted(door, refusal));
    return;
  }
  send(outgoing, await call(exchange, {}, {}));
}

function send(outgoing: ServerResponse, { status, headers, body }: Reply): void {
  outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}
