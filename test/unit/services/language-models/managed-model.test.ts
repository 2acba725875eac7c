// A managed model takes any reply, asks again where none comes, and says which of the three ways it ended.

import { describe, expect, it } from 'vitest';
import { EnvError } from '../../../../src/core/errors.ts';
import { LanguageModelError } from '../../../../src/ports/language-model.ts';
import type { ManagedRequest } from '../../../../src/ports/managed-model.ts';
import { Budget } from '../../../../src/services/language-models/budget.ts';
import {
  assembleManagedModel,
  MANAGED_MODEL_DEFAULTS,
  type ManagedModelSettings,
} from '../../../../src/services/language-models/managed-model.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { ScriptedModel, settle, type Script } from '../../../support/scripted-model.ts';

const NEVER = new AbortController().signal;
const REQUEST: ManagedRequest = {
  messages: [{ role: 'user', content: 'hi' }],
  temperature: 0,
  maxTokens: 100,
  seed: 7,
};
const USAGE = { promptTokens: 3, completionTokens: 4 };

function modelWith(
  scripts: readonly Script[],
  settings: Partial<ManagedModelSettings> = {},
  budget?: Budget,
) {
  const clock = new FakeClock(0);
  const servers = scripts.map((script) => new ScriptedModel(clock, script));
  const managed = assembleManagedModel(
    { name: 'teacher', model: 'm', price: { input: 1, output: 10 }, ...settings },
    { clock, budget, endpoints: servers.map((model, index) => ({ name: `e${index}`, model, weight: 1 })) },
  );
  return { clock, servers, managed };
}

/** Lets time pass until the promise has settled. */
async function inTime<Result>(clock: FakeClock, promise: Promise<Result>): Promise<Result> {
  const state = { isSettled: false };
  const settled = promise.finally(() => (state.isSettled = true));
  settled.catch(() => {
    // Thrown below.
  });
  while (!state.isSettled) {
    await settle();
    clock.pass(1_000);
  }
  return settled;
}

const tooLong = (): LanguageModelError =>
  new LanguageModelError('too_long', 'The server answered 400', { said: 'maximum context length is 8' });

