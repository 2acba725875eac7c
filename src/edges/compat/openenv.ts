// An environment of OpenEnv: one row is one episode of one step. Over HTTP its server makes a fresh environment for each
// request, so there the action names its row; over WebSockets (`openenv-episode.ts`) the connection remembers it.

import { z } from 'zod';
import { LIMITS } from '../../contract/limits.ts';
import type { MountedCall, MountedRequest } from '../../contract/mounted-call.ts';
import { filledText, object, text } from '../../contract/schemas/values.ts';
import { must } from '../../contract/wording.ts';
import { invalidArgument } from '../../core/errors.ts';
import { hashFloat } from '../../core/random.ts';
import type { ServedRow, ServedSplit } from '../../services/datasets/served-rows.ts';
import type { Query } from './asked.ts';
import type { Dialect, Translator } from './dialect.ts';
import { json, openObject, parse, requireReward } from './replies.ts';
import { groupOf, openNamed, ordinalOf, questionOf, rowIdOf } from './rows.ts';

/** Its client waits 60 s for a message. */
const HOLD_MS = 45_000;

const wholeNumber = z
  .int({ error: must('a whole number from 0') })
  .min(0, { error: must('a whole number from 0') });

export const resetSchema = object('a reset', {
  seed: wholeNumber.nullish(),
  episode_id: text(LIMITS.idCharsMax).nullish(),
  index: wholeNumber.nullish(),
  row_id: filledText(LIMITS.idCharsMax).nullish(),
});

export const actionSchema = object('an action', {
  completion: text(LIMITS.completionCharsMax),
  row_id: filledText(LIMITS.idCharsMax).nullish(),
  metadata: z.unknown().optional(),
});

const resetRequest = resetSchema.optional();
/** `timeout_s` and `request_id`, and what else a client has for its own environment, are not read. */
const stepRequest = openObject({ action: actionSchema });

export type Reset = z.output<typeof resetSchema>;
export type Action = z.output<typeof actionSchema>;

export interface Place {
  readonly split: ServedSplit;
  readonly row: ServedRow;
}

export const openEnv: Dialect = (translator) => {
  const { rows } = translator;
  return [
    call('POST', 'reset', async ({ path, body }) => {
      const place = await placeOf(translator, path['env'] ?? '', parse(resetRequest, body) ?? {});
      return json(observed(place));
    }),
    call('POST', 'step', (received) => step(translator, received)),
    call('GET', 'state', async ({ path }) => {
      await openNamed(rows, path['env'] ?? '');
      return json({ episode_id: null, step_count: 0 });
    }),
    call('GET', 'health', () => json({ status: 'healthy' })),
    call('GET', 'metadata', async ({ path }) => {
      const { dataset } = await openNamed(rows, path['env'] ?? '');
      return json({ name: dataset.name, description: dataset.description, version: dataset.version });
    }),
    call('GET', 'schema', () => json(SCHEMAS)),
  ];
};

function call(method: MountedCall['method'], name: string, answer: MountedCall['answer']): MountedCall {
  return { method, path: `/compat/openenv/{env}/${name}`, name: 'compat/openenv', answer };
}

async function step(translator: Translator, { path, query, body, signal }: MountedRequest) {
  const { action } = parse(stepRequest, body);
  if (typeof action.row_id !== 'string') {
    throw invalidArgument(
      'action.row_id',
      'Is missing: over HTTP nothing is remembered between reset and step',
    );
  }
  const split = await openNamed(translator.rows, path['env'] ?? '');
  const ordinal = ordinalOf(split, action.row_id, 'action.row_id');
  const place = await placeAt(split, ordinal);
  const reward = await rewardOf(translator, place, action, { query, signal, field: 'action' });
  return json(observed(place, reward));
}

/**
 * The row of a reset: the one that it names, one by its seed, or the next.
 *
 * @throws EnvError `not_found` for a dataset, `invalid_argument` or `failed_precondition` for a row
 */
export async function placeOf(
  { rows, turns }: Pick<Translator, 'rows' | 'turns'>,
  env: string,
  { seed, index, row_id: rowId }: Reset,
): Promise<Place> {
  const split = await openNamed(rows, env);
  if (typeof rowId === 'string') return placeAt(split, ordinalOf(split, rowId, 'row_id'));
  if (typeof index === 'number') {
    if (index < split.count) return placeAt(split, index);
    throw invalidArgument('index', `Must be below ${split.count}, the rows of this split, not ${index}`);
  }
  return placeAt(
    split,
    typeof seed === 'number' ? Math.floor(hashFloat(seed) * split.count) : turns.take(split),
  );
}

async function placeAt(split: ServedSplit, ordinal: number): Promise<Place> {
  const [row] = await split.rowsAt([ordinal]);
  // The ordinal is below the count.
  if (row === undefined) throw new RangeError(`No row at ${ordinal}`);
  return { split, row };
}

/** @throws EnvError for a completion that has no reward, as this protocol has no word for it but an error */
export async function rewardOf(
  { scoring, choices }: Pick<Translator, 'scoring' | 'choices'>,
  { split, row }: Place,
  { completion }: Action,
  { query, signal, field }: { readonly query: Query; readonly signal: AbortSignal; readonly field: string },
): Promise<number> {
  const { named, holdMs } = choices.of(query, HOLD_MS);
  const group = groupOf(split, row, completion);
  const asked = { dialect: 'openenv', reward: named, holdMs, signal, field };
  return requireReward(await scoring.outcome(group, asked), field).reward;
}

/** What a client sees: at first the prompt, and with a reward the end of the episode. */
export function observed({ split, row }: Place, reward: number | null = null) {
  const observation = { prompt: questionOf(row), messages: row.prompt, row_id: rowIdOf(split, row.ordinal) };
  return { observation, reward, done: reward !== null };
}

const TEXT = { type: 'string' };
const SCHEMAS = {
  action: {
    type: 'object',
    properties: { completion: TEXT, row_id: TEXT, metadata: { type: 'object' } },
    required: ['completion'],
    additionalProperties: false,
  },
  observation: {
    type: 'object',
    properties: {
      prompt: TEXT,
      messages: {
        type: 'array',
        items: { type: 'object', properties: { role: TEXT, content: TEXT }, required: ['role', 'content'] },
      },
      row_id: TEXT,
    },
    required: ['prompt', 'messages', 'row_id'],
  },
  state: {
    type: 'object',
    properties: { episode_id: { type: ['string', 'null'] }, step_count: { type: 'integer' } },
    required: ['episode_id', 'step_count'],
  },
};
