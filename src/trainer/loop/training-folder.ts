// The folder of a training: which runs it has on the server, what it was started with, its journal of leases and its checkpoints.
// The same command on the same folder goes on; a training that is kept nowhere has a folder without a path.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { EnvError } from '../../core/errors.ts';
import type { RunId } from '../../core/ids.ts';
import {
  type Checkpoint,
  newestCheckpoint,
  oldestCheckpoint,
  saveCheckpoint,
  type LoopState,
} from './checkpoint.ts';
import { LeaseJournal } from './lease-journal.ts';
import type { Policy } from '../policy.ts';
import { readJsonAs } from './read-json.ts';
import type { RunPlace } from './runs.ts';

/** All that decides a training, by name: what cannot change between its lives. */
export type Identity = Readonly<Record<string, string | number | boolean>>;

const RECORD_SHAPE = z.object({
  identity: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  runs: z.array(
    z.object({
      runId: z.string().transform((id) => id as RunId),
      seed: z.int().nonnegative(),
      epochs: z.int().positive(),
    }),
  ),
});
type TrainingRecord = z.output<typeof RECORD_SHAPE>;

/** Marks the folder of a training. */
export const TRAINING_RECORD = 'training.json';
const JOURNAL = 'leases.jsonl';
const CHECKPOINTS = 'checkpoints';

export class TrainingFolder {
  readonly #path: string | undefined;
  readonly #identity: Identity;
  #runs: readonly RunPlace[];
  readonly journal: LeaseJournal;

  private constructor(path: string | undefined, record: TrainingRecord, journal: LeaseJournal) {
    this.#path = path;
    this.#identity = record.identity;
    this.#runs = record.runs;
    this.journal = journal;
  }

  /**
   * @throws EnvError `failed_precondition` for a folder that holds a training of another identity
   */
  static async open(path: string | undefined, identity: Identity): Promise<TrainingFolder> {
    if (path === undefined)
      return new TrainingFolder(undefined, { identity, runs: [] }, await LeaseJournal.open(undefined));
    await mkdir(join(path, CHECKPOINTS), { recursive: true });
    const record = await readRecord(join(path, TRAINING_RECORD));
    if (record !== undefined) requireSame(path, record.identity, identity);
    const journal = await LeaseJournal.open(join(path, JOURNAL));
    return new TrainingFolder(path, { identity, runs: record?.runs ?? [] }, journal);
  }

  /** Whether a training can be resumed from here. */
  get isKept(): boolean {
    return this.#path !== undefined;
  }

  get runs(): readonly RunPlace[] {
    return this.#runs;
  }

  /** On disk before the run is opened: a run that nobody remembers would be walked by nobody. */
  async addRun(run: RunPlace): Promise<void> {
    this.#runs = [...this.#runs, run];
    if (this.#path === undefined) return;
    const path = join(this.#path, TRAINING_RECORD);
    const record = { identity: this.#identity, runs: this.#runs };
    await writeFile(`${path}.partial`, `${JSON.stringify(record, undefined, 2)}\n`, { flush: true });
    await rename(`${path}.partial`, path);
  }

  async newest(): Promise<Checkpoint | undefined> {
    return this.#path === undefined ? undefined : newestCheckpoint(join(this.#path, CHECKPOINTS));
  }

  /** Keeps the training as it is now, and drops what is older than the checkpoints that stay. */
  async save(policy: Pick<Policy, 'save'>, state: LoopState, kept: number): Promise<void> {
    if (this.#path === undefined) return;
    const folder = join(this.#path, CHECKPOINTS);
    await saveCheckpoint(folder, policy, state, kept);
    await this.journal.forgetBefore((await oldestCheckpoint(folder))?.state.nextBatch ?? 0);
  }
}

async function readRecord(path: string): Promise<TrainingRecord | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return readJsonAs(RECORD_SHAPE, text, `"${path}"`);
}

function requireSame(path: string, before: Identity, now: Identity): void {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const changed = names.filter((name) => before[name] !== now[name]);
  if (changed.length === 0) return;
  const words = changed.map(
    (name) => `${name} was ${String(before[name] ?? 'not set')} and is ${String(now[name] ?? 'not set')}`,
  );
  throw new EnvError(
    'failed_precondition',
    `Cannot go on with the training in "${path}": ${words.join(', ')}; use the same settings or another folder`,
  );
}
