// The Open Reward Standard: datasets as environments, rows as tasks, and one tool that hands in an answer and ends the episode.
// Its client joins paths to the host alone, so the same calls are also at the root of the door. It waits 30 s for a byte and
// tries again after a 503: a fault is held for less than that, and told as one.

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { LIMITS } from '../../contract/limits.ts';
import type { MountedCall, MountedReply, MountedRequest } from '../../contract/mounted-call.ts';
import { filledText, integer, name, text } from '../../contract/schemas/values.ts';
import { must } from '../../contract/wording.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import type { RowsService, ServedSplit } from '../../services/datasets/served-rows.ts';
import type { Dialect, Translator } from './dialect.ts';
import { type Episode, OrsEpisodes, type Task } from './ors-episodes.ts';
import { json, openObject, parse, requireReward } from './replies.ts';
import { groupOf, ordinalOf, questionOf, rowIdOf } from './rows.ts';

const PREFIX = '/compat/ors';
const HOLD_MS = 20_000;
/** Tasks of one reply. */
const TASKS_MAX = 65_536;
/** Characters of one event, as its own server cuts them. */
const CHUNK_CHARS = 4_096;

/** Splits that the standard knows; it takes any other for the second. */
const SPLIT_TYPES = new Set(['train', 'validation', 'test']);

const TOOLS = {
  tools: [
    {
      name: 'submit',
      description: 'Hands in the answer and ends the episode.',
      input_schema: {
        type: 'object',
        properties: { answer: { type: 'string', description: 'The whole answer.' } },
        required: ['answer'],
      },
    },
  ],
};

const place = integer(0, Number.MAX_SAFE_INTEGER);
const bound = z.int({ error: must('a whole number') }).nullish();
const ofSplit = openObject({ split: name() });
const ofTask = openObject({ split: name(), index: place });
const ofRange = openObject({ split: name(), start: bound, stop: bound });
const taskSpec = openObject({ row_id: filledText(LIMITS.idCharsMax), split: name() });
const creation = openObject({
  env_name: name().nullish(),
  task_spec: taskSpec.nullish(),
  split: name().nullish(),
  index: place.nullish(),
});
const opening = openObject({ task_id: filledText(LIMITS.idCharsMax).nullish() }).optional();
const toolCall = openObject({
  name: text(LIMITS.nameCharsMax),
  input: z.unknown(),
  task_id: filledText(LIMITS.idCharsMax).nullish(),
});
const submitted = z.strictObject({ answer: z.string().max(LIMITS.completionCharsMax) });

export const ors: Dialect = (translator) => {
  const { rows } = translator;
  const episodes = new OrsEpisodes(translator.now);
  const calls: readonly MountedCall[] = [
    call('GET', '/health', () => json({ status: 'ok' })),
    call('GET', '/list_environments', async () => json((await rows.list()).map((each) => each.name))),
    call('GET', '/{env}/tools', () => json(TOOLS)),
    call('GET', '/{env}/splits', async ({ path }) => json(await splitsOf(rows, path['env'] ?? ''))),
    call('POST', '/{env}/tasks', async ({ path, body }) => {
      const split = await rows.open(path['env'] ?? '', parse(ofSplit, body).split);
      return json({ tasks: tasksOf(split, 0, split.count), env_name: split.dataset.name });
    }),
    call('POST', '/{env}/num_tasks', async ({ path, body }) => {
      const { count } = await rows.open(path['env'] ?? '', parse(ofSplit, body).split);
      return json({ num_tasks: count });
    }),
    call('POST', '/{env}/task', async ({ path, body }) => {
      const asked = parse(ofTask, body);
      const split = await rows.open(path['env'] ?? '', asked.split);
      return json({ task: taskAt(split, checkedPlace(split, asked.index)) });
    }),
    call('POST', '/{env}/task_range', async ({ path, body }) => {
      const { split: wanted, start, stop } = parse(ofRange, body);
      const split = await rows.open(path['env'] ?? '', wanted);
      const [from, to] = [fromEnd(start ?? 0, split.count), fromEnd(stop ?? split.count, split.count)];
      return json({ tasks: tasksOf(split, from, to) });
    }),
    call('POST', '/create_session', ({ body }) => {
      const id = parse(opening, body)?.task_id ?? randomUUID();
      return events(id, '');
    }),
    call('POST', '/create', async (received) => {
      const id = idOf(received);
      const asked = parse(creation, received.body);
      const task = taskOf(asked);
      if (typeof asked.env_name === 'string') await find(rows, asked.env_name, task);
      episodes.begin(id, task);
      return json({ sid: id });
    }),
    call('GET', '/{env}/prompt', async (received) => {
      const { split, ordinal } = await find(
        rows,
        received.path['env'] ?? '',
        episodes.get(idOf(received)).task,
      );
      const [row] = await split.rowsAt([ordinal]);
      return json(row === undefined ? [] : [{ text: questionOf(row), detail: null, type: 'text' }]);
    }),
    call('GET', '/{env}/task_tools', (received) => {
      episodes.get(idOf(received));
      return json(TOOLS);
    }),
    call('POST', '/{env}/call', (received) => useTool(translator, episodes.get(idOf(received)), received)),
    call('POST', '/ping', (received) => {
      episodes.get(idOf(received));
      return json({ status: 'ok' });
    }),
    ...['/delete', '/delete_session'].map((path) =>
      call('POST', path, (received) => {
        const id = idOf(received);
        episodes.end(id);
        return json({ sid: id });
      }),
    ),
  ];
  return [...calls, ...calls.map((each) => ({ ...each, path: each.path.slice(PREFIX.length) }))];
};

