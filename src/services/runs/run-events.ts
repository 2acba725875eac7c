// What happened in a run, for those who watch: the newest events in a ring, each with a number that keeps rising across
// restarts. A watcher pulls at its own pace; one that is too slow is told how many events it lost, and holds up nobody.

import type { RunEvent } from '../../core/calls.ts';

type EventBody<Event> = Event extends { readonly kind: string } ? Omit<Event, 'sequence' | 'at'> : never;
export type NewEvent = EventBody<RunEvent>;

export class RunEvents {
  readonly #keptMax: number;
  readonly #ring: (RunEvent | undefined)[];
  /** Sequence of the newest event, and of the newest that watchers may see. */
  #newest: number;
  #published: number;
  /** Sequence of the last event that is gone, or was never kept here. */
  #lost: number;
  readonly #waiting = new Set<() => void>();
  readonly #startedAt: number;
  #watchers = 0;

  /** @param options.sequence of the newest event of an earlier life; 0 at first. `startedAt`: when this life began. */
  constructor(options: { readonly sequence: number; readonly keptMax: number; readonly startedAt: number }) {
    this.#keptMax = options.keptMax;
    this.#startedAt = options.startedAt;
    this.#ring = Array.from({ length: options.keptMax });
    this.#newest = options.sequence;
    this.#published = options.sequence;
    this.#lost = options.sequence;
  }

  get newestSequence(): number {
    return this.#newest;
  }

  get isWatched(): boolean {
    return this.#watchers > 0;
  }

  /** Numbers the event. Nobody sees it before `publish`. */
  append(at: number, event: NewEvent): void {
    this.#newest += 1;
    this.#ring[this.#newest % this.#keptMax] = { ...event, sequence: this.#newest, at };
    this.#lost = Math.max(this.#lost, this.#newest - this.#keptMax);
  }

  /** Shows all events up to `sequence`: what they tell of is on disk. */
  publish(sequence: number): void {
    if (sequence <= this.#published) return;
    this.#published = sequence;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /**
   * Events after `afterSequence`, or from now on. Ends when `signal` does, and behind the last event of a run that has ended.
   *
   * @param hasEnded whether nothing more will happen; asked when all there is was told.
   */
  async *watch(
    afterSequence: number | undefined,
    signal: AbortSignal,
    hasEnded: () => boolean,
  ): AsyncGenerator<RunEvent> {
    // A number from the future (another life of the data directory) means "from now on".
    let seen = Math.min(afterSequence ?? this.#published, this.#published);
    let wake: (() => void) | undefined;
    const end = (): void => wake?.();
    signal.addEventListener('abort', end, { once: true });
    this.#watchers += 1;
    try {
      while (!signal.aborted) {
        if (seen < this.#lost) {
          const until = Math.min(this.#lost, this.#published);
          const count = until - seen;
          seen = until;
          if (count > 0) yield { kind: 'events-lost', sequence: seen, at: this.#atOf(seen + 1), count };
        }
        const event = seen < this.#published ? this.#ring[(seen + 1) % this.#keptMax] : undefined;
        if (event?.sequence === seen + 1) {
          seen += 1;
          yield event;
        } else if (seen >= this.#published) {
          if (this.#published === this.#newest && hasEnded()) return;
          await new Promise<void>((resolve) => {
            wake = resolve;
            this.#waiting.add(resolve);
          });
        }
      }
    } finally {
      this.#watchers -= 1;
      if (wake !== undefined) this.#waiting.delete(wake);
      signal.removeEventListener('abort', end);
    }
  }

  /** When the oldest kept event happened: about when the lost ones were. */
  #atOf(sequence: number): number {
    return this.#ring[sequence % this.#keptMax]?.at ?? this.#startedAt;
  }
}
