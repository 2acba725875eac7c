// The Open Reward Standard: datasets as environments, rows as tasks, and one tool that hands in an answer and ends the episode.
// Its clients join paths to the host alone, so the same calls are also at the root of the door. They wait 30 s for a byte and
// try again after a 503: a fault is held for less than that, and told as one.

import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { LIMITS } from '../../contract/limits.ts';
import type { MountedCall, MountedReply, MountedRequest } from '../../contract/mounted-call.ts';
import { filledText, integer, name, text } from '../../contract/schemas/values.ts';
import { must } from '../../contract/wording.ts';
import { invalidArgument } from '../../core/errors.ts';
import type { Dialect, Translator } from './dialect.ts';
import { type Episode, finish, OrsEpisodes, type Task } from './ors-episodes.ts';
import { json, openObject, parse, requireReward } from './replies.ts';
import { checkedPlace, envOf, find, fromEnd, opened, splitsOf, taskAt, tasksOf } from './ors-tasks.ts';
import { groupOf, questionOf } from './rows.ts';

const PREFIX = '/compat/ors';
const HOLD_MS = 20_000;
const OVER = 'The episode is over: an answer was handed in';

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
  input: z.unknown().optional(),
  task_id: filledText(LIMITS.idCharsMax).nullish(),
});
const submitted = z.strictObject({ answer: z.string().max(LIMITS.completionCharsMax) });

export const ors: Dialect = (translator) => {
  const { rows } = translator;
  const episodes = new OrsEpisodes(() => translator.clock.now());
  const calls: readonly MountedCall[] = [
    call('GET', '/health', () => json({ status: 'ok' })),
    call('GET', '/list_environments', async () => json((await rows.list()).map((each) => each.name))),
    ...ofEnvironment('GET', 'tools', () => json(TOOLS)),
    ...ofEnvironment('GET', 'splits', async (received) => json(await splitsOf(rows, received))),
    ...ofEnvironment('POST', 'tasks', async (received) => {
      const split = await opened(rows, received, parse(ofSplit, received.body).split);
      return json({ tasks: tasksOf(split, 0, split.count), env_name: split.dataset.name });
    }),
    ...ofEnvironment('POST', 'num_tasks', async (received) => {
      const split = await opened(rows, received, parse(ofSplit, received.body).split);
      return json({ num_tasks: split.count });
    }),
    ...ofEnvironment('POST', 'task', async (received) => {
      const asked = parse(ofTask, received.body);
      const split = await opened(rows, received, asked.split);
      return json({ task: taskAt(split, checkedPlace(split, asked.index)), env_name: split.dataset.name });
    }),
    ...ofEnvironment('POST', 'task_range', async (received) => {
      const { split: wanted, start, stop } = parse(ofRange, received.body);
      const split = await opened(rows, received, wanted);
      const [from, to] = [fromEnd(start ?? 0, split.count), fromEnd(stop ?? split.count, split.count)];
      return json({ tasks: tasksOf(split, from, to), env_name: split.dataset.name });
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
    ...ofEnvironment('GET', 'prompt', async (received) => {
      const { task } = episodes.get(idOf(received));
      const { split, ordinal } = await find(rows, await envOf(rows, received), task);
      const [row] = await split.rowsAt([ordinal]);
      return json(row === undefined ? [] : [{ text: questionOf(row), detail: null, type: 'text' }]);
    }),
    ...ofEnvironment('GET', 'task_tools', (received) => {
      episodes.get(idOf(received));
      return json(TOOLS);
    }),
    ...ofEnvironment('POST', 'call', (received) =>
      useTool(translator, episodes.get(idOf(received)), received),
    ),
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

/** Clients of one platform leave the environment out of the path, and name it in a header. */
function ofEnvironment(
  method: MountedCall['method'],
  suffix: string,
  answer: MountedCall['answer'],
): readonly MountedCall[] {
  return [call(method, `/{env}/${suffix}`, answer), call(method, `/${suffix}`, answer)];
}

/** A wrong use of the tool is told to the model; a fault of ours is refused, for its client then asks again. */
async function useTool(
  { rows, scoring, choices }: Translator,
  episode: Episode,
  received: MountedRequest,
): Promise<MountedReply> {
  const { query, body, signal } = received;
  const { name: tool, input, task_id: given } = parse(toolCall, body);
  const taskId = given ?? randomUUID();
  if (episode.end?.taskId === taskId) return events(taskId, episode.end.reply);
  const fail = (error: string): MountedReply => events(taskId, JSON.stringify({ ok: false, error }));
  if (tool !== 'submit') return fail('Unknown tool: there is only submit');
  const read = submitted.safeParse(input);
  if (!read.success)
    return fail('Cannot read the input of submit: it must have an answer, which is a text, and nothing else');
  const answer = createHash('sha256').update(read.data.answer).digest('base64');
  // A client whose reply was lost asks again, and does not know the id of its call: that was in the reply.
  if (episode.end?.answer === answer) return events(taskId, episode.end.reply);
  if (episode.end !== undefined) return fail(OVER);
  const { split, ordinal } = await find(rows, await envOf(rows, received), episode.task);
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
  if (!finish(episode, { taskId, answer, reply })) return fail(OVER);
  return events(taskId, reply);
}

/** Server-sent events, all at once: the id, and the end with the whole of the reply, which is short. */
function events(taskId: string, reply: string): MountedReply {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    body: `event: task_id\ndata: ${taskId}\n\nevent: end\ndata: ${reply}\n\n`,
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

function taskOf({ task_spec: spec, split, index }: z.output<typeof creation>): Task {
  if (spec !== undefined && spec !== null) return { kind: 'row', rowId: spec.row_id, split: spec.split };
  if (typeof split === 'string' && typeof index === 'number') return { kind: 'place', split, index };
  throw invalidArgument('task_spec', 'Is missing: must be a task, or split and index instead');
}
