// Grows a pool of tasks round by round: the calls of a round are asked at once, and their replies are read in the order of the calls, so
// that the same replies make the same pool whoever is faster. What is shown in a round depends on the rounds before it alone.

import { z } from 'zod';

import { EnvError } from '../../core/errors.ts';
import { costShare } from '../costs.ts';
import { rootKey, type Draft, type Drop, type PairItem } from '../item.ts';
import { dropped, kept, type Answer, type Decision, type StageTools } from '../stage.ts';
import { readAllRows } from './rows.ts';
import type { TaskPool } from './task-pool.ts';

/** A task as pools hold it. */
export interface SeedTask {
  readonly question: string;
  readonly answer: string;
}

export interface WrittenTask extends SeedTask {
  /** What is compared: the task without the input that it is put to. */
  readonly task: string;
}

export const roundsShape = () => ({
  /** Files with seed tasks; none: the demonstrations of the task definition. */
  seeds: z.array(z.string().min(1)).default([]),
  /** Columns of those files, as `question=q,ground_truth=a`; null: as the first rows look. */
  map: z.string().min(1).nullable().default(null),
  /** Tasks to keep. */
  size: z.int().min(1).default(100),
  /** Calls of one round. */
  parallel: z.int().min(1).max(256).default(8),
  /** So many rounds in a row without a task that passes end the stage. */
  dry_rounds: z.int().min(1).default(3),
});

/** @throws EnvError `failed_precondition` where there are none */
export async function seedTasks(
  { files, task }: StageTools,
  options: { readonly seeds: readonly string[]; readonly map: string | null },
): Promise<readonly SeedTask[]> {
  if (options.seeds.length > 0) return readAllRows(files, { paths: options.seeds, map: options.map });
  const demonstrations = task?.demonstrations ?? [];
  if (demonstrations.length > 0) {
    return demonstrations.map(({ input, output }) => ({ question: input, answer: output }));
  }
  throw new EnvError(
    'failed_precondition',
    'Cannot begin without seed tasks: name files in "seeds", or give the task definition demonstrations',
  );
}

/** What a stage makes of one reply. */
export interface ReadTasks {
  readonly tasks: readonly WrittenTask[];
  readonly drops: readonly Drop[];
}

export async function* growPool<Value>(
  pool: TaskPool<SeedTask>,
  by: {
    readonly generator: string;
    readonly tools: StageTools;
    readonly options: { readonly size: number; readonly parallel: number; readonly dry_rounds: number };
    readonly show: { readonly seeds: number; readonly made: number };
    /** `sample`: number of the call in the whole run. */
    readonly ask: (shown: readonly SeedTask[], sample: number) => Promise<Answer<Value>>;
    readonly read: (value: Value) => ReadTasks;
  },
): AsyncIterable<Decision> {
  const { options, tools } = by;
  let dryRounds = 0;
  for (let round = 0; pool.size < options.size && dryRounds < options.dry_rounds; round += 1) {
    const before = pool.size;
    const shown = Array.from({ length: options.parallel }, () => pool.show(by.show, tools.random));
    const answers = await Promise.all(
      shown.map((tasks, call) => by.ask(tasks, round * options.parallel + call)),
    );
    for (const answer of answers) yield* decide(answer, pool, by);
    dryRounds = pool.size === before ? dryRounds + 1 : 0;
  }
  if (pool.size < options.size) {
    const detail = `${dryRounds} rounds in a row brought nothing new: there are ${pool.size} of ${options.size}`;
    yield { key: undefined, outcome: dropped('ran_dry', detail) };
  }
}

function* decide<Value>(
  answer: Answer<Value>,
  pool: TaskPool<SeedTask>,
  by: {
    readonly generator: string;
    readonly options: { readonly size: number };
    readonly read: (value: Value) => ReadTasks;
  },
): Iterable<Decision> {
  if (answer.kind === 'unreadable') {
    yield dropOf('unreadable_reply', answer.detail);
    return;
  }
  const { tasks, drops } = by.read(answer.value);
  for (const { reason, detail } of drops) yield dropOf(reason, detail);
  for (const written of tasks) {
    const { task, question } = written;
    if (pool.size >= by.options.size) {
      yield dropOf('more_than_asked', task);
      continue;
    }
    const key = rootKey(pool.size);
    const flaw = pool.offer({ question, answer: written.answer }, task);
    if (flaw !== undefined) {
      yield dropOf(flaw.reason, flaw.detail);
      continue;
    }
    const draft: Draft = {
      question,
      answer: written.answer,
      aliases: [],
      generator: by.generator,
      written: answer.written,
    };
    const costUsd = costShare(answer.costUsd, tasks.length);
    const item: PairItem = { kind: 'pair', key, draft, costUsd, notes: {} };
    yield { key: undefined, outcome: kept(item) };
  }
}

function dropOf(reason: string, detail: string): Decision {
  return { key: undefined, outcome: dropped(reason, detail) };
}
