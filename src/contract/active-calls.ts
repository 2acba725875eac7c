// The calls that one door is working on: how many there may be, and how they are told to stop when the server does.

import { EnvError } from '../core/errors.ts';
import { LIMITS } from './limits.ts';

const RETRY_AFTER_MS = 250;

export interface ActiveCall {
  /** Aborted with the `EnvError` that the client is to be answered with. */
  readonly signal: AbortSignal;
  /** The client is gone, or its deadline has passed. Nothing after `end`: transports report the end of every call. */
  abort(reason: () => EnvError): void;
  end(): void;
}

export class ActiveCalls {
  readonly #calls = new Set<AbortController>();
  readonly #watchers = new Set<AbortController>();
  #stopping: EnvError | undefined;
  #whenIdle: (() => void)[] = [];

  /** A watcher has no end of its own, so it does not hold up a server that stops. */
  begin(kind: 'call' | 'watcher'): ActiveCall {
    if (this.#stopping !== undefined) throw this.#stopping;
    const calls = kind === 'call' ? this.#calls : this.#watchers;
    const max = kind === 'call' ? LIMITS.callsInFlightMax : LIMITS.watchersMax;
    if (calls.size >= max) {
      throw new EnvError('resource_exhausted', `Cannot take another ${kind}: ${max} are open`, {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    const controller = new AbortController();
    calls.add(controller);
    return {
      signal: controller.signal,
      abort: (reason) => {
        if (calls.has(controller)) controller.abort(reason());
      },
      end: () => {
        calls.delete(controller);
        if (this.#calls.size === 0) this.#tellIdle();
      },
    };
  }

  /** From now on calls are refused as `unavailable`, and watchers end. Calls that are being worked on go on. */
  stop(): void {
    this.#stopping ??= new EnvError('unavailable', 'Cannot answer: the server is shutting down');
    for (const watcher of this.#watchers) watcher.abort(this.#stopping);
  }

  /** What is left after `stop` is answered `unavailable` too. */
  abortAll(): void {
    this.stop();
    for (const call of this.#calls) call.abort(this.#stopping);
  }

  /** Resolves when no call is being worked on; watchers do not count. */
  idle(): Promise<void> {
    return this.#calls.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #tellIdle(): void {
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
  }
}
