// A training on disk: the policy as it writes itself, and beside it what the loop must know to go on as if nothing had happened.
// A checkpoint is a folder that appears whole or not at all. Randomness needs no state: see `streamOf`.

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { EnvError } from '../../core/errors.ts';
import type { Policy } from '../policy.ts';
import type { DrawnBatch } from './batch.ts';
import { readJsonAs } from './read-json.ts';

export interface LoopState {
  /** Training steps that are done. */
  readonly step: number;
  /** Number of the next batch that is leased. */
  readonly nextBatch: number;
  /** Mean reward of each step so far. */
  readonly rewards: readonly number[];
  /** Drawn so far. */
  readonly tokens: number;
  readonly wallSeconds: number;
  /** Drawn ahead of the step, with weights that are not there any more; oldest first. */
  readonly ahead: readonly DrawnBatch[];
}

export const FIRST_STATE: LoopState = {
  step: 0,
  nextBatch: 0,
  rewards: [],
  tokens: 0,
  wallSeconds: 0,
  ahead: [],
};

export interface Checkpoint {
  readonly folder: string;
  readonly state: LoopState;
}

const FORMAT = 1;
const STATE_SHAPE = z.object({
  format: z.int(),
  step: z.int().nonnegative(),
  nextBatch: z.int().nonnegative(),
  rewards: z.array(z.number()),
  tokens: z.number().nonnegative(),
  wallSeconds: z.number().nonnegative(),
  // Millions of tokens: whoever wrote the rest wrote these.
  ahead: z.array(z.custom<DrawnBatch>((batch) => typeof batch === 'object' && batch !== null)),
});
const STATE_FILE = 'training.json';
const NAME = /^step-(\d{6,})$/;

/** Writes `step-000120` into the folder, and deletes all but the newest `kept`. */
export async function saveCheckpoint(
  folder: string,
  policy: Pick<Policy, 'save'>,
  state: LoopState,
  kept: number,
): Promise<void> {
  const name = `step-${String(state.step).padStart(6, '0')}`;
  const [place, partial] = [join(folder, name), join(folder, `${name}.partial`)];
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await policy.save(partial);
  await writeFile(join(partial, STATE_FILE), JSON.stringify({ format: FORMAT, ...state }), { flush: true });
  // The same step may have been kept by a life before this one.
  await rm(place, { recursive: true, force: true });
  await rename(partial, place);
  for (const old of (await namesIn(folder)).slice(0, -kept)) await rm(join(folder, old), { recursive: true });
}

/** The newest one; undefined when there is none. @throws EnvError `data_loss` for one that cannot be read */
export async function newestCheckpoint(folder: string): Promise<Checkpoint | undefined> {
  const name = (await namesIn(folder)).at(-1);
  return name === undefined ? undefined : readCheckpoint(join(folder, name));
}

/** The oldest one that is kept: nothing before it is ever needed again. */
export async function oldestCheckpoint(folder: string): Promise<Checkpoint | undefined> {
  const [name] = await namesIn(folder);
  return name === undefined ? undefined : readCheckpoint(join(folder, name));
}

async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const path = join(folder, STATE_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new EnvError('data_loss', `Cannot read "${path}"`, { cause: error });
  }
  const { format, ...state } = readJsonAs(STATE_SHAPE, text, `"${path}"`);
  if (format === FORMAT) return { folder, state };
  throw new EnvError('failed_precondition', `Cannot read "${path}": another version of the program wrote it`);
}

/** Names of whole checkpoints, oldest first. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => NAME.test(name)).toSorted((a, b) => stepOf(a) - stepOf(b));
}

function stepOf(name: string): number {
  return Number(NAME.exec(name)?.[1] ?? Number.NaN);
}
