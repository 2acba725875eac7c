// A call that another edge answers behind the REST door. The door brings what all its calls have (guard, token, limits,
// problems, metrics); who is mounted there brings a path and replies in a shape of its own. Types only.

export interface MountedRequest {
  /** The JSON that was sent, gzipped or as it is; undefined where there was no body. */
  readonly body: unknown;
  /** Parameters of the path and of the query, by name. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  header(name: string): string | undefined;
  /** Aborted with the reason when the client is gone or the server stops. */
  readonly signal: AbortSignal;
}

export interface MountedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface MountedCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With parameters in braces, as in the table of calls: `/compat/ors/{env}/tools`. */
  readonly path: string;
  /** For metrics and logs; one of a small set. */
  readonly name: string;
  /** Of a GET: some clients send one with a body. POST always has one. */
  readonly takesBody?: boolean;
  /** Its clients drop what is refused with 429, so too much to do is told them as `unavailable`, with 503. */
  readonly dropsBusy?: boolean;
  /** Throws `EnvError` for what the caller can put right; the door makes a problem of it. */
  answer(request: MountedRequest): MountedReply | Promise<MountedReply>;
}
