// A language model that a test scripts, on a clock that the test owns.

import type { Clock } from '../../src/ports/clock.ts';
import {
  LanguageModelError,
  type LanguageModel,
  type LanguageModelReply,
  type LanguageModelRequest,
} from '../../src/ports/language-model.ts';

export type Script = (
  request: LanguageModelRequest,
  index: number,
) =>
  | {
      readonly text: string;
      readonly afterMs?: number;
      readonly finishReason?: LanguageModelReply['finishReason'];
    }
  | LanguageModelError
  | 'hang';

export class ScriptedModel implements LanguageModel {
  readonly requests: LanguageModelRequest[] = [];
  /** When each request came, in milliseconds of the clock. */
  readonly times: number[] = [];
  readonly #clock: Clock;
  readonly #script: Script;
  /** Requests that are open, and the most that ever were. */
  open = 0;
  openMost = 0;

  constructor(clock: Clock, script: Script) {
    this.#clock = clock;
    this.#script = script;
  }

  async complete(request: LanguageModelRequest, signal: AbortSignal): Promise<LanguageModelReply> {
    signal.throwIfAborted();
    const said = this.#script(request, this.requests.length);
    this.requests.push(request);
    this.times.push(this.#clock.now());
    this.open += 1;
    this.openMost = Math.max(this.openMost, this.open);
    try {
      if (said instanceof LanguageModelError) throw said;
      await this.#until(said === 'hang' ? Infinity : (said.afterMs ?? 0), signal);
      return {
        text: said === 'hang' ? '' : said.text,
        finishReason: said === 'hang' ? 'stop' : (said.finishReason ?? 'stop'),
        usage: { promptTokens: 100, completionTokens: 10 },
        model: request.model,
      };
    } finally {
      this.open -= 1;
    }
  }

  #until(ms: number, signal: AbortSignal): Promise<void> {
    if (ms === 0) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const cancel = ms === Infinity ? undefined : this.#clock.after(ms, resolve);
    const giveUp = (): void => {
      cancel?.();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    return promise;
  }
}

/** Lets everything happen that needs no time to pass. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
