// A whole run over toy stages at a real server: what it counts, what it keeps, what it buys again, and how it stops.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SqliteItemSpool } from '../../../../src/adapters/sqlite-item-spool.ts';
import type { StageChoice } from '../../../../src/core/generation-recipe.ts';
import { childKey, type PairItem } from '../../../../src/generate/item.ts';
import { dropped, kept, stageKind, type Outcome } from '../../../../src/generate/stage.ts';
import type { RunReport } from '../../../../src/generate/engine/funnel.ts';
import { planStages } from '../../../../src/generate/engine/plan.ts';
import { generationModel, unreliable } from '../../../support/generation-model.ts';
import { factDocuments, modelAt, pairsOf, TOY_STAGES, toyRun } from '../../../support/generation-world.ts';
import { MemoryReplyJournal } from '../../../support/memory-generation.ts';
import {
  startOpenAiServer,
  type Behaviour,
  type ChatBody,
  type OpenAiServer,
} from '../../../support/openai-server.ts';
import { TOY_HANDLERS } from '../../../support/toy-model.ts';

const servers: OpenAiServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(
  behave: (body: ChatBody, index: number) => Behaviour = generationModel(TOY_HANDLERS),
): Promise<OpenAiServer> {
  const server = await startOpenAiServer(behave);
  servers.push(server);
  return server;
}

const isOfFact7 = (body: ChatBody): boolean => JSON.stringify(body).includes('fact 7 ');
const withoutCost = (pair: PairItem) => ({ ...pair, costUsd: undefined });

