// A served reward model as a scorer, over a model whose every reply the test gives.

import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/random.ts';
import type { ServedConfig } from '../../../../src/core/scorer-config.ts';
import type { VerifierInput } from '../../../../src/core/verifiers/verifier.ts';
import {
  ServedRewardModelError,
  type ServedRewardModel,
  type ServedText,
} from '../../../../src/ports/served-reward-model.ts';
import { ServedBatches } from '../../../../src/services/reward-models/served-batches.ts';
import { ServedScorer } from '../../../../src/services/reward-models/served-scorer.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

interface Request {
  readonly texts: readonly ServedText[];
  readonly signal: AbortSignal;
  answer(numbers: readonly number[]): void;
  fail(error: unknown): void;
}

/** Each request waits for the test. */
class HandModel implements ServedRewardModel {
  readonly batchMax = 4;
  readonly requests: Request[] = [];

  canShare(a: ServedText, b: ServedText): boolean {
    return a.first.startsWith('Q') === b.first.startsWith('Q');
  }

  rawNumbers(texts: readonly ServedText[], signal: AbortSignal): Promise<readonly number[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>();
    signal.addEventListener('abort', () => reject(signal.reason));
    this.requests.push({ texts, signal, answer: resolve, fail: reject });
    return promise;
  }
}

class World {
  readonly clock = new FakeClock();
  readonly model = new HandModel();
  readonly stopping = new AbortController();
  readonly scorer: ServedScorer;

  constructor(config: Partial<ServedConfig> = {}, concurrencyMax = 1) {
    const { clock, model } = this;
    const silent = { info: () => {}, warn: () => {}, error: () => {} };
    this.scorer = new ServedScorer({
      config: {
        name: 'served',
        input: 'answer',
        reads: 'answer',
        calibration: { kind: 'identity' },
        deadlineMs: 60_000,
        ...config,
      },
      batches: new ServedBatches({ model, clock, random: createRandom(1), concurrencyMax, attemptsMax: 3 }),
      clock,
      log: silent,
      stopping: this.stopping.signal,
    });
  }

  score(answer: string, more: Partial<VerifierInput> = {}, signal?: AbortSignal) {
    const input = {
      answer,
      groundTruth: { answer: 'T', aliases: [] },
      choices: [],
      promptText: 'Q',
      options: {},
    };
    return this.scorer.score({ ...input, ...more }, signal);
  }

  /** Texts of the requests so far. */
  get sent(): readonly (readonly string[])[] {
    return this.model.requests.map(({ texts }) => texts.map(({ first }) => first));
  }

  request(index: number): Request {
    const request = this.model.requests[index];
    if (request === undefined) throw new Error(`No request ${index}`);
    return request;
  }
}