function call(method: MountedCall['method'], path: string, answer: MountedCall['answer']): MountedCall {
  return { method, path: `${PREFIX}${path}`, name: 'compat/ors', answer };
}

/** A wrong use of the tool is told to the model; a fault of ours is refused, for its client then asks again. */
async function useTool(
  { rows, scoring, choices }: Translator,
  episode: Episode,
  { path, query, body, signal }: MountedRequest,
): Promise<MountedReply> {
  const { name: tool, input, task_id: given } = parse(toolCall, body);
  const taskId = given ?? randomUUID();
  if (episode.end?.taskId === taskId) return events(taskId, episode.end.reply);
  const fail = (error: string): MountedReply => events(taskId, JSON.stringify({ ok: false, error }));
  if (tool !== 'submit') return fail('Unknown tool: there is only submit');
  const read = submitted.safeParse(input);
  if (!read.success)
    return fail('Cannot read the input of submit: it must have an answer, which is a text, and nothing else');
  if (episode.end !== undefined) return fail('The episode is over: an answer was handed in');
  const { split, ordinal } = await find(rows, path['env'] ?? '', episode.task);
  const [row] = await split.rowsAt([ordinal]);
  // The ordinal is below the count.
  if (row === undefined) throw new RangeError(`No row at ${ordinal}`);
  const { named, holdMs } = choices.of(query, HOLD_MS);
  const asked = { dialect: 'ors', reward: named, holdMs, signal, field: 'input.answer' };
  const outcome = await scoring.outcome(groupOf(split, row, read.data.answer), asked);
  const { reward } = requireReward(outcome, 'input.answer');
  const output = { blocks: [], metadata: null, reward, finished: true };
  const reply = JSON.stringify({ ok: true, output });
  // Two of the same episode at once: the first that was scored is the one that counts.
  if (episode.end !== undefined) return fail('The episode is over: an answer was handed in');
  episode.end = { taskId, reply };
  return events(taskId, reply);
}

/** Server-sent events, all at once: the id, the text in pieces, and its end. */
function events(taskId: string, reply: string): MountedReply {
  const pieces = reply.match(new RegExp(`[^]{1,${CHUNK_CHARS}}`, 'gu')) ?? [''];
  const last = pieces.length - 1;
  const told = pieces.map((piece, index) => `event: ${index === last ? 'end' : 'chunk'}\ndata: ${piece}\n\n`);
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    body: `event: task_id\ndata: ${taskId}\n\n${told.join('')}`,
  };
}

function idOf(received: MountedRequest): string {
  const id = received.header('x-session-id')?.trim() ?? '';
  if (id !== '' && id.length <= LIMITS.idCharsMax) return id;
  throw invalidArgument(
    'X-Session-ID',
    `Is missing: this header must have 1 to ${LIMITS.idCharsMax} characters`,
  );
}

async function splitsOf(rows: RowsService, env: string) {
  const dataset = (await rows.list()).find((each) => each.name === env);
  if (dataset === undefined) {
    throw new EnvError('not_found', `Cannot find dataset "${env}"`, { field: 'dataset' });
  }
  return dataset.splits.map((split) => ({
    name: split.name,
    type: SPLIT_TYPES.has(split.name) ? split.name : 'validation',
  }));
}

function taskAt(split: ServedSplit, ordinal: number) {
  return { row_id: rowIdOf(split, ordinal), split: split.name, index: ordinal };
}

function tasksOf(split: ServedSplit, from: number, to: number) {
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
function fromEnd(bounded: number, count: number): number {
  return Math.min(count, Math.max(0, bounded < 0 ? count + bounded : bounded));
}

function checkedPlace({ count }: ServedSplit, index: number): number {
  if (index < count) return index;
  throw invalidArgument('index', `Must be below ${count}, the rows of this split, not ${index}`);
}

function taskOf({ task_spec: spec, split, index }: z.output<typeof creation>): Task {
  if (spec !== undefined && spec !== null) return { kind: 'row', rowId: spec.row_id, split: spec.split };
  if (typeof split === 'string' && typeof index === 'number') return { kind: 'place', split, index };
  throw invalidArgument('task_spec', 'Is missing: must be a task, or split and index instead');
}

async function find(rows: RowsService, env: string, task: Task) {
  const split = await rows.open(env, task.split);
  const ordinal =
    task.kind === 'row' ? ordinalOf(split, task.rowId, 'task_spec.row_id') : checkedPlace(split, task.index);
  return { split, ordinal };
}