describe('GenerationRun.run()', () => {
  it('GenerationRun.run() takes documents through all stages and accounts for every item, reply and cent', async () => {
    const server = await start();
    const models = new Map([['teacher', modelAt([server.url])]]);
    const run = toyRun({ models });
    const report = await run.run();
    const pairs = await pairsOf(run);
    expect(report.state).toBe('finished');
    expect(report.source).toMatchObject({
      documents: 20,
      passages: 20,
      broken: [],
      bytesRead: 20,
      bytesTotal: 20,
    });
    // 0, 5, 10 and 15 are not useful; of the rest, what follows 3, 6, 9, 12 and 18 is wrong.
    expect(report.stages.map((stage) => [stage.name, stage.in, stage.kept, stage.made])).toEqual([
      ['filter', 20, 16, 0],
      ['write', 16, 0, 32],
      ['check', 32, 27, 0],
      ['unique', 27, 27, 0],
      ['reword', 27, 27, 0],
    ]);
    expect(report.dropped).toEqual({ not_useful: 4, wrong: 5 });
    expect(report.stages[0]?.dropped).toEqual([
      {
        reason: 'not_useful',
        count: 4,
        examples: [0, 5, 10, 15].map((fact) => ({
          item: expect.stringContaining(`facts/${fact}.txt`) as string,
          detail: 'looked at it',
        })),
      },
    ]);
    expect(report).toMatchObject({ generated: 32, kept: 27, unfinished: 0, calls: server.log.length });
    expect(report.stages.map(({ calls }) => calls)).toEqual([20, 16, 32, 0, 27]);
    expect(report.stages.reduce((sum, { calls }) => sum + calls, 0)).toBe(server.log.length);
    const spent = report.stages.reduce((sum, { costUsd }) => sum + (costUsd ?? NaN), 0);
    expect(spent).toBeCloseTo(report.costUsd ?? NaN, 12);
    expect(pairs.map(({ key }) => key)).toEqual(pairs.map(({ key }) => key).toSorted());
    expect(pairs[0]?.draft.question).toMatch(/^In other words: What is fact 1\? \(\d+\)$/u);
    expect(pairs[0]?.draft.written?.prompt).toMatch(/^toy\/write@1-[0-9a-f]{8}$/u);
  });

  it('GenerationRun.report() says what was paid for items that did not come through', async () => {
    const server = await start();
    const run = toyRun({ models: new Map([['teacher', modelAt([server.url])]]) });
    const { stages } = await run.run();
    const [filter, write, check, , reword] = stages;
    // Of 20 passages four were dropped by the filter and nothing of them came through.
    expect((filter?.lostUsd ?? NaN) / (filter?.usedUsd ?? NaN)).toBeCloseTo(4 / 20, 1);
    // Every reply of the writer led to at least one pair.
    expect(write?.lostUsd).toBe(0);
    expect((check?.lostUsd ?? NaN) / (check?.usedUsd ?? NaN)).toBeCloseTo(5 / 32, 1);
    expect(reword?.lostUsd).toBe(0);
  });

  it('GenerationRun.pairs() bears what was paid for passages too: all pairs together cost what was not lost', async () => {
    const server = await start();
    const models = new Map([['teacher', modelAt([server.url])]]);
    const choices = ['filter', 'filter', 'write'].map((name) => ({ name, options: {} }));
    const run = toyRun({ models, choices });
    const { stages } = await run.run();
    const pairs = await pairsOf(run);
    const used = stages.reduce((sum, { usedUsd, lostUsd }) => sum + (usedUsd ?? NaN) - (lostUsd ?? NaN), 0);
    const borne = pairs.reduce((sum, { costUsd }) => sum + (costUsd ?? NaN), 0);
    expect(borne).toBeCloseTo(used, 12);
    expect(used).toBeGreaterThan(stages[2]?.usedUsd ?? NaN);
  });

  it('GenerationRun.run() buys nothing that the journal has, and makes the same pairs of it', async () => {
    const server = await start();
    const journal = new MemoryReplyJournal();
    const first = toyRun({ models: new Map([['teacher', modelAt([server.url])]]), journal });
    const before = await first.run();
    const bought = server.log.length;
    const second = toyRun({
      models: new Map([['teacher', modelAt([server.url])]]),
      journal,
      concurrency: 32,
    });
    const after = await second.run();
    expect(server.log).toHaveLength(bought);
    expect(after).toMatchObject({ calls: 0, costUsd: 0, kept: before.kept, dropped: before.dropped });
    expect(after.stages.map(({ cached }) => cached)).toEqual(before.stages.map(({ calls }) => calls));
    expect(after.stages.map(({ usedUsd }) => usedUsd)).toHaveLength(5);
    expect(JSON.stringify(await pairsOf(second))).toBe(JSON.stringify(await pairsOf(first)));
  });

  it.each<[string, readonly StageChoice[], readonly number[]]>([
    [
      'an option of the writer',
      TOY_STAGES.map((stage) => (stage.name === 'write' ? { ...stage, options: { count: 3 } } : stage)),
      // The writer's prompt says another number; its replies, and so all that follows, are the same again.
      [0, 16, 0, 0, 0],
    ],
    [
      'samples of the check',
      TOY_STAGES.map((stage) => (stage.name === 'check' ? { ...stage, options: { samples: 3 } } : stage)),
      [0, 0, 64, 0, 0],
    ],
    [
      'the temperature of the last stage',
      TOY_STAGES.map((stage) => (stage.name === 'reword' ? { ...stage, temperature: 0.1 } : stage)),
      [0, 0, 0, 0, 27],
    ],
    ['a stage less', TOY_STAGES.filter(({ name }) => name !== 'unique'), [0, 0, 0, 0]],
  ])('GenerationRun.run() asks anew only what changed: %s', async (_, choices, calls) => {
    const server = await start();
    const journal = new MemoryReplyJournal();
    await toyRun({ models: new Map([['teacher', modelAt([server.url])]]), journal }).run();
    const again = toyRun({ models: new Map([['teacher', modelAt([server.url])]]), journal, choices });
    const report = await again.run();
    expect(report.stages.map((stage) => stage.calls)).toEqual(calls);
  });

  it('GenerationRun.run() makes the same pairs whatever finishes first, in how many pieces and at how unreliable a server', async () => {
    const calm = toyRun({ models: new Map([['teacher', modelAt([(await start()).url])]]) });
    await calm.run();
    const expected = (await pairsOf(calm)).map(withoutCost);
    for (const [concurrency, concurrencyMax, seed] of [
      [1, 1, 1],
      [50, 30, 2],
    ] as const) {
      const server = await start(unreliable(generationModel(TOY_HANDLERS), { seed }));
      const model = modelAt([server.url], { concurrencyMax, attemptTimeoutMs: 150 });
      const run = toyRun({ models: new Map([['teacher', model]]), concurrency });
      const report = await run.run();
      expect(report.state).toBe('finished');
      expect(report.stages.some(({ unreadable }) => unreadable > 0)).toBe(true);
      // Rereading costs more; the pairs are those of a reliable server.
      expect((await pairsOf(run)).map(withoutCost)).toEqual(expected);
    }
  }, 60_000);

  it('GenerationRun.run() begins with the task where its first stage does', async () => {
    const server = await start();
    const task = {
      name: 'facts',
      description: 'fact 1',
      inputFormat: undefined,
      outputFormat: undefined,
      demonstrations: [],
      answerType: undefined,
    };
    const choices = ['from-task', 'check'].map((name) => ({ name, options: {} }));
    const run = toyRun({ models: new Map([['teacher', modelAt([server.url])]]), task, choices });
    const report = await run.run();
    expect(report.stages.map((stage) => [stage.in, stage.kept, stage.made])).toEqual([
      [0, 0, 6],
      [6, 6, 0],
    ]);
  });

  it('GenerationRun.run() asks equal questions once, also at the same time', async () => {
    const server = await start();
    const twice = factDocuments(20);
    const run = toyRun({
      models: new Map([['teacher', modelAt([server.url])]]),
      documents: {
        ...twice,
        async *documents() {
          yield* twice.documents();
          yield* twice.documents();
        },
      },
      concurrency: 100,
    });
    const report = await run.run();
    expect(new Set(server.log.map(({ body }) => JSON.stringify(body))).size).toBe(server.log.length);
    expect(report.stages[0]).toMatchObject({ in: 40, calls: 20, cached: 20 });
    expect(report.dropped).toMatchObject({ asked_before: 27 });
  });
});

