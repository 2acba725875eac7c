// Every dialect of trainers as its client uses it, in one shape: completions of a row in, and out comes what that trainer sees
// of each. The row's ground truth is its own number.

import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { CompatWorld } from './compat-world.ts';

/** What a trainer sees of one completion. */
export type Seen =
  | { readonly kind: 'reward'; readonly reward: unknown }
  /** A placeholder with the word that it is none. */
  | { readonly kind: 'masked'; readonly failureClass: unknown; readonly isMasked: unknown }
  /** A status of HTTP, or a code of the dialect. */
  | { readonly kind: 'refused'; readonly code: number | string; readonly body: object };

export interface DialectCase {
  readonly name: string;
  /** What its client makes of a judge that is down. */
  readonly fault: number | 'masked' | 'EXECUTION_ERROR';
  /** Milliseconds that a request is held; undefined: not at all. */
  readonly holdMs: number | undefined;
  /** Sends completions of one row, together where the dialect has lists. */
  ask(world: CompatWorld, row: number, texts: readonly string[]): Promise<readonly Seen[]>;
}

type Json = Readonly<Record<string, unknown>>;

const reward = (given: unknown): Seen => ({ kind: 'reward', reward: given });

/** One request for all: their rewards, or the refusal for each. */
async function together(
  world: CompatWorld,
  request: {
    readonly path: string;
    readonly body: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  },
  count: number,
  read: (reply: never) => readonly Seen[],
): Promise<readonly Seen[]> {
  const reply = await world.post(request.path, request.body, request.headers);
  const text = await reply.text();
  if (reply.status === 200) return read(text as never);
  const refused: Seen = { kind: 'refused', code: reply.status, body: JSON.parse(text) as Json };
  return Array.from({ length: count }, () => refused);
}

/** One request for each. */
async function each(
  texts: readonly string[],
  ask: (text: string) => Promise<readonly Seen[]>,
): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  for (const text of texts) seen.push(...(await ask(text)));
  return seen;
}

const read =
  (pick: (body: Json) => readonly Seen[]) =>
  (text: string): readonly Seen[] =>
    pick(JSON.parse(text) as Json);

const openRlhf: DialectCase = {
  name: 'openrlhf',
  fault: 503,
  holdMs: 150_000,
  ask: (world, row, texts) =>
    together(
      world,
      {
        path: '/compat/openrlhf/get_reward?reward=judge',
        body: {
          query: texts.map((text) => `Q: ${text}`),
          prompts: texts.map(() => 'Q: '),
          labels: texts.map(() => String(row)),
        },
      },
      texts.length,
      read(({ rewards }) => (rewards as readonly unknown[]).map(reward)),
    ),
};

const remoteRm = (name: string, holdMs: number): DialectCase => ({
  name,
  fault: 503,
  holdMs,
  ask: (world, row, texts) =>
    each(texts, (response) =>
      together(
        world,
        {
          path: `/compat/${name}/remote_rm?reward=judge`,
          body: { prompt: 'Q', response, label: String(row) },
        },
        1,
        (text: string) => [reward(JSON.parse(text))],
      ),
    ),
});

function nemoRow(row: number, text: string): Json {
  const content = [{ type: 'output_text', text }];
  return {
    responses_create_params: { input: [{ role: 'user', content: 'Q' }] },
    response: { output: [{ type: 'message', role: 'assistant', content }] },
    expected_answer: String(row),
  };
}

const resources = (name: string, fault: DialectCase['fault'], holdMs: number | undefined): DialectCase => ({
  name,
  fault,
  holdMs,
  ask: (world, row, texts) =>
    each(texts, (text) =>
      together(
        world,
        { path: `/compat/${name}/verify?reward=judge`, body: nemoRow(row, text) },
        1,
        read((body) => {
          if (body['mask_sample'] === false) return [reward(body['reward'])];
          return [
            {
              kind: 'masked',
              failureClass: body['_ng_failure_class'],
              isMasked: body['mask_sample'],
            },
          ];
        }),
      ),
    ),
});

const awsRft: DialectCase = {
  name: 'aws-rft',
  fault: 503,
  holdMs: 60_000,
  ask: (world, row, texts) =>
    together(
      world,
      {
        path: '/compat/aws-rft?reward=judge',
        body: texts.map((content, id) => ({
          id,
          messages: [
            { role: 'user', content: 'Q' },
            { role: 'assistant', content },
          ],
          reference_answer: String(row),
        })),
      },
      texts.length,
      (text: string) =>
        (JSON.parse(text) as Json[]).map((result) => reward(result['aggregate_reward_score'])),
    ),
};

