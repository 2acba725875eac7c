// A protocol over WebSockets that another edge speaks behind the REST door. The door brings guard, token, limits and metrics;
// who is mounted there brings the messages. Types only.

import type { EnvError } from '../core/errors.ts';

export interface SocketOpening {
  /** Parameters of the path and of the query, by name. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

/** One open connection. Its messages come one after the other: the next one when the one before is answered. */
export interface SocketTalk {
  /**
   * The reply to one message; undefined to say goodbye.
   *
   * @param signal aborted with the reason when the client is gone or the server stops
   */
  answer(message: string, signal: AbortSignal): Promise<string | undefined>;
}

export interface MountedSocket {
  /** With parameters in braces: `/compat/openenv/{env}/ws`. */
  readonly path: string;
  /** For metrics and logs; one of a small set. */
  readonly name: string;
  open(opening: SocketOpening): SocketTalk;
  /** What `answer` threw, as a message of this protocol. */
  refusal(error: EnvError): string;
}