describe('GenerationRun.run(), when it cannot go on', () => {
  it('GenerationRun.run() stops when the budget is spent, never above it, and goes on from there', async () => {
    const server = await start();
    const journal = new MemoryReplyJournal();
    const usd = 0.006;
    const poor = modelAt([server.url]);
    const whole = await toyRun({ models: new Map([['teacher', poor]]) }).run();
    expect(whole.costUsd).toBeGreaterThan(usd);
    const calls = server.log.length;
    const lives: { readonly report: RunReport; readonly pairs: number }[] = [];
    while (lives.length < 10 && lives.at(-1)?.report.state !== 'finished') {
      const model = modelAt([server.url], { budgetUsd: usd });
      const run = toyRun({ models: new Map([['teacher', model]]), journal });
      lives.push({ report: await run.run(), pairs: (await pairsOf(run)).length });
    }
    const stopped = lives.slice(0, -1);
    expect(lives.at(-1)).toMatchObject({ report: { state: 'finished', kept: 27 }, pairs: 27 });
    expect(stopped.length).toBeGreaterThan(1);
    for (const life of stopped) {
      expect(life).toMatchObject({
        report: { state: 'stopped', stopped: { reason: 'budget_spent' } },
        pairs: 0,
      });
      expect(life.report.unfinished).toBeGreaterThan(0);
      expect(life.report.costUsd).toBeLessThanOrEqual(usd);
    }
    expect(server.log).toHaveLength(2 * calls);
  });

  it('GenerationRun.run() waits for what is under way when it is interrupted, and keeps it', async () => {
    const interrupt = new AbortController();
    const server = await start((body, index) => {
      if (index === 24) interrupt.abort();
      return generationModel(TOY_HANDLERS)(body);
    });
    const journal = new MemoryReplyJournal();
    const run = toyRun({
      models: new Map([['teacher', modelAt([server.url])]]),
      journal,
      interrupt: interrupt.signal,
    });
    const report = await run.run();
    expect(report).toMatchObject({ state: 'stopped', stopped: { reason: 'interrupted' } });
    expect(journal.replies.size).toBe(server.log.length);
    expect(server.log.length).toBeLessThan(25 + 16);
    const again = await toyRun({ models: new Map([['teacher', modelAt([server.url])]]), journal }).run();
    expect(again.state).toBe('finished');
    expect(new Set(server.log.map(({ body }) => JSON.stringify(body))).size).toBe(server.log.length);
  });

  it('GenerationRun.run() leaves what a model that is down cannot answer, says so, and takes it up later', async () => {
    const server = await start((body) =>
      isOfFact7(body) ? { kind: 'status', status: 503 } : generationModel(TOY_HANDLERS)(body),
    );
    const journal = new MemoryReplyJournal();
    const settings = { attemptsMax: 2, breaker: { failuresMax: 1000 } };
    const report = await toyRun({
      models: new Map([['teacher', modelAt([server.url], settings)]]),
      journal,
    }).run();
    expect(report).toMatchObject({ state: 'finished', unfinished: 1, kept: 25 });
    expect(report.stages[0]?.unfinished).toEqual({
      count: 1,
      examples: [
        {
          item: expect.stringContaining('facts/7.txt') as string,
          detail: expect.stringContaining('gave up after 2 calls') as string,
        },
      ],
    });
    const whole = await start();
    const later = await toyRun({ models: new Map([['teacher', modelAt([whole.url])]]), journal }).run();
    expect(later).toMatchObject({ state: 'finished', unfinished: 0, kept: 27 });
    // The passage, its two pairs checked, and two pairs in other words.
    expect(later.calls).toBe(1 + 1 + 2 + 2);
  });

  it('GenerationRun.run() drops what is too long for the model, with its words, and stops for nothing', async () => {
    const behave = generationModel(TOY_HANDLERS);
    const error = { code: 'context_length_exceeded', message: 'maximum context length is 5 tokens' };
    // Fact 7 at the first stage, and all that is asked to be checked: more in a row than stop a run whose model is down.
    const server = await start((body) =>
      isOfFact7(body) || JSON.stringify(body).includes('Is it right?')
        ? { kind: 'status', status: 400, error }
        : behave(body),
    );
    const models = new Map([['teacher', modelAt([server.url])]]);
    const report = await toyRun({ models, failuresMax: 3 }).run();
    expect(report).toMatchObject({ state: 'finished', unfinished: 0, kept: 0 });
    expect(report.dropped).toEqual({ not_useful: 4, prompt_too_long: 31 });
    const [filter] = report.stages;
    expect(filter?.dropped.find(({ reason }) => reason === 'prompt_too_long')?.examples).toEqual([
      {
        item: expect.stringContaining('facts/7.txt') as string,
        detail: expect.stringContaining('maximum context length is 5 tokens') as string,
      },
    ]);
  });

  it('GenerationRun.run() stops where nothing is answered any more', async () => {
    const server = await start(() => ({ kind: 'status', status: 404 }));
    const model = modelAt([server.url]);
    const report = await toyRun({
      models: new Map([['teacher', model]]),
      documents: factDocuments(500),
      failuresMax: 10,
    }).run();
    expect(report).toMatchObject({ state: 'stopped', stopped: { reason: 'model_down' }, kept: 0 });
    expect(server.log.length).toBeLessThan(10 + 32);
  });

  it('GenerationRun.run() hears an interrupt also where it finds all replies in the journal', async () => {
    const server = await start();
    const folder = mkdtempSync(join(tmpdir(), 'groupwise-run-'));
    const journal = new MemoryReplyJournal();
    const documents = factDocuments(600);
    const models = () => new Map([['teacher', modelAt([server.url])]]);
    await toyRun({ models: models(), journal, documents }).run();
    const interrupt = new AbortController();
    const spool = new SqliteItemSpool(join(folder, 'scratch.sqlite'));
    const again = toyRun({ models: models(), journal, documents, spool, interrupt: interrupt.signal });
    const running = again.run();
    setImmediate(() => setImmediate(() => interrupt.abort()));
    const report = await running;
    await spool.close();
    rmSync(folder, { recursive: true });
    expect(report).toMatchObject({ state: 'stopped', stopped: { reason: 'interrupted' }, calls: 0 });
    expect(report.source.documents).toBeLessThan(600);
  }, 30_000);

  it('GenerationRun.run() counts documents that cannot be read', async () => {
    const server = await start();
    const run = toyRun({
      models: new Map([['teacher', modelAt([server.url])]]),
      documents: {
        ...factDocuments(1),
        async *documents() {
          yield { kind: 'broken', source: 'a.pdf', reason: 'encrypted', detail: 'it needs a password' };
          yield* factDocuments(2).documents();
        },
      },
    });
    const report = await run.run();
    expect(report.source).toMatchObject({
      documents: 3,
      passages: 2,
      broken: [
        { reason: 'encrypted', count: 1, examples: [{ item: 'a.pdf', detail: 'it needs a password' }] },
      ],
    });
  });
});

