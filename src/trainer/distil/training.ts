// Trains a verifier's network: batches of comparisons, AdamW under a falling learning rate, and the weights of the
// least loss on the part that says when to stop. Which texts become which tokens is the caller's business.

import type { Random } from '../../core/random.ts';
import { adamwCorrections, type AdamwOptions } from '../engine/adamw.ts';
import type { Engine, Feed, LoadedGraph, TensorData } from '../engine/engine.ts';
import { crossEntropy } from './platt.ts';
import { byLength, floats, type TokenPair, tokenTensors } from './batches.ts';
import { KEPT, NEXT, scoringGraph, trainingGraph } from './training-graphs.ts';
import { firstValues, type VerifierConfig, verifierWeights } from './verifier-config.ts';

export interface TrainingPlan {
  readonly stepsMax: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly warmUpSteps: number;
  /** Updates between two looks at the validation loss. */
  readonly lookEvery: number;
  /** Looks without a lower loss after which it ends. */
  readonly patience: number;
  readonly adamw: AdamwOptions;
  readonly gradientNormMax: number;
}

export const DEFAULT_TRAINING: TrainingPlan = {
  stepsMax: 2_000,
  batchSize: 64,
  learningRate: 1e-3,
  warmUpSteps: 100,
  lookEvery: 100,
  patience: 8,
  adamw: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.05 },
  gradientNormMax: 1,
};

/** What is drawn for one place of a batch. */
export interface Lesson {
  readonly pair: TokenPair;
  readonly isEquivalent: boolean;
}

export interface Look {
  readonly step: number;
  /** Mean of the batches since the last look. */
  readonly trainingLoss: number;
  readonly validationLoss: number;
  readonly isBest: boolean;
}

export interface TrainedNetwork {
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Of the weights that are kept. */
  readonly bestStep: number;
  readonly steps: number;
  readonly looks: readonly Look[];
}

export interface NetworkTrainerOptions {
  readonly engine: Engine;
  readonly config: VerifierConfig;
  readonly plan: TrainingPlan;
  readonly padId: number;
  readonly random: Random;
}

/** Batches are cut out of so many lessons, sorted by length. */
const BATCHES_SORTED = 16;
const SCORED_AT_ONCE = 256;
/** Share of the learning rate that is left at the end. */
const LAST_RATE = 0.05;

export class NetworkTrainer {
  readonly #options: NetworkTrainerOptions;
  #training: LoadedGraph | undefined;
  #scoring: LoadedGraph | undefined;

  constructor(options: NetworkTrainerOptions) {
    this.#options = options;
  }

