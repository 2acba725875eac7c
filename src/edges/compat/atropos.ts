// Atropos' server, between the environments and the trainer of those that it left behind: groups are pushed, batches polled for.
// Its environments try again after a 5xx and drop what a 4xx refuses, so whatever may pass is held, and then refused by 503.

import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { LIMITS } from '../../contract/limits.ts';
import type { MountedCall, MountedRequest } from '../../contract/mounted-call.ts';
import { decimal, finite, integer, list, text } from '../../contract/schemas/values.ts';
import { must } from '../../contract/wording.ts';
import { EnvError } from '../../core/errors.ts';
import { AtroposBoard, type QueuedGroup } from './atropos-board.ts';
import { groupJson, readGroup } from './atropos-group.ts';
import { scoredJson, scoringTask } from './atropos-scoring.ts';
import { statusOf } from './atropos-status.ts';
import type { Dialect, Translator } from './dialect.ts';
import { pause } from './patience.ts';
import { json, openObject, parse, rawJson } from './replies.ts';

/** Its environments try three times, and give up an item after 600 s in all. */
const HOLD_MS = 180_000;
/** How often a group that waits for room looks again. */
const ROOM_MS = 1_000;
/** A number of it is one that JavaScript and Python both know exactly. */
const UUID_MAX = 2 ** 47;

const whole = z.int({ error: must('a whole number') });
const label = text(LIMITS.answerCharsMax).nullish();
const registration = openObject({
  wandb_group: label,
  wandb_project: label,
  batch_size: integer(1, LIMITS.completionsPerRequestMax),
  max_token_len: whole,
  checkpoint_dir: label,
  save_checkpoint_interval: whole,
  starting_step: integer(0, Number.MAX_SAFE_INTEGER),
  num_steps: whole,
});
const envRegistration = openObject({
  max_token_length: whole,
  desired_name: text(LIMITS.idCharsMax).nullish(),
  weight: finite().nullish(),
  group_size: integer(1, LIMITS.groupSizeMax),
  min_batch_allocation: decimal(0, 1).nullish(),
});
const envIdentifier = openObject({ env_id: whole });
const groupList = list(z.unknown(), 0, LIMITS.groupsPerRequestMax, 'scored groups');

const EMPTY_EXAMPLE = {
  tokens: [],
  masks: [],
  scores: [],
  advantages: [],
  ref_logprobs: [],
  generation_params: [],
  inference_logprobs: [],
  messages: [],
  images: [],
};

export const atropos: Dialect = (translator) => {
  const board = new AtroposBoard(() => translator.clock.now());
  return [
    ...['', '/'].map((path) => call('GET', path, () => json({ message: 'AtroposLib API' }))),
    ...trainerCalls(board),
    ...environmentCalls(board),
    call('POST', '/scored_data', async (received) => {
      await take(translator, board, received, [{ body: received.body, prefix: '' }]);
      return json({ status: 'received' });
    }),
    call('POST', '/scored_data_list', async (received) => {
      const groups = parse(groupList, received.body);
      const named = groups.map((body, index) => ({ body, prefix: `[${index}].` }));
      await take(translator, board, received, named);
      return json({ status: 'received', groups_processed: groups.length });
    }),
    call('GET', '/latest_example', () => rawJson(board.latest ?? JSON.stringify(EMPTY_EXAMPLE))),
    call('GET', '/reset_data', (received) => {
      refusePages(received);
      board.reset();
      return {
        status: 200,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: 'Reset successful',
      };
    }),
  ];
};

function call(
  method: MountedCall['method'],
  path: string,
  answer: MountedCall['answer'],
  takesBody = false,
): MountedCall {
  // Its environments drop what they sent on a 429.
  return {
    method,
    path: `/compat/atropos${path}`,
    name: 'compat/atropos',
    answer,
    takesBody,
    dropsBusy: true,
  };
}

/** A GET that takes something away: an image in a page of another site would send it too, and without an `Origin`. */
function refusePages(received: MountedRequest): void {
  const site = received.header('sec-fetch-site') ?? 'none';
  if (site === 'none' || site === 'same-origin') return;
  throw new EnvError('permission_denied', 'Cannot answer a page of another origin');
}

