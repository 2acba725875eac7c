import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import { POLICY_LOSSES } from '../../../../src/trainer/losses/policy-terms.ts';
import { readSafetensors } from '../../../../src/trainer/models/safetensors.ts';
import { tinyModel } from '../../../../src/trainer/models/tiny.ts';
import type {
  LossPlan,
  OptimiserPlan,
  SamplingPlan,
  TokenSequence,
  TrainedCompletion,
} from '../../../../src/trainer/policy.ts';
import type { EnginePolicy } from '../../../../src/trainer/policy/engine-policy.ts';
import { BYTE_TOKENIZER } from '../../../../src/trainer/tokenizers/byte.ts';
import { hasOnnx, ONNX_NOTE } from '../../../support/onnx-runtime.ts';
import { openTinyPolicy } from '../../../support/tiny-policies.ts';

const { end } = BYTE_TOKENIZER;
const encode = (text: string): readonly number[] => BYTE_TOKENIZER.encode(text);
const OPTIMISER: OptimiserPlan = { learningRate: 1e-3, gradientNormMax: 1 };
const LOSS: LossPlan = {
  loss: 'clipped-ratio',
  clip: { low: 0.2, high: 0.28 },
  aggregation: 'token-mean',
  lengthMax: 8,
  klWeight: 0,
  temperature: 1,
};
const PLAN: Omit<SamplingPlan, 'random'> = {
  prompts: ['37+48=', 'a', 'seven'].map((text) => encode(text)),
  of: [0, 0, 0, 1, 1, 2, 2],
  tokensMax: 5,
  temperature: 1,
};
const SEQUENCES: readonly TokenSequence[] = ['85', '84', '8', '100', '1', ''].map((answer, index) => ({
  prompt: encode(index < 3 ? '37+48=' : '1+9='),
  completion: [...encode(answer), end],
}));

function sum(numbers: readonly number[] | undefined): number {
  return (numbers ?? []).reduce((total, number) => total + number, 0);
}

/** Advantages that add up to 0, and old log-probabilities that are not quite those of the policy, so that ratios matter. */
async function lessons(policy: EnginePolicy): Promise<readonly TrainedCompletion[]> {
  const old = await policy.logProbabilities(SEQUENCES, { temperature: LOSS.temperature });
  return SEQUENCES.map((sequence, index) => ({
    ...sequence,
    old: (old[index] ?? []).map((each, token) => each + 0.1 * Math.sin(7 * index + token)),
    reference: (old[index] ?? []).map((each, token) => each - 0.2 * Math.cos(5 * index + token)),
    advantage: index % 3 === 0 ? 1 : -0.5,
  }));
}

