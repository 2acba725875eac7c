// The stateless service with the real scoring behind it, and three small scorers: one that answers at once, one that
// answers later, and one that fails.

import { describe, expect, it } from 'vitest';
import type { DatasetInfo, ScoreCall, ScoreGroup, ScoreReply } from '../../../src/core/calls.ts';
import type { Completion } from '../../../src/core/completion.ts';
import { EnvError } from '../../../src/core/errors.ts';
import type { PairId } from '../../../src/core/ids.ts';
import { pairIdOf } from '../../../src/core/pair-id.ts';
import type { QaPair } from '../../../src/core/qa-pair.ts';
import { type Recipe, recipeOf } from '../../../src/core/recipe.ts';
import type { Finding } from '../../../src/core/reward.ts';
import type { VerifierInput } from '../../../src/core/verifiers/verifier.ts';
import type { DatasetStore } from '../../../src/ports/dataset-store.ts';
import { InFlight } from '../../../src/services/in-flight.ts';
import { Rewards } from '../../../src/services/rewards.ts';
import type { Scorer, ScorerLookup } from '../../../src/services/scoring/scorer.ts';
import { Scoring } from '../../../src/services/scoring/scoring.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { pairWith } from '../../support/pairs.ts';

function compare({ answer, groundTruth }: VerifierInput): Finding {
  if (answer === 'fault') return { kind: 'fault', cause: 'verifier_crash', detail: 'the verifier failed' };
  return answer === groundTruth.answer ? { kind: 'correct' } : { kind: 'incorrect', reason: 'differs' };
}

function scorer(name: string, score: Scorer['score']): Scorer {
  return { name, reads: 'completion', fallback: 'none', parseOptions: (options) => options, score };
}

const SCORERS: readonly Scorer[] = [
  scorer('math', compare),
  scorer('numeric', compare),
  scorer('short', ({ answer }) => ({ kind: 'score', score: answer.length === 1 ? 1 : 0 })),
  scorer('echo', ({ promptText, answer }) => ({ kind: 'score', score: promptText === answer ? 1 : 0 })),
  scorer('broken', ({ answer }) => {
    if (answer === 'later') return Promise.reject(new Error('Failed later'));
    throw new Error('Failed at once');
  }),
  scorer('slow', async (input) => compare(input)),
];

const PAIR = pairWith({ question: 'What is 9 + 9?', groundTruth: { answer: '18', aliases: [] } });
const OWN_RECIPE = pairWith({ question: 'Say it back', reward: recipeOf('echo') });

const DATASET: DatasetInfo = {
  name: 'sums',
  version: 'v1',
  description: '',
  createdAt: 0,
  splits: [],
  answerTypes: [],
  domains: [],
  reward: undefined,
  provenance: { source: '', license: '', generator: '' },
};

function serviceWith(
  options: { dataset?: DatasetInfo; pairs?: readonly QaPair[]; inFlightMax?: number } = {},
): Rewards {
  const { dataset = DATASET, pairs = [PAIR, OWN_RECIPE], inFlightMax = 1_000 } = options;
  const datasets: Pick<DatasetStore, 'get' | 'findPair'> = {
    get: async (name) => (name === dataset.name ? dataset : undefined),
    findPair: async (_, pairId) => pairs.find((pair) => pair.pairId === pairId),
  };
  const scorers: ScorerLookup = {
    find: (name) => SCORERS.find((each) => each.name === name),
    names: () => SCORERS.map(({ name }) => name),
  };
  const scoring = new Scoring(scorers, new FakeClock());
  return new Rewards({ scoring, datasets, inFlight: new InFlight(inFlightMax) });
}

type Fields = Partial<Completion>;

function members(texts: readonly string[], fields: readonly Fields[] = []): ScoreGroup['completions'] {
  return texts.map((text, memberIndex) => ({ memberIndex, text, ...fields[memberIndex] }));
}

function inline(texts: readonly string[], fields: readonly Fields[] = []): ScoreGroup {
  return {
    prompt: [],
    reference: { kind: 'inline', groundTruth: { answer: '18', aliases: [] }, choices: [] },
    completions: members(texts, fields),
  };
}