describe('ManagedModel.reply()', () => {
  it('ManagedModel.reply() takes any reply as it is, with its cost', async () => {
    const { managed, servers } = modelWith([() => ({ text: 'not what was asked for' })]);
    expect(await managed.reply(REQUEST, NEVER)).toEqual({
      kind: 'reply',
      reply: {
        text: 'not what was asked for',
        finishReason: 'stop',
        usage: { promptTokens: 100, completionTokens: 10 },
        model: 'm',
      },
      costUsd: 200 / 1e6,
    });
    expect(servers[0]?.requests).toEqual([{ ...REQUEST, model: 'm' }]);
    expect(managed.bill()).toEqual({ calls: 1, promptTokens: 100, completionTokens: 10, costUsd: 200 / 1e6 });
  });

  it('ManagedModel.reply() asks again until there is one, and its cost is that of the reply alone', async () => {
    const faults = ['overloaded', 'connection', 'rate_limited', 'malformed_reply'] as const;
    const { managed, servers, clock } = modelWith([
      (_, index) => {
        const fault = faults[index];
        return fault === undefined ? { text: 'x' } : new LanguageModelError(fault, fault, { usage: USAGE });
      },
    ]);
    expect(await inTime(clock, managed.reply(REQUEST, NEVER))).toMatchObject({
      kind: 'reply',
      costUsd: 200 / 1e6,
    });
    expect(servers[0]?.requests).toHaveLength(5);
    // The bill has what was paid for the failures too.
    expect(managed.bill()).toMatchObject({ calls: 5, promptTokens: 112, completionTokens: 26 });
  });

  it('ManagedModel.reply() goes to another endpoint when one fails', async () => {
    const { managed, servers, clock } = modelWith([
      () => new LanguageModelError('unauthorized', 'no'),
      () => ({ text: 'x' }),
    ]);
    for (let asked = 0; asked < 10; asked += 1) {
      expect(await inTime(clock, managed.reply(REQUEST, NEVER))).toMatchObject({ kind: 'reply' });
    }
    expect(servers[0]?.requests.length).toBeLessThan(10);
  });

  it('ManagedModel.reply() makes a reply without text of a refusal, and asks once', async () => {
    const { managed, servers } = modelWith([() => new LanguageModelError('refused', 'no', { usage: USAGE })]);
    expect(await managed.reply(REQUEST, NEVER)).toEqual({
      kind: 'reply',
      reply: { text: '', finishReason: 'other', usage: USAGE, model: 'm' },
      costUsd: 43 / 1e6,
    });
    expect(servers[0]?.requests).toHaveLength(1);
  });

  it.each<[string, Script, Partial<ManagedModelSettings>, RegExp]>([
    [
      'is overloaded',
      () => new LanguageModelError('overloaded', 'Too busy'),
      { attemptsMax: 3 },
      /3 calls: Too busy/u,
    ],
    [
      'sends no chat completions',
      () => new LanguageModelError('malformed_reply', 'HTML'),
      { attemptsMax: 3 },
      /3 calls: HTML/u,
    ],
    [
      'does not know the model',
      () => new LanguageModelError('bad_request', 'No such model'),
      {},
      /No such model/u,
    ],
    ['hangs', () => 'hang', { deadlineMs: 9_000, attemptTimeoutMs: 4_000 }, /no reply within 9000 ms/u],
  ])(
    'ManagedModel.reply() is unavailable, and says why, at a server that %s',
    async (_, script, settings, detail) => {
      const { managed, clock } = modelWith([script], settings);
      expect(await inTime(clock, managed.reply(REQUEST, NEVER))).toEqual({
        kind: 'unavailable',
        detail: expect.stringMatching(detail) as string,
      });
    },
  );

  it('ManagedModel.reply() says that a prompt is too long, once, where no endpoint takes it', async () => {
    const { managed, servers } = modelWith([tooLong, tooLong]);
    expect(await managed.reply(REQUEST, NEVER)).toEqual({
      kind: 'too_long',
      detail: expect.stringContaining('The server answered 400: maximum context length is 8') as string,
    });
    expect(servers.map(({ requests }) => requests.length)).toEqual([1, 1]);
    expect(managed.bill()).toMatchObject({ promptTokens: 0, costUsd: 0 });
    const other = modelWith([tooLong, () => ({ text: 'x' })]);
    expect(await other.managed.reply(REQUEST, NEVER)).toMatchObject({ kind: 'reply' });
  });

  it("ManagedModel.reply() tells the server's own words, without which nobody knows what is wrong", async () => {
    const { managed } = modelWith([
      () =>
        new LanguageModelError('bad_request', 'The server answered 400', { said: 'seed must be positive' }),
    ]);
    expect(await managed.reply(REQUEST, NEVER)).toMatchObject({
      kind: 'unavailable',
      detail: expect.stringContaining('seed must be positive') as string,
    });
  });

  it('ManagedModel.reply() keeps several models to one budget', async () => {
    const budget = new Budget(0.0013);
    const one = modelWith([() => ({ text: 'x' })], {}, budget);
    const other = modelWith([() => ({ text: 'y' })], { price: { input: 10, output: 10 } }, budget);
    // The worst of a call is 18 · 1 + 100 · 10 and 18 · 10 + 100 · 10 millionths; the first one is billed 100 · 1 + 10 · 10.
    expect(await one.managed.reply(REQUEST, NEVER)).toMatchObject({ kind: 'reply' });
    expect(await other.managed.reply(REQUEST, NEVER)).toEqual({ kind: 'budget_exhausted' });
    expect(await one.managed.reply(REQUEST, NEVER)).toMatchObject({ kind: 'reply' });
    expect(other.servers[0]?.requests).toHaveLength(0);
  });

  it('ManagedModel.reply() rejects with the reason of its signal', async () => {
    const { managed } = modelWith([() => 'hang']);
    const controller = new AbortController();
    const asking = managed.reply(REQUEST, controller.signal);
    await settle();
    const reason = new Error('left');
    controller.abort(reason);
    await expect(asking).rejects.toBe(reason);
  });

  it('ManagedModel.reply() has no cost where the server states no tokens', async () => {
    const clock = new FakeClock(0);
    const managed = assembleManagedModel(
      { name: 'teacher', model: 'm', price: { input: 1, output: 1 } },
      {
        clock,
        endpoints: [
          {
            name: 'e',
            weight: 1,
            model: {
              complete: async () => ({ text: 'x', finishReason: 'stop', usage: undefined, model: 'm' }),
            },
          },
        ],
      },
    );
    expect(await managed.reply(REQUEST, NEVER)).toMatchObject({ kind: 'reply', costUsd: null });
  });
});

describe('assembleManagedModel()', () => {
  it.each<[Partial<ManagedModelSettings>, number, number]>([
    [{}, 1, MANAGED_MODEL_DEFAULTS.concurrencyMax],
    [{}, 2, 2 * MANAGED_MODEL_DEFAULTS.concurrencyMax],
    [{ concurrencyMax: 5 }, 2, 10],
    [{ requestsPerMinute: 7 }, 2, 7],
  ])(
    'assembleManagedModel() takes on, with %o at %i endpoints, %i questions at once',
    (settings, count, expected) => {
      const scripts: readonly Script[] = Array.from({ length: count }, () => () => ({ text: 'x' }));
      expect(modelWith(scripts, settings).managed.concurrencyMax).toBe(expected);
    },
  );

  it.each<[string, () => unknown, string]>([
    [
      'a budget without a price',
      () => modelWith([() => 'hang'], { model: 'unknown', price: undefined, budgetUsd: 1 }),
      'price',
    ],
    [
      'a shared budget without a price',
      () => modelWith([() => 'hang'], { model: 'unknown', price: undefined }, new Budget(1)),
      'price',
    ],
    ['no endpoint', () => modelWith([]), 'endpoints'],
  ])('assembleManagedModel() refuses %s', (_, make, field) => {
    expect(make).toThrow(EnvError);
    expect(make).toThrow(expect.objectContaining({ field }) as Error);
    expect(make).toThrow(/model "teacher"/u);
  });
});
