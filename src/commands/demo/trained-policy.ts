// The end of the demonstration: the trainer that comes along, on the same server, as the same command would run it. It is shown
// how good it is on questions from other documents before and after, or a rising reward could be learning by heart.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { EnvError } from '../../core/errors.ts';
import { DEFAULT_TASK } from '../train/settings.ts';

const COMMAND = fileURLToPath(new URL('../../../bin/groupwise.js', import.meta.url));
const SPLIT = 'test';
/** Sums have three digits at most. */
const TOKENS_MAX = 8;

export interface TrainedTask {
  /** With answers, for the warm-up: the user's own file, which no server hands out. */
  readonly rows: string;
  /** What the training keeps. */
  readonly out: string;
}

/** Makes the dataset that a tiny policy can learn, and exports its rows. @param run other commands on the data directory */
export async function prepareTraining(
  data: string,
  run: (args: readonly string[]) => Promise<void>,
): Promise<TrainedTask> {
  // Loaded when it is asked for: the dataset engine is large.
  const { makeDefaultTask } = await import('../train/default-task.ts');
  await makeDefaultTask(data);
  const rows = join(data, 'warm-up.jsonl');
  const what = ['--split', 'train', '--format', 'jsonl', '--out', rows];
  await run(['dataset', 'export', DEFAULT_TASK, '--data', data, ...what]);
  return { rows, out: join(data, 'training') };
}

export interface TrainingPlan {
  readonly server: string;
  readonly seed: number;
  readonly steps: number;
}

export function trainArguments(task: TrainedTask, { server, seed, steps }: TrainingPlan): readonly string[] {
  const where = ['--server', server, '--dataset', DEFAULT_TASK, '--warm-up', task.rows, '--evaluate', SPLIT];
  const how = ['--tokens-max', String(TOKENS_MAX), '--steps', String(steps), '--seed', String(seed)];
  return ['train', ...where, ...how, '--out', task.out];
}

/** Trains in a process of its own, which draws on this terminal. Gives back what the training says at its end. */
export async function trainInFront(args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const child = spawn(process.execPath, [COMMAND, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  try {
    const [said, [status]] = await Promise.all([textOf(child), once(child, 'exit') as Promise<unknown[]>]);
    if (status !== 0) {
      throw new EnvError('internal', `Cannot show the training: it ended with ${String(status)}`);
    }
    return JSON.parse(said) as Readonly<Record<string, unknown>>;
  } finally {
    process.off('exit', kill);
  }
}

export function canTrain(): boolean {
  try {
    import.meta.resolve('onnxruntime-node');
    return true;
  } catch (error) {
    // The package is optional: some machines have no build of it.
    if (error instanceof Error) return false;
    throw error;
  }
}

async function textOf({ stdout }: ChildProcess): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stdout ?? []) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
