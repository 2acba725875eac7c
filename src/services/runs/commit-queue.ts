// Group commit: whatever many calls changed within one turn of the event loop goes to disk in one transaction, and only
// then are they answered. One commit runs at a time; what changes meanwhile waits for the next.

import { EnvError } from '../../core/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { RunChanges, RunStore } from '../../ports/run-store.ts';

/** Something with changes to write. */
export interface Committable {
  /** Hands over all changes so far, as they are now: later changes must not show in them. */
  collect(): RunChanges;
  onCommitted(): void;
  /** They are not on disk: the next `collect` hands them over again. */
  onFailed(): void;
}

const RETRY_AFTER_MS = 1000;

export class CommitQueue {
  readonly #store: RunStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #defer: (run: () => void) => void;
  #dirty = new Set<Committable>();
  /** For all that changed since the last commit began. */
  #next: PromiseWithResolvers<void> | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;

  /** @param options.defer runs a commit a little later, when the calls of this turn have made their changes. */
  constructor(options: {
    readonly store: RunStore;
    readonly clock: Clock;
    readonly log: Log;
    readonly defer?: (run: () => void) => void;
  }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#defer = options.defer ?? setImmediate;
  }

  /** Says that this one has changes. */
  mark(changed: Committable): void {
    if (this.#isClosed) return;
    this.#dirty.add(changed);
    if (this.#next !== undefined) return;
    this.#next = withQuietRejection();
    if (this.#running === undefined) this.#defer(() => void this.#commit());
  }

  /** Resolves when all changes so far are on disk. Throws `unavailable` when they could not be written. */
  committed(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new EnvError('unavailable', 'The server is stopping'));
    return this.#next?.promise ?? this.#running ?? Promise.resolve();
  }

  /** Writes until nothing is left to write. Throws as `committed` does. */
  async drain(): Promise<void> {
    while (this.#next !== undefined || this.#running !== undefined) await this.committed();
  }

  /** Writes what is left, and nothing that comes after: a scorer that is shut down has nothing to say of completions. */
  async close(): Promise<void> {
    await this.drain();
    this.#isClosed = true;
  }

  async #commit(): Promise<void> {
    const changed = [...this.#dirty];
    const waiting = this.#next;
    if (waiting === undefined) return;
    this.#dirty = new Set();
    this.#next = undefined;
    this.#running = waiting.promise;
    try {
      await this.#store.commit(changed.map((each) => each.collect()));
      for (const each of changed) each.onCommitted();
      waiting.resolve();
    } catch (error) {
      for (const each of changed) each.onFailed();
      this.#log.error('Cannot write to the run store', { error });
      waiting.reject(
        new EnvError('unavailable', 'Cannot write to disk: the change may be tried again', {
          retryAfterMs: RETRY_AFTER_MS,
          cause: error,
        }),
      );
      this.#running = undefined;
      this.#retryLater(changed);
      return;
    }
    this.#running = undefined;
    if (this.#next !== undefined) this.#defer(() => void this.#commit());
  }

  /** What is not on disk must get there even when no other call comes; calls that do come wait for the same try. */
  #retryLater(changed: readonly Committable[]): void {
    for (const each of changed) this.#dirty.add(each);
    this.#next ??= withQuietRejection();
    this.#clock.after(RETRY_AFTER_MS, () => void this.#commit());
  }
}

/** A promise that may be rejected while nobody waits for it. */
function withQuietRejection(): PromiseWithResolvers<void> {
  const resolvers = Promise.withResolvers<void>();
  resolvers.promise.catch(() => {
    // Whoever waits for the commit gets the error; that nobody waits is no fault.
  });
  return resolvers;
}