describe.skipIf(!hasOnnx)(`EnginePolicy${ONNX_NOTE}`, () => {
  const open: EnginePolicy[] = [];
  const openPolicy = async (...options: Parameters<typeof openTinyPolicy>): Promise<EnginePolicy> => {
    const policy = await openTinyPolicy(...options);
    open.push(policy);
    return policy;
  };
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'groupwise-policy-'));
  });
  afterAll(async () => {
    for (const policy of open) await policy.close();
    await rm(folder, { recursive: true });
  });

  describe('sample()', () => {
    it('draws the same completions from the same random state, and others from another', async () => {
      const policy = await openPolicy();
      const draw = (seed: number) => policy.sample({ ...PLAN, random: createRandom(seed) });
      const first = await draw(3);
      expect(await draw(3)).toEqual(first);
      expect(await draw(4)).not.toEqual(first);
    });

    it('gives the log-probabilities that logProbabilities() gives, at any temperature', async () => {
      const policy = await openPolicy();
      for (const temperature of [0.5, 1, 1.7]) {
        const drawn = await policy.sample({ ...PLAN, temperature, random: createRandom(6) });
        const sequences = drawn.map(({ tokens }, index) => ({
          prompt: PLAN.prompts[PLAN.of[index] ?? 0] ?? [],
          completion: tokens,
        }));
        const scored = await policy.logProbabilities(sequences, { temperature });
        drawn.forEach(({ logProbabilities }, index) => {
          expect(scored[index]?.length).toBe(logProbabilities.length);
          logProbabilities.forEach((each, token) => expect(scored[index]?.[token]).toBeCloseTo(each, 5));
        });
      }
    });

    it('draws the likeliest token at temperature 0, whatever the random state', async () => {
      const policy = await openPolicy();
      const greedy = { ...PLAN, of: [0, 1, 2], temperature: 0 };
      const drawn = await policy.sample({ ...greedy, random: createRandom(1) });
      expect(await policy.sample({ ...greedy, random: createRandom(2) })).toEqual(drawn);
      const [first] = drawn;
      const prompt = PLAN.prompts[0] ?? [];
      const rivals = Array.from({ length: BYTE_TOKENIZER.vocabulary }, (_, token) => ({
        prompt,
        completion: [token],
      }));
      const shares = (await policy.logProbabilities(rivals, { temperature: 1 })).map(sum);
      expect(first?.tokens[0]).toBe(shares.indexOf(Math.max(...shares)));
      expect(first?.logProbabilities[0]).toBe(0);
    });

    it('says how a completion ended, and gives its text without the end', async () => {
      const policy = await openPolicy();
      for (let step = 0; step < 60; step += 1)
        await policy.supervise([{ prompt: encode('hi'), completion: [...encode('yo'), end] }], {
          ...OPTIMISER,
          learningRate: 1e-2,
        });
      const plan = { prompts: [encode('hi')], of: [0], temperature: 0, random: createRandom(1) };
      expect(await policy.sample({ ...plan, tokensMax: 5 })).toMatchObject([
        { text: 'yo', tokens: [...encode('yo'), end], finishReason: 'stop' },
      ]);
      expect(await policy.sample({ ...plan, tokensMax: 2 })).toMatchObject([
        { text: 'yo', finishReason: 'length' },
      ]);
    });

    it('refuses prompts without tokens, prompts that there are not, and temperatures below 0', async () => {
      const policy = await openPolicy();
      const random = createRandom(1);
      const refused = (change: Partial<SamplingPlan>) => () => policy.sample({ ...PLAN, random, ...change });
      expect(refused({ prompts: [[]], of: [0] })).toThrow(/prompt 0.*no tokens/);
      expect(refused({ of: [3] })).toThrow(/prompt 3/);
      expect(refused({ temperature: -1 })).toThrow(/at least 0/);
      expect(refused({ tokensMax: 0 })).toThrow(/at least one token/);
    });
  });

  describe('train()', () => {
    it.each(POLICY_LOSSES)('moves the policy towards what has an advantage: %s', async (loss) => {
      const policy = await openPolicy();
      const before = await policy.logProbabilities(SEQUENCES, { temperature: 1 });
      const taught = SEQUENCES.map((sequence, index) => ({
        ...sequence,
        old: before[index] ?? [],
        advantage: index === 0 ? 1 : index === 1 ? -1 : 0,
      }));
      for (let step = 0; step < 3; step += 1) await policy.train(taught, { ...LOSS, loss }, OPTIMISER);
      const after = await policy.logProbabilities(SEQUENCES, { temperature: 1 });
      // Both begin alike: what tells them apart is the last digit.
      const gain = (index: number) => (after[index]?.[1] ?? NaN) - (before[index]?.[1] ?? NaN);
      expect(gain(0)).toBeGreaterThan(0.01);
      expect(gain(1)).toBeLessThan(-0.01);
    });

    it.each(['token-mean', 'sequence-mean', 'constant'] as const)(
      'takes the same step in parts as in one piece: %s',
      async (aggregation) => {
        const [whole, parts] = [await openPolicy(), await openPolicy({ tokensMax: 8 })];
        const plan: LossPlan = { ...LOSS, aggregation, klWeight: 0.1 };
        for (let step = 0; step < 2; step += 1) {
          const batch = await lessons(whole);
          const [one, many] = [
            await whole.train(batch, plan, OPTIMISER),
            await parts.train(batch, plan, OPTIMISER),
          ];
          for (const key of ['loss', 'gradientNorm', 'ratioMean', 'kl'] as const)
            expect(many[key]).toBeCloseTo(one[key] ?? NaN, 5);
          expect(many.tokens).toBe(one.tokens);
        }
        const [one, many] = [
          await whole.logProbabilities(SEQUENCES, { temperature: 1 }),
          await parts.logProbabilities(SEQUENCES, { temperature: 1 }),
        ];
        one.forEach((numbers, index) => expect(sum(many[index])).toBeCloseTo(sum(numbers), 4));
      },
    );

    it('gives the loss and the metrics of the papers’ formulas', async () => {
      const policy = await openPolicy();
      const batch = await lessons(policy);
      const now = await policy.logProbabilities(SEQUENCES, { temperature: 1 });
      const { low, high } = LOSS.clip;
      const tokens = batch.flatMap(({ old, reference, advantage }, index) =>
        old.map((each, token) => {
          const ratio = Math.exp((now[index]?.[token] ?? NaN) - each);
          const gain = Math.min(ratio * advantage, Math.min(Math.max(ratio, 1 - low), 1 + high) * advantage);
          const d = (reference?.[token] ?? NaN) - (now[index]?.[token] ?? NaN);
          return { ratio, loss: -gain, kl: Math.exp(d) - d - 1 };
        }),
      );
      const meanOf = (of: (token: (typeof tokens)[number]) => number) => sum(tokens.map(of)) / tokens.length;
      const metrics = await policy.train(batch, { ...LOSS, klWeight: 0.3 }, OPTIMISER);
      expect(metrics.tokens).toBe(tokens.length);
      expect(metrics.loss).toBeCloseTo(
        meanOf(({ loss, kl }) => loss + 0.3 * kl),
        5,
      );
      expect(metrics.ratioMean).toBeCloseTo(
        meanOf(({ ratio }) => ratio),
        5,
      );
      expect(metrics.kl).toBeCloseTo(
        meanOf(({ kl }) => kl),
        5,
      );
      expect(metrics.clippedShare).toBe(0);
      expect(policy.version).toBe(1);
    });

    it('refuses log-probabilities that are not one for each token, and batches without tokens', async () => {
      const policy = await openPolicy();
      const [lesson] = await lessons(policy);
      if (lesson === undefined) throw new Error('No lesson');
      const train =
        (change: Partial<TrainedCompletion>, klWeight = 0) =>
        () =>
          policy.train([{ ...lesson, ...change }], { ...LOSS, klWeight }, OPTIMISER);
      expect(train({ old: [0] })).toThrow(/3 tokens and 1 old/);
      expect(train({ reference: undefined }, 0.1)).toThrow(/3 tokens and no reference/);
      expect(train({ advantage: NaN })).toThrow(/advantage of completion 0 is NaN/);
      expect(train({ completion: [], old: [] })).toThrow(/no completion has a token/);
      expect(policy.version).toBe(0);
    });
  });

  describe('keepReference()', () => {
    it('keeps a policy whose divergence is 0 at first and grows with the steps', async () => {
      const policy = await openPolicy();
      await expect(policy.logProbabilities(SEQUENCES, { temperature: 1, reference: true })).rejects.toThrow(
        /none was kept/,
      );
      await policy.keepReference();
      const reference = await policy.logProbabilities(SEQUENCES, { temperature: 1, reference: true });
      const batch = (await lessons(policy)).map((lesson, index) => ({
        ...lesson,
        reference: reference[index],
      }));
      const plan = { ...LOSS, klWeight: 0.1 };
      const first = await policy.train(batch, plan, OPTIMISER);
      expect(first.kl).toBe(0);
      expect((await policy.train(batch, plan, OPTIMISER)).kl).toBeGreaterThan(1e-6);
      expect(await policy.logProbabilities(SEQUENCES, { temperature: 1, reference: true })).toEqual(
        reference,
      );
    });
  });

  describe('save() and restore()', () => {
    it('give a policy whose next steps are the same to the last bit', async () => {
      const place = join(folder, 'saved');
      const policy = await openPolicy();
      await policy.keepReference();
      const batch = await lessons(policy);
      const plan = { ...LOSS, klWeight: 0.1 };
      await policy.train(batch, plan, OPTIMISER);
      await policy.save(place);
      const restored = await openPolicy({ seed: 2 });
      await restored.restore(place);
      expect(restored.version).toBe(1);
      for (let step = 0; step < 2; step += 1)
        expect(await restored.train(batch, plan, OPTIMISER)).toEqual(
          await policy.train(batch, plan, OPTIMISER),
        );
      expect(await restored.sample({ ...PLAN, random: createRandom(8) })).toEqual(
        await policy.sample({ ...PLAN, random: createRandom(8) }),
      );
      const of = { temperature: 1, reference: true };
      expect(await restored.logProbabilities(SEQUENCES, of)).toEqual(
        await policy.logProbabilities(SEQUENCES, of),
      );
    });

    it('write a checkpoint under the names of Hugging Face', async () => {
      const place = join(folder, 'checkpoint');
      const policy = await openPolicy();
      await policy.save(place);
      const { tensors, metadata } = await readSafetensors(join(place, 'model.safetensors'));
      expect([...tensors.keys()]).toContain('model.layers.1.mlp.down_proj.weight');
      expect(metadata.get('format')).toBe('pt');
      expect(JSON.parse(await readFile(join(place, 'config.json'), 'utf8'))).toMatchObject({
        hidden_size: 32,
      });
    });

    it('leave the previous policy where the process died between the two renames', async () => {
      const place = join(folder, 'twice');
      const policy = await openPolicy();
      await policy.save(place);
      await rename(place, `${place}.previous`);
      const restored = await openPolicy({ seed: 2 });
      await restored.restore(place);
      expect(await restored.logProbabilities(SEQUENCES, { temperature: 1 })).toEqual(
        await policy.logProbabilities(SEQUENCES, { temperature: 1 }),
      );
      await restored.save(place);
      await rm(`${place}.previous`, { recursive: true, force: true });
      await policy.restore(place);
    });

    it('refuse the folder of another model, and one that has none', async () => {
      const place = join(folder, 'other');
      const model = tinyModel({ vocabulary: 257, end, layers: 1, width: 32, heads: 2 });
      await (await openPolicy({ model })).save(place);
      const policy = await openPolicy();
      await expect(policy.restore(place)).rejects.toMatchObject({ code: 'failed_precondition' });
      await expect(policy.restore(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'not_found' });
      expect(policy.version).toBe(0);
    });
  });

  it('learns a small task by supervision and then by rewards alone', async () => {
    const policy = await openPolicy();
    const random = createRandom(5);
    const questions = Array.from({ length: 16 }, (_, number) => {
      const [a, b] = [number >> 2, number & 3];
      return { prompt: encode(`${a}+${b}=`), answer: String(a + b) };
    });
    for (let step = 0; step < 14; step += 1)
      await policy.supervise(
        questions.map(({ prompt, answer }) => ({ prompt, completion: [...encode(answer), end] })),
        { learningRate: 3e-3, gradientNormMax: 1 },
      );
    const rewards: number[] = [];
    const of = questions.flatMap((_, question) => Array.from({ length: 8 }, () => question));
    for (let step = 0; step < 40; step += 1) {
      const drawn = await policy.sample({
        prompts: questions.map(({ prompt }) => prompt),
        of,
        tokensMax: 3,
        temperature: 1,
        random,
      });
      const earned = drawn.map(({ text }, index) => Number(text === questions[of[index] ?? 0]?.answer));
      const mean = sum(earned) / earned.length;
      rewards.push(mean);
      const batch = drawn.map(({ tokens, logProbabilities }, index) => ({
        prompt: questions[of[index] ?? 0]?.prompt ?? [],
        completion: tokens,
        old: logProbabilities,
        advantage: (earned[index] ?? 0) - mean,
      }));
      await policy.train(batch, LOSS, { learningRate: 2e-3, gradientNormMax: 1 });
    }
    expect(sum(rewards.slice(-5)) / 5).toBeGreaterThan(sum(rewards.slice(0, 5)) / 5 + 0.2);
  }, 60_000);
});
