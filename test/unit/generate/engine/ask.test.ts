// From a question to its answer: what is asked, under which key, how often, and what comes back.

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  Asker,
  type AskedReply,
  type AskingStage,
  type RecipeModel,
} from '../../../../src/generate/engine/ask.ts';
import { Halt, ModelDown, RunStopped } from '../../../../src/generate/engine/halt.ts';
import type { Question } from '../../../../src/generate/stage.ts';
import type { GenerationPrompts } from '../../../../src/ports/generation-prompts.ts';
import type { ManagedModel, ManagedReply, ManagedRequest } from '../../../../src/ports/managed-model.ts';
import { replyWith } from '../../../ports/reply-journal.ts';
import { MemoryReplyJournal } from '../../../support/memory-generation.ts';
import { settle } from '../../../support/scripted-model.ts';

const NEVER = new AbortController().signal;
const form = z.object({ value: z.string() });
const question = (changes: Partial<Question<{ value: string }>> = {}): Question<{ value: string }> => ({
  prompt: 'toy/some-thing',
  values: { text: 'hello' },
  reply: form,
  ...changes,
});

const prompts: GenerationPrompts = {
  find: (name) => ({
    id: `${name}@1-00000000`,
    render: (values) => [{ role: 'user', content: JSON.stringify(values) }],
  }),
};

const says = (text: string, changes: object = {}): ManagedReply => ({
  kind: 'reply',
  reply: {
    text,
    finishReason: 'stop',
    usage: { promptTokens: 10, completionTokens: 2 },
    model: 'served',
    ...changes,
  },
  costUsd: 0.01,
});

interface World {
  readonly script: (request: ManagedRequest, index: number) => ManagedReply | Promise<ManagedReply>;
  readonly concurrencyMax?: number;
  readonly stage?: AskingStage;
}

function worldOf({ script, concurrencyMax = 10, stage = { model: 'teacher' } }: World) {
  const requests: ManagedRequest[] = [];
  const managed: ManagedModel = {
    model: 'model-1',
    concurrencyMax,
    reply: async (request) => {
      requests.push(request);
      return script(request, requests.length - 1);
    },
    bill: () => ({ calls: 0, promptTokens: 0, completionTokens: 0, costUsd: 0 }),
  };
  const model: RecipeModel = { managed, temperature: 0, maxTokens: 100, seed: 1000 };
  const journal = new MemoryReplyJournal();
  const halt = new Halt();
  const heard: boolean[] = [];
  const asker = new Asker({
    models: new Map([['teacher', model]]),
    prompts,
    journal,
    halt,
    giveUp: NEVER,
    onReply: (isAnswered) => heard.push(isAnswered),
  });
  const asked: AskedReply[] = [];
  return { requests, journal, halt, heard, asked, ask: asker.for(stage, (reply) => asked.push(reply)) };
}