const reasoningGym: DialectCase = {
  name: 'reasoning-gym',
  fault: 503,
  holdMs: 45_000,
  ask: (world, row, texts) =>
    together(
      world,
      {
        path: '/compat/reasoning-gym/experiments/numbers/score?reward=judge',
        body: { answers: texts.map((answer) => ({ entry_id: `v1.${row}`, answer })) },
      },
      texts.length,
      read(({ scores }) => (scores as readonly unknown[]).map(reward)),
    ),
};

const openEnvHttp: DialectCase = {
  name: 'openenv over HTTP',
  fault: 503,
  holdMs: 45_000,
  ask: (world, row, texts) =>
    each(texts, (completion) =>
      together(
        world,
        {
          path: '/compat/openenv/numbers/step?reward=judge',
          body: { action: { completion, row_id: `v1.${row}` } },
        },
        1,
        read((body) => [reward(body['reward'])]),
      ),
    ),
};

const openEnvSocket: DialectCase = {
  name: 'openenv over WebSockets',
  fault: 'EXECUTION_ERROR',
  holdMs: 45_000,
  async ask(world, row, texts) {
    const client = new WebSocket(`${world.url.replace('http', 'ws')}/compat/openenv/numbers/ws?reward=judge`);
    await once(client, 'open');
    const say = async (message: Json): Promise<{ readonly type: string; readonly data: Json }> => {
      const reply = once(client, 'message');
      client.send(JSON.stringify(message));
      const [data] = (await reply) as [Buffer];
      return JSON.parse(data.toString()) as { readonly type: string; readonly data: Json };
    };
    try {
      return await each(texts, async (completion) => {
        await say({ type: 'reset', data: { index: row } });
        const { type, data } = await say({ type: 'step', data: { completion } });
        if (type === 'observation') return [reward(data['reward'])];
        return [{ kind: 'refused', code: String(data['code']), body: data }];
      });
    } finally {
      client.terminate();
    }
  },
};

const ors: DialectCase = {
  name: 'ors',
  fault: 503,
  holdMs: 20_000,
  ask: (world, row, texts) =>
    each(texts, async (answer) => {
      const headers = { 'x-session-id': crypto.randomUUID() };
      await world.post('/create', { split: 'train', index: row }, headers);
      const body = { name: 'submit', input: { answer } };
      return together(world, { path: '/numbers/call?reward=judge', body, headers }, 1, (text: string) => {
        const ended = /event: end\ndata: (.*)/u.exec(text)?.[1] ?? '{}';
        const { ok, output } = JSON.parse(ended) as { ok: boolean; output: Json };
        return [ok ? reward(output['reward']) : { kind: 'refused', code: 'ok: false', body: {} }];
      });
    }),
};

const atropos: DialectCase = {
  name: 'atropos',
  fault: 503,
  holdMs: 180_000,
  async ask(world, row, texts) {
    const registration = {
      batch_size: texts.length,
      max_token_len: 9,
      save_checkpoint_interval: 1,
      starting_step: 0,
      num_steps: 9,
    };
    await (await fetch(`${world.url}/compat/atropos/reset_data`)).text();
    await world.post('/compat/atropos/register', registration);
    const body = {
      tokens: texts.map(() => [1, 2]),
      masks: texts.map(() => [-100, 2]),
      // What the environment made of it is not what its trainer may see.
      scores: texts.map(() => 0.5),
      messages: texts.map((content) => [
        { role: 'user', content: 'Q' },
        { role: 'assistant', content },
      ]),
      group_overrides: { groupwise: String(row) },
    };
    const path = '/compat/atropos/scored_data?reward=judge';
    const seen = await together(world, { path, body }, texts.length, () => []);
    const { batch } = (await (await fetch(`${world.url}/compat/atropos/batch`)).json()) as {
      batch: readonly { readonly scores: readonly number[] }[] | null;
    };
    const scores = batch?.flatMap((group) => group.scores) ?? [];
    return [...seen, ...scores.map(reward)];
  },
};

/** All of them, over a dataset "numbers" whose row n has the ground truth n. */
export const DIALECT_CASES: readonly DialectCase[] = [
  openRlhf,
  remoteRm('slime', 100_000),
  remoteRm('miles', 270_000),
  resources('nemo-gym', 'masked', undefined),
  resources('verifiers', 503, 45_000),
  awsRft,
  reasoningGym,
  openEnvHttp,
  openEnvSocket,
  ors,
  atropos,
];
