// OpenEnv's protocol over WebSockets: a connection holds one episode at a time. A step that could not be scored is an error
// and leaves the episode as it was, so that the same completion can be handed in again.

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { MountedSocket, SocketOpening, SocketTalk } from '../../contract/mounted-socket.ts';
import { must } from '../../contract/wording.ts';
import { EnvError, type ErrorCode } from '../../core/errors.ts';
import { checkNames } from './asked.ts';
import type { Translator } from './dialect.ts';
import { actionSchema, observed, type Place, placeOf, resetSchema, rewardOf } from './openenv.ts';
import { parse } from './replies.ts';

const frame = z.looseObject(
  { type: z.string({ error: must('a text') }), data: z.unknown().optional() },
  { error: must('an object with type and data') },
);

/** Codes of the protocol that are not those of an `EnvError`. */
type FrameCode = 'INVALID_JSON' | 'UNKNOWN_TYPE';

class FrameError extends EnvError {
  readonly frameCode: FrameCode;

  constructor(frameCode: FrameCode, message: string) {
    super('invalid_argument', message);
    this.frameCode = frameCode;
  }
}

export function openEnvSocket(translator: Translator): MountedSocket {
  return {
    path: '/compat/openenv/{env}/ws',
    name: 'compat/openenv',
    open: (opening) => new Episode(translator, opening),
    refusal: (error) =>
      JSON.stringify({ type: 'error', data: { message: messageOf(error), code: frameCodeOf(error) } }),
  };
}

class Episode implements SocketTalk {
  readonly #translator: Translator;
  readonly #env: string;
  readonly #query: SocketOpening['query'];
  #place: Place | undefined;
  #id: string | null = null;
  #steps = 0;

  constructor(translator: Translator, { path, query }: SocketOpening) {
    checkNames(query, ['reward', 'hold_ms']);
    this.#translator = translator;
    this.#env = path['env'] ?? '';
    this.#query = query;
  }

  async answer(message: string, signal: AbortSignal): Promise<string | undefined> {
    const { type, data } = readFrame(message);
    switch (type) {
      case 'reset':
        return observation(await this.#reset(data ?? {}));
      case 'step':
        return observation(await this.#step(data, signal));
      case 'state':
        return JSON.stringify({ type: 'state', data: { episode_id: this.#id, step_count: this.#steps } });
      case 'close':
        return undefined;
      default:
        throw new FrameError(
          'UNKNOWN_TYPE',
          'Cannot read the message: type must be reset, step, state or close',
        );
    }
  }

  async #reset(data: unknown) {
    const asked = parse(resetSchema, data);
    const place = await placeOf(this.#translator, this.#env, asked);
    this.#place = place;
    this.#id = asked.episode_id ?? randomUUID();
    this.#steps = 0;
    return observed(place);
  }

  async #step(data: unknown, signal: AbortSignal) {
    const action = parse(actionSchema, data);
    const place = this.#place;
    if (place === undefined || this.#steps > 0) {
      const state = place === undefined ? 'no episode has begun' : 'the episode is done';
      throw new EnvError('failed_precondition', `Cannot step: ${state}, send a reset first`);
    }
    const reward = await rewardOf(this.#translator, place, action, {
      query: this.#query,
      signal,
      field: 'completion',
    });
    this.#steps = 1;
    return observed(place, reward);
  }
}

function observation(data: unknown): string {
  return JSON.stringify({ type: 'observation', data });
}

function readFrame(message: string): z.output<typeof frame> {
  let read: unknown;
  try {
    read = JSON.parse(message);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The parser's own words repeat the text.
    throw new FrameError('INVALID_JSON', 'Cannot read the message: it is not valid JSON');
  }
  return parse(frame, read);
}

const FRAME_CODES: Readonly<Partial<Record<ErrorCode, string>>> = {
  invalid_argument: 'VALIDATION_ERROR',
  not_found: 'FACTORY_ERROR',
  resource_exhausted: 'CAPACITY_REACHED',
};

function frameCodeOf(error: EnvError): string {
  return error instanceof FrameError ? error.frameCode : (FRAME_CODES[error.code] ?? 'EXECUTION_ERROR');
}

function messageOf({ field, message }: EnvError): string {
  return field === undefined ? message : `${field}: ${message}`;
}