  /**
   * @param draw the next lesson; asked batchSize times for each update
   * @param onLook told after each look at the validation loss
   * @throws the reason of `signal`
   */
  async train(
    { draw, validation }: { readonly draw: () => Lesson; readonly validation: readonly Lesson[] },
    onLook: (look: Look) => void,
    signal?: AbortSignal,
  ): Promise<TrainedNetwork> {
    const { plan, random } = this.#options;
    await this.#begin();
    const looks: Look[] = [];
    let best:
      | { readonly loss: number; readonly step: number; readonly weights: TrainedNetwork['weights'] }
      | undefined;
    let batches: Lesson[][] = [];
    let [lossSum, step] = [0, 0];
    while (step < plan.stepsMax) {
      signal?.throwIfAborted();
      if (batches.length === 0) batches = this.#nextBatches(draw, random);
      step += 1;
      lossSum += await this.#update(batches.pop() ?? [], step);
      if (step % plan.lookEvery !== 0 && step !== plan.stepsMax) continue;
      const count = step % plan.lookEvery === 0 ? plan.lookEvery : step % plan.lookEvery;
      const validationLoss = await this.#lossOn(validation);
      const isBest = best === undefined || validationLoss < best.loss;
      if (isBest) best = { loss: validationLoss, step, weights: await this.#weights() };
      const look = { step, trainingLoss: lossSum / count, validationLoss, isBest };
      lossSum = 0;
      looks.push(look);
      onLook(look);
      if (best !== undefined && step - best.step >= plan.patience * plan.lookEvery) break;
    }
    if (best === undefined) throw new RangeError('A training needs at least one update');
    await this.#restore(best.weights);
    return { weights: best.weights, bestStep: best.step, steps: step, looks };
  }

  /** One logit for each pair, by the weights that were kept. */
  async logits(pairs: readonly TokenPair[]): Promise<readonly number[]> {
    const { engine, padId } = this.#options;
    if (this.#scoring === undefined) throw new RangeError('Nothing has been trained yet');
    const logits = pairs.map(() => Number.NaN);
    for (const chunk of byLength(pairs, SCORED_AT_ONCE)) {
      const batch = chunk.flatMap((index) => pairs[index] ?? []);
      const feeds = { ...this.#kept([KEPT.weight]), ...tokenTensors(batch, padId) };
      const { logits: found } = await engine.run(this.#scoring, feeds);
      chunk.forEach((index, row) => (logits[index] = Number(found?.data[row])));
    }
    return logits;
  }

  async #begin(): Promise<void> {
    const { engine, config, plan, random } = this.#options;
    const plans = verifierWeights(config);
    const kept = plans.flatMap(({ name }) =>
      Object.values(KEPT).map((kind) => [`${NEXT}${kind}${name}`, kind + name] as const),
    );
    const graph = trainingGraph(config, { ...plan.adamw, gradientNormMax: plan.gradientNormMax });
    this.#training = await engine.load(graph.encode(), { keep: Object.fromEntries(kept) });
    this.#scoring = await engine.load(scoringGraph(config).encode());
    const values = firstValues(plans, random);
    const tensors: Record<string, TensorData> = {};
    for (const { name, dims } of plans) {
      const data = values.get(name) ?? new Float32Array();
      tensors[KEPT.weight + name] = { type: 'float32', dims, data };
      tensors[KEPT.mean + name] = { type: 'float32', dims, data: new Float32Array(data.length) };
      tensors[KEPT.variance + name] = { type: 'float32', dims, data: new Float32Array(data.length) };
    }
    await engine.put(tensors);
  }

  #nextBatches(draw: () => Lesson, random: Random): Lesson[][] {
    const { batchSize } = this.#options.plan;
    const lessons = Array.from({ length: batchSize * BATCHES_SORTED }, draw);
    const chunks = byLength(
      lessons.map(({ pair }) => pair),
      batchSize,
    ).map((chunk) => chunk.flatMap((index) => lessons[index] ?? []));
    for (let at = chunks.length - 1; at > 0; at -= 1) {
      const other = random.below(at + 1);
      const [a, b] = [chunks[at], chunks[other]];
      if (a !== undefined && b !== undefined) [chunks[at], chunks[other]] = [b, a];
    }
    return chunks;
  }

  async #update(batch: readonly Lesson[], step: number): Promise<number> {
    const { engine, plan, padId } = this.#options;
    if (this.#training === undefined) throw new RangeError('The training has not begun');
    const [correction1, correction2] = adamwCorrections(step, plan.adamw);
    const { loss } = await engine.run(this.#training, {
      ...this.#kept(Object.values(KEPT)),
      ...tokenTensors(
        batch.map(({ pair }) => pair),
        padId,
      ),
      verdicts: floats(batch.map(({ isEquivalent }) => Number(isEquivalent))),
      counts: floats(batch.map(() => 1)),
      learning_rate: floats([rateAt(step, plan)], []),
      correction1: floats([correction1], []),
      correction2: floats([correction2], []),
    });
    return Number(loss?.data[0]);
  }

  #kept(kinds: readonly string[]): Record<string, Feed> {
    const names = verifierWeights(this.#options.config).map(({ name }) => name);
    return Object.fromEntries(
      kinds.flatMap((kind) => names.map((name) => [kind + name, { kept: kind + name }] as const)),
    );
  }

  async #lossOn(lessons: readonly Lesson[]): Promise<number> {
    const logits = await this.logits(lessons.map(({ pair }) => pair));
    const losses = lessons.map(({ isEquivalent }, index) =>
      crossEntropy(logits[index] ?? Number.NaN, Number(isEquivalent)),
    );
    return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  }

  async #weights(): Promise<TrainedNetwork['weights']> {
    const names = verifierWeights(this.#options.config).map(({ name }) => name);
    const read = await this.#options.engine.read(names.map((name) => KEPT.weight + name));
    return new Map(
      names.map((name) => [name, Float32Array.from(read[KEPT.weight + name]?.data ?? [], Number)]),
    );
  }

  async #restore(weights: TrainedNetwork['weights']): Promise<void> {
    const plans = verifierWeights(this.#options.config);
    const tensors = plans.map(({ name, dims }): [string, TensorData] => [
      KEPT.weight + name,
      { type: 'float32', dims, data: Float32Array.from(weights.get(name) ?? []) },
    ]);
    await this.#options.engine.put(Object.fromEntries(tensors));
  }
}

/** Rises in a line, then falls as half a cosine (Loshchilov and Hutter, arXiv 1608.03983). */
function rateAt(step: number, { learningRate, warmUpSteps, stepsMax }: TrainingPlan): number {
  if (step <= warmUpSteps) return (learningRate * step) / warmUpSteps;
  const share = (step - warmUpSteps) / Math.max(1, stepsMax - warmUpSteps);
  return learningRate * (LAST_RATE + ((1 - LAST_RATE) * (1 + Math.cos(Math.PI * share))) / 2);
}