describe('Asker', () => {
  it('Asker asks with schema, parameters and seed, and says what was written by what', async () => {
    const { ask, requests, asked, journal } = worldOf({ script: () => says('{"value": "x"}') });
    expect(await ask(question())).toEqual({
      kind: 'answer',
      value: { value: 'x' },
      costUsd: 0.01,
      written: { prompt: 'toy/some-thing@1-00000000', model: 'model-1' },
    });
    expect(requests).toEqual([
      {
        messages: [{ role: 'user', content: '{"text":"hello"}' }],
        temperature: 0,
        maxTokens: 100,
        schema: {
          name: 'toy_some_thing',
          schema: {
            type: 'object',
            properties: { value: { type: 'string' } },
            required: ['value'],
            additionalProperties: false,
          },
        },
        seed: 1000,
      },
    ]);
    expect(asked).toEqual([
      { isBought: true, isReadable: true, promptTokens: 10, completionTokens: 2, costUsd: 0.01 },
    ]);
    expect([...journal.replies.values()]).toEqual([
      replyWith({
        text: '{"value": "x"}',
        promptTokens: 10,
        completionTokens: 2,
        costUsd: 0.01,
        model: 'served',
      }),
    ]);
  });

  it('Asker asks for plain text without a schema, and takes it without thoughts and blanks', async () => {
    const { ask, requests } = worldOf({ script: () => says('<think>{}</think>\n  a text \n') });
    expect(await ask<string>({ prompt: 'toy/free', values: {}, reply: 'text' })).toMatchObject({
      value: 'a text',
    });
    expect(requests[0]?.schema).toBeUndefined();
  });

  it.each<[string, Partial<Question<{ value: string }>>]>([
    ['another text', { values: { text: 'goodbye' } }],
    ['another prompt name, and so another schema name', { prompt: 'toy/other' }],
    ['another schema', { reply: z.object({ value: z.string().describe('a word') }) }],
    ['another sample', { sample: 1 }],
    ['another temperature', { temperature: 0.2 }],
    ['another limit', { maxTokens: 50 }],
  ])('Asker buys again for %s, and not for the same', async (_, changes) => {
    const { ask, requests, asked } = worldOf({ script: () => says('{"value": "x"}') });
    await ask(question());
    await ask(question());
    expect(requests).toHaveLength(1);
    await ask(question(changes));
    expect(requests).toHaveLength(2);
    expect(asked.map(({ isBought }) => isBought)).toEqual([true, false, true]);
  });

  it('Asker lets the stage of the recipe win over the question, and the question over the model', async () => {
    const stage = { model: 'teacher', temperature: 0.9, maxTokens: 7 };
    const own = worldOf({ script: () => says('{"value": "x"}') });
    const recipe = worldOf({ script: () => says('{"value": "x"}'), stage });
    const asked = question({ temperature: 0.4, maxTokens: 40 });
    await own.ask(asked);
    await recipe.ask(asked);
    expect(own.requests[0]).toMatchObject({ temperature: 0.4, maxTokens: 40 });
    expect(recipe.requests[0]).toMatchObject({ temperature: 0.9, maxTokens: 7 });
  });

  it.each<[string, ManagedReply, RegExp]>([
    ['prose', says('I think so.'), /no JSON object/u],
    ['another form', says('{"other": 1}'), /value: /u],
    ['a cut reply', says('{"value": "x"}', { finishReason: 'length' }), /cut at its length limit/u],
    ['nothing', says(''), /is empty/u],
    ['a refusal', says('', { finishReason: 'other' }), /refused/u],
  ])(
    'Asker asks three times where it gets %s, each time with another seed, and pays for each once',
    async (_, reply, detail) => {
      const { ask, requests, asked, journal } = worldOf({ script: () => reply });
      expect(await ask(question())).toEqual({
        kind: 'unreadable',
        detail: expect.stringMatching(detail) as string,
        costUsd: 0.03,
      });
      expect(requests.map(({ seed }) => seed)).toEqual([1000, 1001, 1002]);
      // A model at temperature 0 would only repeat itself.
      expect(requests.map(({ temperature }) => temperature)).toEqual([0, 0.5, 0.5]);
      expect(journal.replies.size).toBe(3);
      await ask(question());
      expect(requests).toHaveLength(3);
      expect(asked.filter(({ isReadable }) => !isReadable)).toHaveLength(6);
      // The seeds of another sample are others.
      await ask(question({ sample: 1 }));
      expect(requests.slice(3).map(({ seed }) => seed)).toEqual([1003, 1004, 1005]);
    },
  );

  it('Asker reads the second reply where the first could not be read', async () => {
    const { ask } = worldOf({ script: (_, index) => says(index === 0 ? 'hm' : '{"value": "x"}') });
    expect(await ask(question())).toMatchObject({ kind: 'answer', value: { value: 'x' }, costUsd: 0.02 });
  });

  it('Asker has no cost where one is not known', async () => {
    const { ask } = worldOf({ script: () => ({ ...says('{"value": "x"}'), costUsd: null }) });
    expect(await ask(question())).toMatchObject({ costUsd: null });
  });

  it('Asker buys one reply for all who ask the same at the same time, and each is told its cost', async () => {
    const { ask, requests, asked } = worldOf({
      script: async () => {
        await settle();
        return says('{"value": "x"}');
      },
    });
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(question())));
    expect(requests).toHaveLength(1);
    expect(answers.map(({ costUsd }) => costUsd)).toEqual([0.01, 0.01, 0.01, 0.01, 0.01]);
    expect(asked.filter(({ isBought }) => isBought)).toHaveLength(1);
  });

  it('Asker uses the reply of another process that was faster', async () => {
    const world = worldOf({ script: () => says('{"value": "mine"}') });
    const { journal } = world;
    const add = journal.add.bind(journal);
    journal.add = async (key, reply) => {
      await add(key, { ...reply, text: '{"value": "theirs"}' });
      await add(key, reply);
    };
    expect(await world.ask(question())).toMatchObject({ value: { value: 'theirs' } });
  });

  it('Asker never uses a reply that is not on disk', async () => {
    const world = worldOf({ script: () => says('{"value": "x"}') });
    const kept = Promise.withResolvers<void>();
    world.journal.add = () => kept.promise;
    let isAnswered = false;
    const asking = world.ask(question()).then(() => (isAnswered = true));
    await settle();
    expect([world.requests.length, isAnswered]).toEqual([1, false]);
    kept.resolve();
    await asking;
  });

  it('Asker asks no more at once than the model takes on', async () => {
    let open = 0;
    let most = 0;
    const { ask } = worldOf({
      concurrencyMax: 3,
      script: async () => {
        open += 1;
        most = Math.max(most, open);
        await settle();
        open -= 1;
        return says('{"value": "x"}');
      },
    });
    await Promise.all(Array.from({ length: 20 }, (_, sample) => ask(question({ sample }))));
    expect(most).toBe(3);
  });

  it('Asker throws ModelDown for a model that is down, and asks it again the next time', async () => {
    const { ask, requests, heard, journal } = worldOf({
      script: (_, index) =>
        index === 0 ? { kind: 'unavailable', detail: 'no reply' } : says('{"value": "x"}'),
    });
    await expect(ask(question())).rejects.toThrow(new ModelDown('teacher: no reply'));
    expect(journal.replies.size).toBe(0);
    expect(await ask(question())).toMatchObject({ kind: 'answer' });
    expect(requests).toHaveLength(2);
    expect(heard).toEqual([false, true]);
  });

  it('Asker stops everyone when the budget is spent', async () => {
    const { ask, halt, requests } = worldOf({
      concurrencyMax: 1,
      script: () => ({ kind: 'budget_exhausted' }),
    });
    const asking = [0, 1, 2].map((sample) => ask(question({ sample })));
    const settled = await Promise.allSettled(asking);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(halt.stopped).toBeInstanceOf(RunStopped);
    expect(halt.stopped?.reason).toBe('budget_spent');
    expect(requests).toHaveLength(1);
  });

  it('Asker asks nothing more after a stop, awaits what is under way, and still finds what it has', async () => {
    const slow = Promise.withResolvers<void>();
    const { ask, halt, requests, journal } = worldOf({
      concurrencyMax: 1,
      script: async (_, index) => {
        if (index > 0) await slow.promise;
        return says('{"value": "x"}');
      },
    });
    await ask(question());
    const underWay = ask(question({ sample: 1 }));
    const waiting = ask(question({ sample: 2 }));
    await settle();
    halt.stop('interrupted', 'Interrupted');
    await expect(waiting).rejects.toBe(halt.stopped);
    slow.resolve();
    expect(await underWay).toMatchObject({ kind: 'answer' });
    expect(requests).toHaveLength(2);
    expect(journal.replies.size).toBe(2);
    expect(await ask(question())).toMatchObject({ kind: 'answer' });
    await expect(ask(question({ sample: 3 }))).rejects.toBe(halt.stopped);
  });

  it('Asker names a model that the run does not have', async () => {
    const { ask } = worldOf({ script: () => says('') });
    await expect(ask(question({ model: 'policy' }))).rejects.toThrow(/there is no model "policy"/u);
    const { ask: none } = worldOf({ script: () => says(''), stage: { model: undefined } });
    await expect(none(question())).rejects.toThrow(/its stage has no model/u);
  });
});
