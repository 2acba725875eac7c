import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import type { SamplingPlan } from '../../../../src/trainer/policy.ts';
import { ServerSampler, type ServerSamplerOptions } from '../../../../src/trainer/rollouts/server-sampler.ts';
import {
  END,
  startRolloutServer,
  type CompletionsReply,
  type Misbehaviour,
  type RolloutServer,
  type RolloutServerOptions,
} from '../../../support/rollout-server.ts';

/** Knows ten tokens, and finds each a little likelier than the server does. */
class StubPolicy implements Pick<ServerSamplerOptions['policy'], 'version'> {
  version = 0;
  readonly tokenizer = {
    vocabulary: END + 1,
    end: END,
    encode: () => [],
    decode: (tokens: readonly number[]) => tokens.join(''),
  };

  logProbabilities(sequences: readonly { readonly completion: readonly number[] }[]) {
    return Promise.resolve(sequences.map(({ completion }) => completion.map(() => -1.25)));
  }

  export(folder: string) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'adapter'), '');
    return Promise.resolve();
  }
}

const PLAN: Omit<SamplingPlan, 'random'> = {
  prompts: [[1, 2], [3], [4, 5, 6]],
  of: [0, 2, 0, 1, 2, 0],
  tokensMax: 8,
  temperature: 1,
};

function draw(sampler: ServerSampler, plan: Partial<SamplingPlan> = {}) {
  return sampler.sample({ ...PLAN, random: createRandom(3), ...plan });
}

/** Misbehaves the first times that a path is called. */
function atFirst(path: string, times: number, fault: Misbehaviour): RolloutServerOptions {
  let count = 0;
  return {
    misbehave: (call) => {
      if (!call.path.endsWith(path)) return undefined;
      count += 1;
      return count <= times ? fault : undefined;
    },
  };
}

function changed(change: Readonly<Record<string, unknown>>): Misbehaviour {
  return {
    kind: 'change',
    change: ({ choices }: CompletionsReply) => ({
      choices: choices.map((choice) => ({ ...choice, ...change })),
    }),
  };
}

