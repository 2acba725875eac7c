// What the Open Reward Standard calls environments, splits and tasks: datasets, their splits, and rows by their place. Tasks
// hold no prompt and no ground truth, only what finds their row again.

import type { MountedRequest } from '../../contract/mounted-call.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import type { RowsService, ServedSplit } from '../../services/datasets/served-rows.ts';
import type { Task } from './ors-episodes.ts';
import { ordinalOf, rowIdOf } from './rows.ts';

/** Tasks of one reply. */
const TASKS_MAX = 65_536;

/** Splits that the standard knows; it takes any other for the second. */
const SPLIT_TYPES = new Set(['train', 'validation', 'test']);

/** The dataset of the path, else of the header, else the only one: such a client may call its only environment anything. */
export async function envOf(rows: RowsService, received: MountedRequest): Promise<string> {
  const { env } = received.path;
  if (env !== undefined) return env;
  const named = received.header('x-deployment')?.split('/').at(-1) ?? '';
  const names = (await rows.list()).map(({ name: known }) => known);
  if (names.includes(named)) return named;
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  const message = `Cannot tell which dataset is meant: X-Deployment must be one of ${names.join(', ')}`;
  throw new EnvError('not_found', message, { field: 'X-Deployment' });
}

export async function opened(
  rows: RowsService,
  received: MountedRequest,
  split: string,
): Promise<ServedSplit> {
  return rows.open(await envOf(rows, received), split);
}

export async function splitsOf(rows: RowsService, received: MountedRequest) {
  const env = await envOf(rows, received);
  const dataset = (await rows.list()).find((each) => each.name === env);
  if (dataset === undefined) {
    throw new EnvError('not_found', `Cannot find dataset "${env}"`, { field: 'dataset' });
  }
  return dataset.splits.map((split) => ({
    name: split.name,
    type: SPLIT_TYPES.has(split.name) ? split.name : 'validation',
  }));
}

export function taskAt(split: ServedSplit, ordinal: number) {
  return { row_id: rowIdOf(split, ordinal), split: split.name, index: ordinal };
}

export function tasksOf(split: ServedSplit, from: number, to: number) {
  const length = Math.max(0, to - from);
  if (length > TASKS_MAX) {
    throw invalidArgument(
      'split',
      `Cannot list ${length} tasks at once: at most ${TASKS_MAX}, ask by num_tasks and task_range`,
    );
  }
  return Array.from({ length }, (_, index) => taskAt(split, from + index));
}

/** A bound of a range as Python has it: below 0 it counts from the end. */
export function fromEnd(bounded: number, count: number): number {
  return Math.min(count, Math.max(0, bounded < 0 ? count + bounded : bounded));
}

export function checkedPlace({ count }: ServedSplit, index: number): number {
  if (index < count) return index;
  throw invalidArgument('index', `Must be below ${count}, the rows of this split, not ${index}`);
}

export async function find(rows: RowsService, env: string, task: Task) {
  const split = await rows.open(env, task.split);
  const ordinal =
    task.kind === 'row' ? ordinalOf(split, task.rowId, 'task_spec.row_id') : checkedPlace(split, task.index);
  return { split, ordinal };
}