function row(pairId: PairId, texts: readonly string[], dataset = 'sums'): ScoreGroup {
  return { prompt: [], reference: { kind: 'row', dataset, pairId }, completions: members(texts) };
}

function callOf(groups: readonly ScoreGroup[], fields: Partial<ScoreCall> = {}): ScoreCall {
  return { reward: undefined, estimator: { name: 'grpo:verl' }, groups, ...fields };
}

function advantagesOf(reply: ScoreReply): (number | undefined)[][] {
  return reply.groups.map(({ completions }) => completions.map(({ advantage }) => advantage));
}

function rewardsOf(reply: ScoreReply): (number | undefined)[][] {
  return reply.groups.map(({ completions }) =>
    completions.map(({ outcome }) => (outcome.kind === 'scored' ? outcome.reward : undefined)),
  );
}

async function refusalOf(run: () => unknown): Promise<Partial<EnvError>> {
  try {
    await run();
  } catch (error) {
    if (error instanceof EnvError) return { code: error.code, field: error.field, message: error.message };
    throw error;
  }
  throw new Error('Nothing was refused');
}

describe('Rewards.score()', () => {
  it('answers without a promise when every verdict is quick', () => {
    const reply = serviceWith().score(callOf([inline(['18', '17', '17', '17'])]));
    expect(reply).not.toBeInstanceOf(Promise);
  });

  it('returns rewards, advantages, flags and the estimator with its constants', async () => {
    const groups = [inline(['18', '17', '17', '17']), inline(['18', '18'])];
    const reply = await serviceWith().score(callOf(groups));
    expect(reply.estimator).toEqual({ name: 'grpo:verl', ddof: 1, epsilon: 1e-6 });
    expect(rewardsOf(reply)).toEqual([
      [1, 0, 0, 0],
      [1, 1],
    ]);
    expect(reply.groups[0]?.completions[0]?.advantage).toBeCloseTo(1.5, 5);
    expect(reply.groups.map(({ flags }) => flags)).toEqual([[], ['zero_variance']]);
  });

  it('keeps a fault out of the baseline: no reward, advantage 0, and the others as if it were not there', async () => {
    const reply = await serviceWith().score(callOf([inline(['18', 'fault', '17'])]));
    const without = await serviceWith().score(callOf([inline(['18', '17'])]));
    expect(rewardsOf(reply)).toEqual([[1, undefined, 0]]);
    const [a, b] = advantagesOf(without)[0] ?? [];
    expect(advantagesOf(reply)).toEqual([[a, 0, b]]);
    expect(reply.groups[0]?.completions[1]?.outcome).toMatchObject({
      kind: 'unscorable',
      unscorable: { cause: 'verifier_crash', scorer: 'math' },
    });
  });

  it('gives the same numbers when the verdicts come later', async () => {
    const texts = ['18', '17', 'fault', '17'];
    const late = serviceWith().score(callOf([inline(texts)], { reward: recipeOf('slow') }));
    expect(late).toBeInstanceOf(Promise);
    const quick = await serviceWith().score(callOf([inline(texts)]));
    expect(advantagesOf(await late)).toEqual(advantagesOf(quick));
    expect(rewardsOf(await late)).toEqual(rewardsOf(quick));
  });

  it('repeats the member indexes of the call in its order', async () => {
    const group = inline(['18', '17', '17']);
    const reordered = { ...group, completions: group.completions.toReversed() };
    const reply = await serviceWith().score(callOf([reordered]));
    expect(reply.groups[0]?.completions.map(({ memberIndex }) => memberIndex)).toEqual([2, 1, 0]);
    expect(rewardsOf(reply)).toEqual([[0, 0, 1]]);
  });

  it('scores rows of a dataset by their own recipe, the dataset recipe, or their answer type', async () => {
    const groups = [row(PAIR.pairId, ['18', '17']), row(OWN_RECIPE.pairId, ['Say it back', '42'])];
    const reply = await serviceWith().score(callOf(groups));
    expect(rewardsOf(reply)).toEqual([
      [1, 0],
      [1, 0],
    ]);
    const scorers = reply.groups.map((group) => group.completions[0]?.outcome.scores[0]?.scorer);
    expect(scorers).toEqual(['numeric', 'echo']);

    const dataset = { ...DATASET, reward: recipeOf('short') };
    const other = await serviceWith({ dataset }).score(callOf(groups));
    const others = other.groups.map((group) => group.completions[0]?.outcome.scores[0]?.scorer);
    expect(others).toEqual(['short', 'echo']);
  });

  it('lets the recipe of the call come before that of the row', async () => {
    const call = callOf([row(OWN_RECIPE.pairId, ['42', '41'])], { reward: recipeOf('math') });
    expect(rewardsOf(await serviceWith().score(call))).toEqual([[1, 0]]);
  });

  it('refuses a dataset or a row that is not there and names the field, without a ground truth', async () => {
    const unknown = pairIdOf({ question: 'Nobody asked' });
    const noRow = await refusalOf(() =>
      serviceWith().score(callOf([inline(['18', '17']), row(unknown, ['1'])])),
    );
    expect(noRow).toMatchObject({ code: 'not_found', field: 'groups[1].pair_id' });
    const noDataset = await refusalOf(() => serviceWith().score(callOf([row(PAIR.pairId, ['1'], 'none')])));
    expect(noDataset).toMatchObject({ code: 'not_found', field: 'groups[0].dataset' });
    expect(`${noRow.message} ${noDataset.message}`).not.toContain('18');
  });

  it('refuses unknown scorers and estimators before it scores anything', async () => {
    const service = serviceWith();
    const call = callOf([inline(['18'])]);
    const noScorer = await refusalOf(() => service.score({ ...call, reward: recipeOf('none') }));
    expect(noScorer).toMatchObject({ code: 'invalid_argument' });
    const noEstimator = await refusalOf(() => service.score({ ...call, estimator: { name: 'ppo' } }));
    expect(noEstimator).toMatchObject({ code: 'invalid_argument', field: 'estimator.name' });
  });

  it('takes lengths from the token counts, and asks for them where the estimator cannot do without', async () => {
    const estimator = { name: 'opo' };
    const counted = inline(['18', '17'], [{ tokenCount: 30 }, { tokenCount: 10 }]);
    // b = (30·1 + 10·0) / 40 = 3/4.
    const reply = await serviceWith().score(callOf([counted], { estimator }));
    expect(advantagesOf(reply)).toEqual([[0.25, -0.75]]);

    const missing = inline(['18', '17'], [{ tokenCount: 30 }]);
    const refusal = await refusalOf(() => serviceWith().score(callOf([counted, missing], { estimator })));
    expect(refusal).toMatchObject({
      code: 'invalid_argument',
      field: 'groups[1].completions[1].token_count',
    });
  });

  it('hands the scores of each scorer to gdpo and states their weights', async () => {
    const reward: Recipe = {
      ...recipeOf('math'),
      scorers: [...recipeOf('math').scorers, ...recipeOf('short').scorers],
    };
    const estimator = { name: 'gdpo:trl', epsilon: 0, weights: { math: 2 } };
    // math 1 1 0 0 and short 0 0 1 1 make equal rewards. With weights 2 and 1: ±√3/2, as worked out for the estimator.
    const call = callOf([inline(['18', '18', '7', '6'])], { reward, estimator });
    const reply = await serviceWith().score(call);
    expect(rewardsOf(reply)).toEqual([[1, 1, 1, 1]]);
    expect(reply.groups[0]?.flags).toEqual([]);
    const half = Math.sqrt(3) / 2;
    [half, half, -half, -half].forEach((wanted, i) =>
      expect(reply.groups[0]?.completions[i]?.advantage).toBeCloseTo(wanted, 9),
    );
    expect(reply.estimator).toEqual({
      name: 'gdpo:trl',
      ddof: 1,
      epsilon: 0,
      weights: { math: 2, short: 1 },
    });

    const stranger = { name: 'gdpo:trl', weights: { maths: 2 } };
    const refusal = await refusalOf(() => serviceWith().score({ ...call, estimator: stranger }));
    expect(refusal).toMatchObject({ code: 'invalid_argument', field: 'estimator.weights.maths' });
  });

  it('scales by the whole call where the estimator looks at batches', async () => {
    const groups = [inline(['18', '17']), inline(['18', '18'])];
    const reply = await serviceWith().score(
      callOf(groups, { estimator: { name: 'grpo:trl-batch', epsilon: 0 } }),
    );
    // Rewards 1, 0, 1, 1: mean 3/4, squares 3/16 + 9/16 = 3/4, s = 1/2; ±1/2 over that is ±1.
    expect(advantagesOf(reply)).toEqual([
      [1, -1],
      [0, 0],
    ]);
  });

  it('refuses more completions than may be in flight, and forgets them when they are done', async () => {
    const service = serviceWith({ inFlightMax: 3 });
    const slow = { reward: recipeOf('slow') };
    const first = service.score(callOf([inline(['18', '17'])], slow));
    const refusal = await refusalOf(() => service.score(callOf([inline(['18', '17'])])));
    expect(refusal).toMatchObject({ code: 'resource_exhausted' });
    await first;
    expect(rewardsOf(await service.score(callOf([inline(['18', '17'])])))).toEqual([[1, 0]]);
    expect(rewardsOf(await service.score(callOf([inline(['18', '17', '16'])])))).toEqual([[1, 0, 0]]);
  });

  it('passes a bug of a scorer on, leaves no rejection behind and forgets its completions', async () => {
    const service = serviceWith({ inFlightMax: 2 });
    const broken = callOf([inline(['later', 'now'])], { reward: recipeOf('broken') });
    await expect(async () => service.score(broken)).rejects.toThrow('Failed at once');
    const later = callOf([inline(['later', 'later'])], { reward: recipeOf('broken') });
    await expect(async () => service.score(later)).rejects.toThrow('Failed later');
    expect(rewardsOf(await service.score(callOf([inline(['18', '17'])])))).toEqual([[1, 0]]);
  });

  it('does not score rows for a caller who has gone', async () => {
    const gone = AbortSignal.abort();
    const refusal = await refusalOf(() => serviceWith().score(callOf([row(PAIR.pairId, ['18'])]), gone));
    expect(refusal).toMatchObject({ code: 'cancelled' });
  });
});

