// Alpaca's variant of Self-Instruct: one call writes twenty tasks with input and answer at once, after three seeds. Cheap; nobody has
// checked the answers, so `majority_vote` belongs behind it.

import { z } from 'zod';

import { stageKind } from '../stage.ts';
import { taskValuesOf } from '../synthetic/task-values.ts';
import { readTaskList, writeTaskEntry } from './task-list.ts';
import { growPool, roundsShape, seedTasks } from './rounds.ts';
import { ALPACA_BANNED, poolShape, TaskPool } from './task-pool.ts';

const alpacaOptions = () =>
  z.strictObject({
    ...roundsShape(),
    ...poolShape(ALPACA_BANNED),
    per_call: z.int().min(1).max(100).default(20),
    shown_seeds: z.int().min(1).default(3),
    temperature: z.number().min(0).max(2).default(1),
  });
type AlpacaOptions = z.output<ReturnType<typeof alpacaOptions>>;

export const alpaca = stageKind({
  name: 'alpaca',
  summary: 'Makes twenty tasks with answers in one call, after three seed tasks (Alpaca).',
  takes: 'task',
  gives: 'pair',
  model: 'teacher',
  needs: ['task'],
  options: alpacaOptions,
  reads: ({ seeds }: AlpacaOptions) => seeds,
  estimate: ({ size, per_call: perCall }: AlpacaOptions) => ({
    calls: Math.ceil((2 * size) / perCall),
    promptTokens: 700,
    showsPassage: false,
    completionTokens: 80 * perCall,
    yield: size,
  }),
  build: (options: AlpacaOptions) => ({
    kind: 'whole',
    async *apply(_, tools) {
      const seeds = await seedTasks(tools, options);
      const pool = new TaskPool(seeds, ({ question }) => question, options);
      yield* growPool(pool, {
        generator: 'alpaca',
        tools,
        options,
        show: { seeds: options.shown_seeds, made: 0 },
        ask: (shown, sample) =>
          tools.ask<string>({
            prompt: 'alpaca/tasks',
            values: {
              ...taskValuesOf(tools),
              shown: shown.map((seed, index) => writeTaskEntry(index + 1, seed)),
              count: options.per_call,
            },
            reply: 'text',
            sample,
            temperature: options.temperature,
          }),
        read: (text) => readTaskList(text, options.per_call),
      });
    },
  }),
});