/** Lets all promises that can go on do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function serverError(fault: ServedRewardModelError['fault'], retryAfterMs?: number): ServedRewardModelError {
  return new ServedRewardModelError(fault, `the server: ${fault}`, { retryAfterMs });
}

describe('ServedScorer', () => {
  it('ServedScorer sends what waits together, in one request while another is under way', async () => {
    const world = new World();
    const first = world.score('a');
    await settle();
    const later = ['b', 'c', 'd', 'e', 'f'].map((answer) => world.score(answer));
    await settle();
    expect(world.sent).toEqual([['a']]);
    world.request(0).answer([0.25]);
    expect(await first).toEqual({ kind: 'score', score: 0.25, reason: 'raw 0.250000' });
    await settle();
    expect(world.sent.slice(1)).toEqual([['b', 'c', 'd', 'e']]);
    world.request(1).answer([0.1, 0.2, 0.3, 0.4]);
    await settle();
    world.request(2).answer([0.5]);
    expect((await Promise.all(later)).map((found) => (found.kind === 'score' ? found.score : found))).toEqual(
      [0.1, 0.2, 0.3, 0.4, 0.5],
    );
  });

  it('ServedScorer does not put together what may not share a request, and passes nobody over for ever', async () => {
    const world = new World();
    void world.score('x');
    await settle();
    for (const answer of ['a', 'Qb', 'c']) void world.score(answer);
    world.request(0).answer([0]);
    await settle();
    world.request(1).answer([0, 0]);
    await settle();
    expect(world.sent).toEqual([['x'], ['a', 'c'], ['Qb']]);
  });

  it('ServedScorer takes the best over the ground truth and its aliases, after calibration', async () => {
    const world = new World({
      input: 'ground_truth_answer',
      calibration: { kind: 'min_max', min: -1, max: 3 },
    });
    const found = world.score('a', { groundTruth: { answer: 'T', aliases: ['U'] } });
    await settle();
    expect(world.request(0).texts).toEqual([
      { first: 'T', second: 'a', question: 'Q', groundTruth: 'T' },
      { first: 'U', second: 'a', question: 'Q', groundTruth: 'T' },
    ]);
    world.request(0).answer([-1, 1]);
    expect(await found).toMatchObject({ score: 0.5 });
  });

  it.each(['rate_limited', 'overloaded', 'connection'] as const)(
    'ServedScorer tries again after %s, and not for ever',
    async (fault) => {
      const world = new World();
      const found = world.score('a');
      for (const attempt of [0, 1, 2]) {
        await settle();
        world.request(attempt).fail(serverError(fault));
        await settle();
        world.clock.pass(1_000);
      }
      expect(await found).toMatchObject({ kind: 'fault', cause: 'reward_model_unavailable' });
      expect(world.sent).toHaveLength(3);
    },
  );

  it('ServedScorer waits as long as the server asked', async () => {
    const world = new World();
    const found = world.score('a');
    await settle();
    world.request(0).fail(serverError('rate_limited', 5_000));
    await settle();
    world.clock.pass(4_999);
    await settle();
    expect(world.sent).toHaveLength(1);
    world.clock.pass(1_000);
    await settle();
    world.request(1).answer([1]);
    expect(await found).toMatchObject({ score: 1 });
  });

  it('ServedScorer takes a refused request apart, so that one bad text costs no other its score', async () => {
    const world = new World();
    const found = ['a', 'b', 'bad'].map((answer) => world.score(answer));
    await settle();
    world.request(0).fail(serverError('refused'));
    await settle();
    world.request(1).answer([0.1, 0.2]);
    await settle();
    world.request(2).fail(serverError('refused'));
    expect(await Promise.all(found)).toMatchObject([
      { score: 0.1 },
      { score: 0.2 },
      { kind: 'fault', cause: 'reward_model_unavailable' },
    ]);
    expect(world.sent).toEqual([['a', 'b', 'bad'], ['a', 'b'], ['bad']]);
  });

  it('ServedScorer does not count a request that was taken apart against its texts', async () => {
    const world = new World();
    const found = [world.score('a'), world.score('b')];
    await settle();
    world.request(0).fail(serverError('refused'));
    await settle();
    world.request(1).answer([0.1]);
    for (const attempt of [2, 3]) {
      await settle();
      world.request(attempt).fail(serverError('overloaded'));
      await settle();
      world.clock.pass(1_000);
    }
    await settle();
    world.request(4).answer([0.2]);
    expect(await Promise.all(found)).toMatchObject([{ score: 0.1 }, { score: 0.2 }]);
  });

  it('ServedScorer makes nonsense a fault, at once', async () => {
    const world = new World();
    const found = world.score('a');
    await settle();
    world.request(0).fail(serverError('malformed_reply'));
    expect(await found).toMatchObject({ kind: 'fault', cause: 'reward_model_unavailable' });
    expect(world.clock.waiting).toBe(0);
  });

  it('ServedScorer holds one deadline over waiting, trying and trying again, and gives the request up', async () => {
    const world = new World({ deadlineMs: 1_000 });
    const running = world.score('a');
    await settle();
    const waiting = world.score('b');
    await settle();
    world.clock.pass(1_000);
    expect(await Promise.all([running, waiting])).toMatchObject([
      { kind: 'fault', cause: 'deadline_exceeded' },
      { kind: 'fault', cause: 'deadline_exceeded' },
    ]);
    expect(world.request(0).signal.aborted).toBe(true);
    await settle();
    expect(world.sent).toEqual([['a']]);
  });

  it('ServedScorer goes on with a request that somebody still waits for', async () => {
    const world = new World();
    const impatient = new AbortController();
    const left = world.score('a', {}, impatient.signal);
    const found = world.score('b');
    await settle();
    impatient.abort(new Error('time limit'));
    await expect(left).rejects.toThrow('time limit');
    expect(world.request(0).signal.aborted).toBe(false);
    world.request(0).answer([0, 1]);
    expect(await found).toMatchObject({ score: 1 });
  });

  it('ServedScorer rejects when the server goes down', async () => {
    const world = new World();
    const found = world.score('a');
    await settle();
    world.stopping.abort(new Error('going down'));
    await expect(found).rejects.toThrow('going down');
    expect(world.clock.waiting).toBe(0);
  });

  it('ServedScorer needs the question where its input has one', async () => {
    const world = new World({ input: 'question_answer' });
    expect(await world.score('a', { promptText: '' })).toMatchObject({
      kind: 'fault',
      cause: 'reward_model_unavailable',
    });
    expect(world.sent).toEqual([]);
  });
});
