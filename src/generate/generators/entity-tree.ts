// UltraChat's questions about things of the world (arXiv 2305.14233): each entity of a list under each of a few viewpoints, some questions about a
// single point of it and some about it as a whole. It makes questions alone; `majority_vote` answers them.

import { z } from 'zod';

import { isJsonObject } from '../../core/canonical-json.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import type { PromptData } from '../../ports/prompt-data.ts';
import { childKey, rootKey, type PairItem } from '../item.ts';
import { stageKind, type Decision, type StageTools } from '../stage.ts';
import { taskValuesOf } from '../synthetic/task-values.ts';
import { openQuestion, readList, Seen } from './question-lists.ts';

/** The viewpoints that come along. */
const VIEWPOINT_FILE = 'entity_tree/viewpoints';
/** Entities that are asked about at once. */
const BATCH = 64;

const entityTreeOptions = () =>
  z.strictObject({
    /** Files of rows with an entity each. */
    entities: z.array(z.string().min(1)).min(1),
    column: z.string().min(1).default('entity'),
    limit: z.int().min(1).nullable().default(null),
    /** Ways to look at an entity; none: those of the data file `entity_tree/viewpoints`. */
    viewpoints: z.array(z.string().min(1)).default([]),
    /** Questions about a single point, and about the whole, for each entity and viewpoint. */
    specific: z.int().min(0).max(50).default(10),
    general: z.int().min(0).max(50).default(20),
    temperature: z.number().min(0).max(2).default(0.7),
  });
type EntityTreeOptions = z.output<ReturnType<typeof entityTreeOptions>>;

const questionsReply = () => z.strictObject({ specific: z.array(z.string()), general: z.array(z.string()) });
type QuestionsReply = ReturnType<typeof questionsReply>;

/** For the estimate alone: nobody has looked into the files yet. */
const GUESSED = { entities: 1_000, viewpoints: 5 };

export const entityTree = stageKind({
  name: 'entity_tree',
  summary: 'Questions about each entity of a list from several viewpoints, without answers (UltraChat).',
  takes: 'task',
  gives: 'pair',
  model: 'teacher',
  options: entityTreeOptions,
  reads: ({ entities }: EntityTreeOptions) => entities,
  estimate: ({ limit, viewpoints, specific, general }: EntityTreeOptions) => {
    const calls = (limit ?? GUESSED.entities) * (viewpoints.length || GUESSED.viewpoints);
    return {
      calls,
      promptTokens: 250,
      showsPassage: false,
      completionTokens: 25 * (specific + general),
      yield: 0.9 * calls * (specific + general),
    };
  },
  build: (options: EntityTreeOptions) => {
    const reply = questionsReply();
    return { kind: 'whole', apply: (_, tools) => questionsFor(tools, options, reply) };
  },
});

async function* questionsFor(
  tools: StageTools,
  options: EntityTreeOptions,
  reply: QuestionsReply,
): AsyncGenerator<Decision> {
  const viewpoints = options.viewpoints.length > 0 ? options.viewpoints : viewpointsOf(tools.data);
  const seen = new Seen();
  let place = 0;
  for await (const batch of batchesOf(tools, options)) {
    const asked = batch.flatMap((entity) => viewpoints.map((viewpoint) => ({ entity, viewpoint })));
    const answers = await Promise.all(
      asked.map((about) =>
        tools.ask({
          prompt: 'entity_tree/questions',
          values: {
            ...taskValuesOf(tools),
            ...about,
            specific: options.specific,
            general: options.general,
          },
          reply,
          temperature: options.temperature,
        }),
      ),
    );
    for (const [index, answer] of answers.entries()) {
      const { entity = '', viewpoint = '' } = asked[index] ?? {};
      const key = rootKey(place);
      place += 1;
      const items = answer.kind === 'answer' ? wantedOf(answer.value, options) : [];
      const list = readList(
        answer.kind === 'answer' ? { ...answer, value: { items } } : answer,
        items.length,
        seen,
      );
      const notes: PairItem['notes'] = { entity_tree: { entity, viewpoint } };
      const kept = list.texts.map((question, at) =>
        openQuestion(question, {
          key: childKey(key, at),
          generator: 'entity_tree',
          list,
          domain: entity,
          notes,
        }),
      );
      const drops =
        kept.length + list.drops.length > 0 ? list.drops : [{ reason: 'nothing_written', detail: entity }];
      yield { key: undefined, outcome: { kept, drops } };
    }
  }
}

function wantedOf({ specific, general }: z.output<QuestionsReply>, options: EntityTreeOptions): string[] {
  return [...specific.slice(0, options.specific), ...general.slice(0, options.general)];
}

/** Different entities, in the order of the files. Throws `EnvError` `failed_precondition` for a row without one. */
async function* batchesOf(
  { files }: StageTools,
  { entities, column, limit }: EntityTreeOptions,
): AsyncGenerator<readonly string[]> {
  const seen = new Seen();
  let batch: string[] = [];
  let count = 0;
  for (const path of entities) {
    for await (const rows of files.rows(path).batches()) {
      for (const row of rows) {
        const cell = row.kind === 'row' && isJsonObject(row.row) ? row.row[column] : undefined;
        if (typeof cell !== 'string' || cell.trim() === '') {
          throw new EnvError(
            'failed_precondition',
            `Cannot ask about "${path}": row ${row.at} has no text in column "${column}"`,
          );
        }
        if (limit !== null && count >= limit) continue;
        if (!seen.add(cell)) continue;
        count += 1;
        batch.push(cell.trim());
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
    }
  }
  if (batch.length > 0) yield batch;
}

function viewpointsOf(data: PromptData): readonly string[] {
  const read = z
    .strictObject({ viewpoints: z.array(z.string().min(1)).min(1) })
    .safeParse(data.find(VIEWPOINT_FILE));
  if (read.success) return read.data.viewpoints;
  throw invalidArgument(
    'prompts',
    `Cannot use the data file "${VIEWPOINT_FILE}.yaml": it needs a list "viewpoints"`,
  );
}
