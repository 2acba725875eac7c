// What Atropos' server knows: its trainer, its environments, the groups that wait and the batches that were handed out. In
// memory only: a restart forgets it, and both sides register again. It scores nothing and knows no HTTP.

import { LIMITS } from '../../contract/limits.ts';
import { EnvError } from '../../core/errors.ts';
import { pickBatch, type WaitingGroup } from './atropos-batch.ts';

/** Batches that a trainer which comes back may get again. */
const KEPT_BATCHES_MAX = 8;
/** Share of the room that they may have. */
const KEPT_BYTES_MAX = LIMITS.atroposQueueBytesMax / 4;
/** An environment asks for its status all the time: one that has not for so long is gone. */
const ENV_SILENT_MS = 300_000;

export interface Trainer {
  readonly group: string;
  readonly project: string;
  /** Sequences. */
  readonly batchSize: number;
  readonly maxTokenLength: number;
  readonly checkpointDirectory: string;
  readonly checkpointInterval: number;
  readonly startingStep: number;
  readonly steps: number;
}

export interface Environment {
  readonly id: number;
  readonly name: string;
  readonly weight: number;
  readonly maxTokenLength: number;
  readonly groupSize: number;
  /** Share of a batch that is its own at least. */
  readonly minimumShare: number | undefined;
}

export interface QueuedGroup extends WaitingGroup {
  /** As the trainer gets it: JSON. */
  readonly text: string;
}

interface KnownEnvironment extends Environment {
  readonly desiredName: string;
  isConnected: boolean;
  seenAt: number;
}

interface HandedBatch {
  readonly step: number;
  readonly groups: readonly QueuedGroup[];
  readonly bytes: number;
}

export class AtroposBoard {
  readonly #now: () => number;
  #trainer: Trainer | undefined;
  /** The trainer has asked for a batch: its environments may begin. */
  #isStarted = false;
  #step = 0;
  #environments: KnownEnvironment[] = [];
  #queue: QueuedGroup[] = [];
  #queueBytes = 0;
  #handed: readonly HandedBatch[] = [];
  #latest: string | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  get trainer(): Trainer | undefined {
    return this.#trainer;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  get step(): number {
    return this.#step;
  }

  get queue(): readonly QueuedGroup[] {
    return this.#queue;
  }

  /** JSON of the group that came last. */
  get latest(): string | undefined {
    return this.#latest;
  }

  /** A trainer that comes back at a step gets what it was handed after that step again, before all else. */
  register(trainer: Trainer): void {
    const again = this.#handed.filter(({ step }) => step > trainer.startingStep);
    this.#setQueue([...again.flatMap(({ groups }) => groups), ...this.#queue]);
    this.#handed = [];
    this.#trainer = trainer;
    this.#step = trainer.startingStep;
  }

  /** @returns the environment with its id and a name of its own */
  registerEnvironment(asked: Omit<Environment, 'id'>): Environment {
    if (this.#environments.length >= LIMITS.atroposEnvironmentsMax) {
      const message = `Cannot register: there are ${LIMITS.atroposEnvironmentsMax} environments, GET reset_data forgets them`;
      throw new EnvError('unavailable', message, { retryAfterMs: 1_000 });
    }
    const namesakes = this.#environments.filter(({ desiredName }) => desiredName === asked.name).length;
    const known = {
      ...asked,
      desiredName: asked.name,
      name: `${asked.name}_${namesakes}`,
      id: this.#environments.length,
      isConnected: true,
      seenAt: this.#now(),
    };
    this.#environments.push(known);
    return known;
  }

  /** Counts as a sign of life. Undefined for an id that no environment has. */
  environment(id: number): Environment | undefined {
    const known = this.#environments[id];
    if (known !== undefined) known.seenAt = this.#now();
    return known;
  }

  disconnect(id: number): boolean {
    const known = this.#environments[id];
    if (known === undefined) return false;
    known.isConnected = false;
    return true;
  }

  /** Environments that are there. */
  connected(): readonly Environment[] {
    return this.#environments.filter(
      ({ isConnected, seenAt }) => isConnected && this.#now() - seenAt <= ENV_SILENT_MS,
    );
  }

  /** Sequences that are an environment's own in each batch. */
  minimumOf({ minimumShare = 0 }: Environment): number {
    return Math.floor((this.#trainer?.batchSize ?? 0) * minimumShare);
  }

  /** Whether there is room for groups of so many characters. The first ones always fit. */
  hasRoom(groups: readonly QueuedGroup[]): boolean {
    if (this.#queue.length === 0) return true;
    const kept = this.#handed.reduce((sum, { bytes }) => sum + bytes, 0);
    return (
      this.#queue.length + groups.length <= LIMITS.atroposQueueGroupsMax &&
      this.#queueBytes + kept + bytesOf(groups) <= LIMITS.atroposQueueBytesMax
    );
  }

  add(groups: readonly QueuedGroup[]): void {
    this.#queue.push(...groups);
    this.#queueBytes += bytesOf(groups);
    this.#latest = groups.at(-1)?.text ?? this.#latest;
  }

  /** The next batch, one step further; undefined while there are too few groups. */
  takeBatch(): readonly QueuedGroup[] | undefined {
    if (this.#trainer === undefined) return undefined;
    this.#isStarted = true;
    const minimums = this.connected().map((each) => [each.id, this.minimumOf(each)] as const);
    const owed = new Map(minimums.filter(([, sequences]) => sequences > 0));
    const picked = new Set(pickBatch(this.#queue, this.#trainer.batchSize, owed));
    if (picked.size === 0) return undefined;
    const groups = this.#queue.filter((_, place) => picked.has(place));
    this.#setQueue(this.#queue.filter((_, place) => !picked.has(place)));
    this.#step += 1;
    this.#keep({ step: this.#step, groups, bytes: bytesOf(groups) });
    return groups;
  }

  reset(): void {
    this.#trainer = undefined;
    this.#isStarted = false;
    this.#step = 0;
    this.#environments = [];
    this.#handed = [];
    this.#latest = undefined;
    this.#setQueue([]);
  }

  #setQueue(queue: QueuedGroup[]): void {
    this.#queue = queue;
    this.#queueBytes = bytesOf(queue);
  }

  #keep(batch: HandedBatch): void {
    const newestFirst = [batch, ...this.#handed.toReversed()].slice(0, KEPT_BATCHES_MAX);
    let bytes = 0;
    this.#handed = newestFirst.filter((each) => (bytes += each.bytes) <= KEPT_BYTES_MAX).toReversed();
  }
}

/** Nearly all of it is digits, of one byte each. */
function bytesOf(groups: readonly QueuedGroup[]): number {
  return groups.reduce((sum, { text }) => sum + text.length, 0);
}