function trainerCalls(board: AtroposBoard): readonly MountedCall[] {
  return [
    call('POST', '/register', ({ body }) => {
      const wire = parse(registration, body);
      board.register({
        group: wire.wandb_group ?? '',
        project: wire.wandb_project ?? '',
        batchSize: wire.batch_size,
        maxTokenLength: wire.max_token_len,
        checkpointDirectory: wire.checkpoint_dir ?? '',
        checkpointInterval: wire.save_checkpoint_interval,
        startingStep: wire.starting_step,
        steps: wire.num_steps,
      });
      return json({ uuid: randomInt(UUID_MAX) });
    }),
    call('GET', '/batch', (received) => {
      refusePages(received);
      if (board.trainer === undefined) {
        const message = 'Trainer not registered. Call /register first.';
        return json({ status: 'error', message, batch: [] });
      }
      const batch = board.takeBatch()?.map((group) => group.text);
      return batch === undefined ? json({ batch: null }) : rawJson(`{"batch":[${batch.join(',')}]}`);
    }),
    call('GET', '/wandb_info', () =>
      json({ group: board.trainer?.group ?? null, project: board.trainer?.project ?? null }),
    ),
    call('GET', '/info', () =>
      json({
        batch_size: board.trainer?.batchSize ?? -1,
        max_token_len: board.trainer?.maxTokenLength ?? -1,
      }),
    ),
    call('GET', '/status', () => json({ current_step: board.step, queue_size: board.queue.length })),
  ];
}

function environmentCalls(board: AtroposBoard): readonly MountedCall[] {
  /** Its client sends a GET with a body; others cannot, and name the environment in the URL. */
  const status = ({ body, query }: MountedRequest) => {
    const asked = body ?? { env_id: query['env_id'] === undefined ? undefined : Number(query['env_id']) };
    return json(statusOf(board, parse(envIdentifier, asked).env_id));
  };
  return [
    call('POST', '/register-env', ({ body }) => {
      const wire = parse(envRegistration, body);
      const { trainer } = board;
      if (trainer === undefined || !board.isStarted) return json({ status: 'wait for trainer to start' });
      const { id, name } = board.registerEnvironment({
        name: wire.desired_name ?? 'env',
        weight: wire.weight ?? 1,
        maxTokenLength: wire.max_token_length,
        groupSize: wire.group_size,
        minimumShare: wire.min_batch_allocation ?? undefined,
      });
      return json({
        status: 'success',
        env_id: id,
        wandb_name: name,
        checkpoint_dir: trainer.checkpointDirectory,
        starting_step: board.step,
        checkpoint_interval: trainer.checkpointInterval,
        num_steps: trainer.steps,
      });
    }),
    call('POST', '/disconnect-env', ({ body }) => {
      const { env_id: id } = parse(envIdentifier, body);
      if (board.disconnect(id)) return json({ status: 'success' });
      return json({ status: 'failure', error: `There is no environment ${id}` });
    }),
    call('GET', '/status-env', status, true),
    call('POST', '/status-env', status),
  ];
}

interface NamedGroup {
  readonly body: unknown;
  /** Of its fields in errors. */
  readonly prefix: string;
}

/** All groups of a request, or none: it is sent again as a whole. */
async function take(
  { scoring, choices, clock }: Translator,
  board: AtroposBoard,
  { query, signal }: MountedRequest,
  named: readonly NamedGroup[],
): Promise<void> {
  const choice = choices.of(query, HOLD_MS);
  const until = clock.now() + (choice.holdMs ?? 0);
  const read = named.map(({ body, prefix }) => {
    const group = readGroup(body, prefix);
    return { group, task: group.label === undefined ? undefined : scoringTask(group, prefix) };
  });
  const written = read.map(async ({ group, task }) =>
    task === undefined ? groupJson(group) : scoredJson(task, scoring, { choice, signal }),
  );
  const texts = await Promise.all(written);
  const groups = read.map(({ group }, index): QueuedGroup => {
    if (group.envId !== undefined) board.environment(group.envId);
    return { size: group.tokens.length, envId: group.envId, text: texts[index] ?? '' };
  });
  while (!board.hasRoom(groups)) {
    if (clock.now() + ROOM_MS > until) {
      const message = `Cannot take more groups: ${board.queue.length} wait for the trainer to ask for a batch`;
      throw new EnvError('unavailable', message, { retryAfterMs: ROOM_MS });
    }
    await pause(clock, ROOM_MS, signal);
  }
  // Who left sends it again, if anyone does.
  if (signal.aborted) throw signal.reason;
  board.add(groups);
}
