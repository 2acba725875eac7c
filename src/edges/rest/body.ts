// Request bodies: read once, as text, within limits. The limit on one body is the message limit of gRPC; the budget over
// all of them keeps many large ones from filling the memory.

import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LIMITS } from '../../contract/limits.ts';
import { EnvError } from '../../core/errors.ts';
import { HttpRefusal } from './door.ts';

const RETRY_AFTER_MS = 1_000;

/** Bytes of all bodies that are being read or answered. */
export class BodyBudget {
  #bytes = 0;

  take(bytes: number): void {
    if (this.#bytes + bytes > LIMITS.bodyBytesInFlightMax) {
      throw new EnvError(
        'resource_exhausted',
        `Cannot take the body: the server holds ${this.#bytes} bytes of bodies, of at most ${LIMITS.bodyBytesInFlightMax}`,
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/**
 * The body as a JSON object; none is an empty object. `use` runs while the body's bytes are on the budget.
 *
 * @throws EnvError: invalid_argument (415 for another content type), resource_exhausted (413 for a body that is too large)
 */
export async function withJsonBody<Result>(
  incoming: IncomingMessage,
  budget: BodyBudget,
  use: (body: Readonly<Record<string, unknown>>) => Promise<Result>,
): Promise<Result> {
  checkEncoding(incoming, ['identity']);
  return withText(incoming, budget, (text) => use(text === '' ? {} : objectOf(parseJson(text))));
}

/** The same for calls of foreign clients: any JSON, which may be gzipped; no body is undefined. */
export async function withAnyJsonBody<Result>(
  incoming: IncomingMessage,
  budget: BodyBudget,
  use: (body: unknown) => Promise<Result>,
): Promise<Result> {
  checkEncoding(incoming, ['identity', 'gzip']);
  return withText(incoming, budget, (text) => use(text === '' ? undefined : parseJson(text)));
}

async function withText<Result>(
  incoming: IncomingMessage,
  budget: BodyBudget,
  use: (text: string) => Promise<Result>,
): Promise<Result> {
  checkHeaders(incoming);
  let held = 0;
  const hold = (bytes: number): void => {
    if (held + bytes > LIMITS.messageBytesMax) throw tooLarge(held + bytes);
    budget.take(bytes);
    held += bytes;
  };
  try {
    const text = await readText(incoming, hold);
    return await use(text);
  } finally {
    budget.give(held);
  }
}

function checkEncoding({ headers }: IncomingMessage, known: readonly string[]): void {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || known.includes(encoding.toLowerCase())) return;
  throw new HttpRefusal(
    { code: 'invalid_argument', http: 415 },
    `Cannot read the body: Content-Encoding must be absent or ${known.join(' or ')}`,
  );
}

function checkHeaders(incoming: IncomingMessage): void {
  const { 'content-type': type, 'content-length': length, 'transfer-encoding': transfer } = incoming.headers;
  if (Number(length) > LIMITS.messageBytesMax) throw tooLarge(Number(length));
  const hasBody = transfer !== undefined || Number(length ?? 0) > 0;
  // A browser sends other types across origins without asking; this one it must ask for.
  if (hasBody && !/^application\/(?:[\w.-]+\+)?json *(?:;.*)?$/i.test(type ?? '')) {
    throw new HttpRefusal(
      { code: 'invalid_argument', http: 415 },
      'Cannot read the body: Content-Type must be application/json',
    );
  }
}

/** The text of the body. `hold` is told of each piece as it is after inflating, so that a small body cannot become a large one. */
function readText(incoming: IncomingMessage, hold: (bytes: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const source = inflated(incoming);
    const fail = (error: unknown): void => {
      source.removeAllListeners('data');
      if (source !== incoming) source.destroy();
      chunks.length = 0;
      reject(error instanceof Error ? error : new Error('The request broke off'));
    };
    source.on('data', (chunk: Buffer) => {
      try {
        hold(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        fail(error);
      }
    });
    source.once('end', () =>
      resolve(chunks.length === 1 ? String(chunks[0]) : Buffer.concat(chunks).toString()),
    );
    const cut = (): void => fail(new EnvError('cancelled', 'The client broke off its request'));
    incoming.once('error', cut);
    incoming.once('close', () => {
      if (!incoming.complete) cut();
    });
    if (source !== incoming) source.once('error', (error) => fail(damaged(error)));
  });
}

function inflated(incoming: IncomingMessage): Readable {
  const isPlain = incoming.headers['content-encoding']?.toLowerCase() !== 'gzip';
  return isPlain ? incoming : incoming.pipe(createGunzip());
}

function damaged(cause: Error): EnvError {
  return new EnvError('invalid_argument', 'Cannot read the body: it is not valid gzip', { cause });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The parser's own words repeat the text.
    const position = /at position (\d+)/.exec(error.message)?.[1];
    const where = position === undefined ? '' : ` at position ${position}`;
    throw new EnvError('invalid_argument', `Cannot read the body: it is not valid JSON${where}`, {
      cause: error,
    });
  }
}

function objectOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new EnvError('invalid_argument', 'Cannot read the body: it must be a JSON object');
  }
  return body as Readonly<Record<string, unknown>>;
}

function tooLarge(bytes: number): HttpRefusal {
  return new HttpRefusal(
    { code: 'resource_exhausted', http: 413 },
    `Cannot take the body: it must have at most ${LIMITS.messageBytesMax} bytes, not ${bytes} or more`,
    { headers: { connection: 'close' } },
  );
}