describe('ServerSampler', () => {
  let folder: string;
  let server: RolloutServer | undefined;
  let policy: StubPolicy;
  let said: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'groupwise-rollouts-'));
    policy = new StubPolicy();
    said = [];
  });
  afterEach(async () => {
    await server?.close();
    rmSync(folder, { recursive: true });
  });

  async function open(
    options: RolloutServerOptions = {},
    more: Partial<ServerSamplerOptions> = {},
  ): Promise<ServerSampler> {
    server = await startRolloutServer(options);
    return ServerSampler.open({
      url: server.url,
      policy,
      folder,
      pauseMs: 1,
      life: 'a1',
      patience: { patienceMs: 5000, say: (text) => said.push(text) },
      ...more,
    });
  }

  const callsTo = (end: string) => (server?.calls ?? []).filter(({ path }) => path.endsWith(end));

  describe('sample()', () => {
    it('sample() asks once for each prompt, in tokens, and for the distribution of the policy itself', async () => {
      const sampler = await open({}, { apiKey: 'k' });
      await sampler.publish(123);
      const drawn = await draw(sampler);
      const asked = callsTo('/completions');
      expect(asked.map(({ body }) => [body['prompt'], body['n']])).toEqual([
        [[1, 2], 3],
        [[3], 1],
        [[4, 5, 6], 2],
      ]);
      expect(asked[0]?.authorization).toBe('Bearer k');
      expect(asked[0]?.body).toMatchObject({
        model: 'policy-000123-a1',
        temperature: 1,
        top_p: 1,
        top_k: -1,
        repetition_penalty: 1,
        max_tokens: 8,
        stop_token_ids: [END],
        ignore_eos: true,
        return_token_ids: true,
      });
      expect(new Set(asked.map(({ body }) => body['seed'])).size).toBe(3);
      expect(drawn).toHaveLength(6);
      for (const { tokens, text, finishReason, logProbabilities } of drawn) {
        expect(tokens.at(-1) === END ? 'stop' : 'length').toBe(finishReason);
        expect(text).toBe(tokens.filter((token) => token !== END).join(''));
        expect(logProbabilities).toEqual(tokens.map(() => -1.25));
      }
    });

    it('sample() puts completions where the plan wants them, and draws the same from the same random state', async () => {
      const sampler = await open();
      await sampler.publish(1);
      const [one, again, other] = [
        await draw(sampler),
        await draw(sampler),
        await draw(sampler, { random: createRandom(4) }),
      ];
      expect(again).toEqual(one);
      expect(other).not.toEqual(one);
      const alone = await draw(sampler, { of: [0, 0, 0] });
      expect([one[0], one[2], one[5]]).toEqual(alone);
    });

    it('sample() tells how far the server is from the policy', async () => {
      const told: object[] = [];
      const sampler = await open({}, { tellDifference: (difference) => told.push(difference) });
      await sampler.publish(1);
      const drawn = await draw(sampler);
      const tokens = drawn.reduce((sum, each) => sum + each.tokens.length, 0);
      expect(told).toEqual([{ mean: 0.25, largest: 0.25, tokens }]);
    });

    it('sample() keeps the probabilities of the server when the policy has moved on meanwhile', async () => {
      const sampler = await open({
        before: async () => {
          policy.version += 1;
        },
      });
      await sampler.publish(1);
      const [first] = await draw(sampler);
      expect(first?.logProbabilities[0]).toBe(-1.5);
    });

    it('sample() refuses another temperature than 1', async () => {
      const sampler = await open();
      await sampler.publish(1);
      await expect(draw(sampler, { temperature: 0 })).rejects.toMatchObject({ code: 'invalid_argument' });
    });

    it('sample() refuses to draw before anything was published', async () => {
      const sampler = await open();
      await expect(draw(sampler)).rejects.toThrow('Nothing was published yet');
    });

    it.each<[string, Misbehaviour, string]>([
      ['no token ids', changed({ token_ids: undefined }), 'gives no token ids'],
      ['another prompt', changed({ prompt_token_ids: [0, 1] }), 'another prompt'],
      ['no tokens', changed({ token_ids: [] }), 'has 0 tokens'],
      [
        'too many tokens',
        changed({ token_ids: Array.from({ length: 9 }, () => 1) }),
        'has 9 tokens, not 1 to 8',
      ],
      ['tokens that the policy lacks', changed({ token_ids: [10] }), 'token 10 is none of 10'],
      [
        'an end that is none',
        changed({ token_ids: [1], finish_reason: 'stop', logprobs: { token_logprobs: [-1] } }),
        'end token at -1',
      ],
      [
        'an end that was not the last',
        changed({ token_ids: [END, 1], finish_reason: 'length', logprobs: { token_logprobs: [-1, -1] } }),
        'end token at 0',
      ],
      [
        'probabilities that are missing',
        changed({ logprobs: { token_logprobs: [] } }),
        'with 0 log-probabilities',
      ],
      ['probabilities that are none', changed({ logprobs: null }), 'logprobs'],
      ['another reason', changed({ finish_reason: 'abort' }), 'finish_reason'],
      [
        'fewer completions',
        { kind: 'change', change: ({ choices }) => ({ choices: choices.slice(1) }) },
        'were asked for',
      ],
      ['something else', { kind: 'change', change: () => ({ text: 'hello' }) }, 'choices'],
    ])('sample() refuses an answer with %s', async (_, fault, words) => {
      const sampler = await open(atFirst('/completions', 1, fault));
      await sampler.publish(1);
      const drawing = draw(sampler, { of: [0, 0] });
      await expect(drawing).rejects.toThrow(words);
      await expect(drawing).rejects.toMatchObject({ code: 'failed_precondition' });
    });

    it.each<[string, Misbehaviour]>([
      ['was cut off', { kind: 'cut', isDone: false }],
      ['was overloaded', { kind: 'status', status: 503, body: { error: { message: 'busy' } } }],
      ['had no room', { kind: 'status', status: 429, body: {} }],
    ])('sample() asks again where the server %s', async (_, fault) => {
      const sampler = await open(atFirst('/completions', 2, fault));
      await sampler.publish(1);
      expect(await draw(sampler)).toHaveLength(6);
      expect(callsTo('/completions')).toHaveLength(5);
      expect(said.join()).toContain('Cannot draw completions yet');
    });

    it('sample() gives up when its patience ends, and says what the server said last', async () => {
      const busy: Misbehaviour = {
        kind: 'status',
        status: 500,
        body: { error: { message: 'out of memory' } },
      };
      const sampler = await open(atFirst('/completions', Infinity, busy), {
        patience: { patienceMs: 0, say: () => {} },
      });
      await sampler.publish(1);
      const drawing = draw(sampler);
      await expect(drawing).rejects.toThrow('answered 500: out of memory');
      await expect(drawing).rejects.toMatchObject({ code: 'unavailable' });
    });

    it('sample() waits for an answer only so long', async () => {
      const sampler = await open(atFirst('/completions', Infinity, { kind: 'hang' }), {
        callMsMax: 300,
        patience: { patienceMs: 0, say: () => {} },
      });
      await sampler.publish(1);
      await expect(draw(sampler)).rejects.toMatchObject({ code: 'deadline_exceeded' });
    });

    it('sample() ends when it is told to', async () => {
      const stop = new AbortController();
      const sampler = await open(
        {
          before: async () => stop.abort(),
        },
        { patience: { patienceMs: 5000, say: () => {}, signal: stop.signal } },
      );
      await sampler.publish(1);
      await expect(draw(sampler)).rejects.toMatchObject({ code: 'cancelled' });
    });

    it.each(['vllm', 'sglang'] as const)(
      'sample() loads the adapter again once where the server, a %s, has lost it',
      async (dialect) => {
        const sampler = await open({ dialect });
        await sampler.publish(7);
        server?.adapters.clear();
        const [a, b] = await Promise.all([draw(sampler), draw(sampler)]);
        expect(a).toEqual(b);
        expect(callsTo('/load_lora_adapter')).toHaveLength(2);
        expect(said.join()).toContain('has lost the adapter "policy-000007-a1"');
      },
    );
  });

  describe('publish()', () => {
    it('publish() loads the new version before it unloads the old one, and removes its folder', async () => {
      const sampler = await open();
      await sampler.publish(1);
      await sampler.publish(2);
      expect(server?.calls.slice(1).map(({ path, body }) => [path, body['lora_name']])).toEqual([
        ['/v1/load_lora_adapter', 'policy-000001-a1'],
        ['/v1/load_lora_adapter', 'policy-000002-a1'],
        ['/v1/unload_lora_adapter', 'policy-000001-a1'],
      ]);
      expect([...(server?.adapters ?? [])]).toEqual([['policy-000002-a1', join(folder, 'policy-000002-a1')]]);
      expect(existsSync(join(folder, 'policy-000001-a1'))).toBe(false);
      await sampler.close();
      expect(server?.adapters.size).toBe(0);
    });

    it('publish() unloads nothing that completions are drawn with', async () => {
      let release: (() => void) | undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      let begun: (() => void) | undefined;
      const isDrawing = new Promise<void>((resolve) => (begun = resolve));
      const sampler = await open({
        before: () => {
          begun?.();
          return held;
        },
      });
      await sampler.publish(1);
      const drawing = draw(sampler);
      await isDrawing;
      await sampler.publish(2);
      expect([...(server?.adapters.keys() ?? [])]).toEqual(['policy-000001-a1', 'policy-000002-a1']);
      release?.();
      expect(await drawing).toHaveLength(6);
      expect([...(server?.adapters.keys() ?? [])]).toEqual(['policy-000002-a1']);
    });

    it('publish() of the version that the server has does nothing', async () => {
      const sampler = await open();
      await sampler.publish(1);
      await sampler.publish(1);
      expect(callsTo('/load_lora_adapter')).toHaveLength(1);
    });

    it('publish() uses no name that another life may have used, and open() clears away what a killed one left', async () => {
      const killed = await open();
      await killed.publish(3);
      const next = await ServerSampler.open({
        url: server?.url ?? '',
        policy,
        folder,
        life: 'b2',
        patience: { patienceMs: 0, say: (text) => said.push(text) },
      });
      expect([...(server?.adapters.keys() ?? [])]).toEqual([]);
      expect(existsSync(join(folder, 'policy-000003-a1'))).toBe(false);
      await next.publish(3);
      expect([...(server?.adapters.keys() ?? [])]).toEqual(['policy-000003-b2']);
      expect(said).toEqual([]);
    });

    it('publish() during which it is told to stop still knows what the server has loaded', async () => {
      const stop = new AbortController();
      const sampler = await open(
        {
          misbehave: ({ path }) => {
            if (path.endsWith('/load_lora_adapter')) stop.abort();
            return undefined;
          },
        },
        { patience: { patienceMs: 0, say: () => {}, signal: stop.signal } },
      );
      await sampler.publish(1);
      expect(server?.adapters.size).toBe(1);
      await sampler.close();
      expect(server?.adapters.size).toBe(0);
    });

    it('close() unloads the adapter of a training that was told to stop', async () => {
      const stop = new AbortController();
      const sampler = await open({}, { patience: { patienceMs: 0, say: () => {}, signal: stop.signal } });
      await sampler.publish(1);
      stop.abort();
      await sampler.close();
      expect(server?.adapters.size).toBe(0);
    });

    it('publish() speaks to SGLang as it wants it', async () => {
      const sampler = await open({ dialect: 'sglang' });
      await sampler.publish(1);
      await draw(sampler, { of: [0] });
      expect(server?.calls.map(({ path }) => path)).toEqual([
        '/v1/models',
        '/load_lora_adapter',
        '/v1/completions',
      ]);
      expect(server?.calls.at(-1)?.body['model']).toBe('base:policy-000001-a1');
    });

    it('publish() names the folder as the server sees it', async () => {
      const sampler = await open({}, { folderOnServer: '/nowhere' });
      await expect(sampler.publish(1)).rejects.toThrow("No adapter found for '/nowhere/policy-000001-a1'");
    });

    it('publish() says what a server needs that takes no adapters', async () => {
      const refusal: Misbehaviour = { kind: 'status', status: 404, body: { detail: 'Not Found' } };
      const sampler = await open(atFirst('/load_lora_adapter', Infinity, refusal));
      const publishing = sampler.publish(1);
      await expect(publishing).rejects.toThrow('VLLM_ALLOW_RUNTIME_LORA_UPDATING=True');
      await expect(publishing).rejects.toMatchObject({ code: 'failed_precondition' });
    });

    it('publish() takes a name of its own where an earlier one is taken or an answer was lost', async () => {
      const sampler = await open(atFirst('/load_lora_adapter', 1, { kind: 'cut', isDone: true }));
      await sampler.publish(5);
      expect([...(server?.adapters.keys() ?? [])]).toEqual(['policy-000005-a1-2']);
      await draw(sampler, { of: [0] });
      expect(server?.calls.at(-1)?.body['model']).toBe('policy-000005-a1-2');
    });

    it('publish() goes on where the old version cannot be unloaded, and says so', async () => {
      const fault: Misbehaviour = { kind: 'status', status: 500, body: { message: 'engine is dead' } };
      const sampler = await open(atFirst('/unload_lora_adapter', 1, fault));
      await sampler.publish(1);
      await sampler.publish(2);
      expect(said.join()).toContain('Cannot unload the adapter "policy-000001-a1"');
      expect(await draw(sampler)).toHaveLength(6);
    });
  });

  describe('open()', () => {
    it('open() refuses what is no address, and a server without models', async () => {
      await expect(open({}, { url: 'nowhere' })).rejects.toMatchObject({ code: 'invalid_argument' });
      await server?.close();
      const none = atFirst('/models', 1, { kind: 'status', status: 200, body: { data: [] } });
      await expect(open(none)).rejects.toThrow('it lists no models');
    });

    it('open() says who is not there', async () => {
      const gone = await startRolloutServer();
      await gone.close();
      const patience = { patienceMs: 0, say: () => {} };
      const opening = open({}, { url: gone.url, patience });
      await expect(opening).rejects.toThrow('ECONNREFUSED');
      await expect(opening).rejects.toMatchObject({ code: 'unavailable' });
    });
  });
});