const buggy = (outcome: () => Outcome) =>
  stageKind({
    name: 'buggy',
    summary: '',
    takes: 'passage',
    gives: 'pair',
    model: undefined,
    options: () => z.strictObject({}),
    estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 1 }),
    build: () => ({ kind: 'each', apply: async () => outcome() }),
  });

const pair = {
  kind: 'pair',
  key: '0000000000.0000',
  draft: { question: 'q', answer: 'a', aliases: [], generator: 'g' },
  costUsd: 0,
  notes: {},
} as const;
const runOf = (outcome: () => Outcome) =>
  toyRun({
    documents: factDocuments(1),
    stages: planStages([{ name: 'buggy', options: {} }], {
      kinds: [buggy(outcome)],
      models: [],
      has: new Set(),
      hasDocuments: true,
    }),
  });

describe('GenerationRun.run(), with a stage that has a bug', () => {
  it.each<[string, () => Outcome, RegExp]>([
    ['loses the item', () => ({ kept: [], drops: [] }), /neither kept nor dropped/u],
    [
      'gives another kind',
      () =>
        kept({
          kind: 'passage',
          key: '0000000000',
          passage: {
            documentId: '',
            source: '',
            title: undefined,
            text: '',
            span: { start: 0, end: 0 },
            license: undefined,
          },
          notes: {},
        }),
      /gives a passage/u,
    ],
    ['gives a key of another item', () => kept({ ...pair, key: '0000000001' }), /not that of a child/u],
    ['gives a key twice', () => kept(pair, pair), /two of its items/u],
    ['gives a key that does not sort', () => kept({ ...pair, key: '0000000000.a-b' }), /does not sort/u],
    ['gives a reason in words', () => dropped('Not so good', ''), /snake case/u],
    [
      'throws',
      () => {
        throw new TypeError('oops');
      },
      /oops/u,
    ],
  ])('GenerationRun.run() fails with a stage that %s', async (_, outcome, message) => {
    await expect(runOf(outcome).run()).rejects.toThrow(message);
  });

  it('GenerationRun.run() takes an outcome that is in order', async () => {
    const run = runOf(() => kept({ ...pair, key: childKey('0000000000', 3) }));
    expect(await run.run()).toMatchObject({ state: 'finished', kept: 1 });
  });
});