describe('Rewards.computeAdvantages()', () => {
  it('gives the worked example of the reference page', () => {
    const reply = serviceWith().computeAdvantages({
      estimator: { name: 'grpo:trl' },
      groups: [{ rewards: [1, 0, null, 1] }],
    });
    expect(reply.estimator).toEqual({ name: 'grpo:trl', ddof: 1, epsilon: 1e-4 });
    const [first, second, third, fourth] = reply.groups[0]?.advantages ?? [];
    expect(first).toBeCloseTo(0.57725, 5);
    expect(second).toBeCloseTo(-1.1545, 4);
    expect(third).toBe(0);
    expect(fourth).toBeCloseTo(0.57725, 5);
    expect(reply.groups[0]?.flags).toEqual([]);
  });

  it('does not mix up constants of calls that name one estimator', () => {
    const service = serviceWith();
    const ask = (estimator: { name: string; ddof?: number }) =>
      service.computeAdvantages({ estimator, groups: [{ rewards: [1, 0] }] }).estimator.ddof;
    expect([
      ask({ name: 'grpo:verl' }),
      ask({ name: 'grpo:verl', ddof: 0 }),
      ask({ name: 'grpo:verl' }),
    ]).toEqual([1, 0, 1]);
  });

  it('states the weight of every component and refuses one for a component that is not there', async () => {
    const groups = [{ rewards: [1, 0], components: { math: [1, 0], format: [0, 1] } }];
    const reply = serviceWith().computeAdvantages({
      estimator: { name: 'gdpo:verl', weights: { format: 0.5 } },
      groups,
    });
    expect(reply.estimator.weights).toEqual({ math: 1, format: 0.5 });
    const refusal = await refusalOf(() =>
      serviceWith().computeAdvantages({ estimator: { name: 'gdpo:verl', weights: { style: 1 } }, groups }),
    );
    expect(refusal).toMatchObject({ code: 'invalid_argument', field: 'estimator.weights.style' });
  });
});
