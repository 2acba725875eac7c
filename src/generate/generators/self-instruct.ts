// Self-Instruct (arXiv 2212.10560): new tasks after the pattern of a few that people wrote and of those that a model has made already. It
// makes tasks alone; `instances` gives them inputs and answers.

import { z } from 'zod';

import { stageKind } from '../stage.ts';
import { taskValuesOf } from '../synthetic/task-values.ts';
import { growPool, roundsShape, seedTasks } from './rounds.ts';
import { poolShape, SELF_INSTRUCT_BANNED, TaskPool } from './task-pool.ts';

const selfInstructOptions = () =>
  z.strictObject({
    ...roundsShape(),
    ...poolShape(SELF_INSTRUCT_BANNED),
    /** New tasks of one call. */
    per_call: z.int().min(1).max(50).default(8),
    /** Tasks of people, and of the machine, that a call shows. */
    shown_seeds: z.int().min(1).default(6),
    shown_made: z.int().min(0).default(2),
    temperature: z.number().min(0).max(2).default(0.7),
  });
type SelfInstructOptions = z.output<ReturnType<typeof selfInstructOptions>>;

const tasksReply = () => z.strictObject({ tasks: z.array(z.string()) });

export const selfInstruct = stageKind({
  name: 'self_instruct',
  summary: 'Makes new tasks after seed tasks, each different enough from all others (Self-Instruct).',
  takes: 'task',
  gives: 'pair',
  model: 'teacher',
  needs: ['task'],
  options: selfInstructOptions,
  reads: ({ seeds }: SelfInstructOptions) => seeds,
  // One task in two passes.
  estimate: ({ size, per_call: perCall }: SelfInstructOptions) => ({
    calls: Math.ceil((2 * size) / perCall),
    promptTokens: 600,
    showsPassage: false,
    completionTokens: 35 * perCall,
    yield: size,
  }),
  build: (options: SelfInstructOptions) => {
    const reply = tasksReply();
    return {
      kind: 'whole',
      async *apply(_, tools) {
        const seeds = await seedTasks(tools, options);
        const pool = new TaskPool(seeds, ({ question }) => question, options);
        yield* growPool(pool, {
          generator: 'self_instruct',
          tools,
          options,
          show: { seeds: options.shown_seeds, made: options.shown_made },
          ask: (shown, sample) =>
            tools.ask({
              prompt: 'self_instruct/tasks',
              values: {
                ...taskValuesOf(tools),
                shown: shown.map(({ question }) => question),
                count: options.per_call,
              },
              reply,
              sample,
              temperature: options.temperature,
            }),
          read: ({ tasks }) => ({
            tasks: tasks.slice(0, options.per_call).map((written) => {
              const task = written.trim();
              return { task, question: task, answer: '' };
            }),
            drops: tasks.slice(options.per_call).map((task) => ({ reason: 'more_than_asked', detail: task })),
          }),
        });
      },
    };
  },
});
