// A policy whose weights lie on an engine: what it draws, scores and learns are runs of graphs there, and only tokens and a few
// numbers come back. Each call waits for those before it, so none sees half of an update.

import { EnvError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import { adamwCorrections, type AdamwOptions } from '../engine/adamw.ts';
import type { Engine } from '../engine/engine.ts';
import type {
  LossPlan,
  OptimiserPlan,
  Policy,
  SampledCompletion,
  SamplingPlan,
  StepMetrics,
  Tokenizer,
  TokenSequence,
  TrainedCompletion,
} from '../policy.ts';
import type { PolicyModel } from '../policy-model.ts';
import { ADAMW_DEFAULTS } from './defaults.ts';
import { drawTokens, type DrawingOptions } from './drawing.ts';
import { KeptTensors } from './kept-tensors.ts';
import { type Lesson, policyLesson, supervisedLesson, tokensOf } from './lesson.ts';
import { LoadedGraphs } from './loaded-graphs.ts';
import { pack, unpack } from './packing.ts';
import { readPolicy, writePolicy, writeWeights } from './saved-policy.ts';
import { completionsOf, dividing, samplingRuns } from './sampling.ts';
import { partFeeds } from './scored-sequences.ts';
import { tokenMetrics } from './step-metrics.ts';
import { float32, numbersOf } from './tensors.ts';
import { tokensPerRun } from './token-budget.ts';
import { gradientGraph, referenceGraph, scoringGraph, updateGraph } from './update-graphs.ts';

export interface EnginePolicyOptions {
  readonly model: PolicyModel;
  readonly tokenizer: Tokenizer;
  /** The policy's alone, from now on: `close` closes it. */
  readonly engine: Engine;
  /** Of the first values of what is trained. */
  readonly random: Random;
  readonly adamw?: AdamwOptions;
  /** Tokens that one run learns from; default: what `tokensPerRun` finds to fit. */
  readonly tokensMax?: number;
}

export class EnginePolicy implements Policy {
  readonly description: string;
  readonly tokenizer: Tokenizer;
  readonly #model: PolicyModel;
  readonly #engine: Engine;
  readonly #tensors: KeptTensors;
  readonly #adamw: AdamwOptions;
  readonly #tokensMax: number;
  readonly #graphs: LoadedGraphs;
  #version = 0;
  #hasReference = false;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws EnvError `failed_precondition` for a tokenizer with more tokens than the model */
  static async open(options: EnginePolicyOptions): Promise<EnginePolicy> {
    const policy = new EnginePolicy(options);
    await policy.#tensors.put('weight', options.model.firstValues(options.random));
    for (const kind of ['mean', 'variance', 'zero'] as const) await policy.#tensors.putZeros(kind);
    return policy;
  }

  private constructor({ model, tokenizer, engine, adamw, tokensMax }: EnginePolicyOptions) {
    if (tokenizer.vocabulary > model.config.vocabulary)
      throw new EnvError(
        'failed_precondition',
        `Cannot use a tokenizer of ${tokenizer.vocabulary} tokens with ${model.description}: it knows ${model.config.vocabulary}`,
      );
    this.description = model.description;
    this.tokenizer = tokenizer;
    this.#model = model;
    this.#engine = engine;
    this.#tensors = new KeptTensors(engine, model.trained);
    this.#graphs = new LoadedGraphs(engine);
    this.#adamw = adamw ?? ADAMW_DEFAULTS;
    this.#tokensMax = tokensMax ?? tokensPerRun(model.config);
  }

  get version(): number {
    return this.#version;
  }

  get device(): string {
    return this.#engine.provider;
  }

  sample(plan: SamplingPlan): Promise<readonly SampledCompletion[]> {
    // Random numbers are taken now, not when it is this call's turn.
    const runs = samplingRuns(plan, this.#model.config);
    return this.#inTurn(async () => {
      const drawing: DrawingOptions = {
        engine: this.#engine,
        model: this.#model,
        end: this.tokenizer.end,
        graph: (key, build) => this.#graphs.get(key, build),
      };
      const drawn: SampledCompletion[] = [];
      for (const feeds of runs) {
        const outputs = await drawTokens(drawing, feeds, this.#tensors.weights('weight'));
        drawn.push(...completionsOf(outputs, this.tokenizer));
      }
      return drawn;
    });
  }

  logProbabilities(
    sequences: readonly TokenSequence[],
    { temperature, reference = false }: { readonly temperature: number; readonly reference?: boolean },
  ): Promise<readonly (readonly number[])[]> {
    return this.#inTurn(async () => {
      if (reference && !this.#hasReference)
        throw new EnvError('failed_precondition', 'Cannot ask the reference policy: none was kept');
      const graph = await this.#graphs.get('score', () => scoringGraph(this.#model));
      const weights = this.#tensors.weights(reference ? 'reference' : 'weight');
      const found = sequences.map((): readonly number[] => []);
      for (const part of pack(sequences, { tokensMax: this.#tokensMax })) {
        const outputs = await this.#engine.run(graph, {
          ...partFeeds(part, dividing(temperature)),
          ...weights,
        });
        unpack(part, numbersOf(outputs, 'log_probabilities'), found);
      }
      return found;
    });
  }

  /** @throws RangeError when log-probabilities are not one for each token, or no completion has a token */
  train(
    completions: readonly TrainedCompletion[],
    plan: LossPlan,
    optimiser: OptimiserPlan,
  ): Promise<StepMetrics> {
    const lesson = policyLesson(completions, plan);
    return this.#inTurn(async () => {
      const { logProbabilities, ...update } = await this.#update(lesson, optimiser);
      return { ...update, ...tokenMetrics(completions, logProbabilities, plan) };
    });
  }

  /** @throws RangeError when no example has a token */
  supervise(
    examples: readonly TokenSequence[],
    optimiser: OptimiserPlan,
  ): Promise<Pick<StepMetrics, 'loss' | 'gradientNorm' | 'tokens'>> {
    const lesson = supervisedLesson(examples);
    return this.#inTurn(async () => {
      const { loss, gradientNorm } = await this.#update(lesson, optimiser);
      return { loss, gradientNorm, tokens: tokensOf(examples) };
    });
  }

  keepReference(): Promise<void> {
    return this.#inTurn(async () => {
      const graph = await this.#graphs.get('reference', () => referenceGraph(this.#model));
      await this.#engine.run(graph, this.#tensors.weights('weight'));
      this.#hasReference = true;
    });
  }

  save(folder: string): Promise<void> {
    return this.#inTurn(async () =>
      writePolicy(folder, this.#model, {
        version: this.#version,
        weights: await this.#tensors.read('weight'),
        means: await this.#tensors.read('mean'),
        variances: await this.#tensors.read('variance'),
        reference: this.#hasReference ? await this.#tensors.read('reference') : undefined,
      }),
    );
  }

  export(folder: string): Promise<void> {
    return this.#inTurn(async () => writeWeights(folder, this.#model, await this.#tensors.read('weight')));
  }

  restore(folder: string): Promise<void> {
    return this.#inTurn(async () => {
      const { version, weights, means, variances, reference } = await readPolicy(folder, this.#model);
      await this.#tensors.put('weight', weights);
      await this.#tensors.put('mean', means);
      await this.#tensors.put('variance', variances);
      if (reference !== undefined) await this.#tensors.put('reference', reference);
      this.#hasReference = reference !== undefined;
      this.#version = version;
    });
  }

  /** What was asked for ends first. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#engine.close());
  }

  /** Gradients of all parts, then one step with their sum. */
  async #update(
    { loss, sequences, temperature, feeds }: Lesson,
    { learningRate, gradientNormMax }: OptimiserPlan,
  ): Promise<
    Pick<StepMetrics, 'loss' | 'gradientNorm'> & { readonly logProbabilities: readonly (readonly number[])[] }
  > {
    const gradient = await this.#graphs.get(`gradient ${JSON.stringify(loss)}`, () =>
      gradientGraph(this.#model, loss),
    );
    const update = await this.#graphs.get('update', () => updateGraph(this.#model, this.#adamw));
    const logProbabilities = sequences.map((): readonly number[] => []);
    let total = 0;
    for (const [index, part] of pack(sequences, { tokensMax: this.#tokensMax }).entries()) {
      const outputs = await this.#engine.run(gradient, {
        ...partFeeds(part, dividing(temperature)),
        ...feeds(part),
        ...this.#tensors.weights('weight'),
        ...this.#tensors.feeds('sum', index === 0 ? 'zero' : 'sum'),
      });
      total += Number(outputs['loss']?.data[0]);
      unpack(part, numbersOf(outputs, 'log_probabilities'), logProbabilities);
    }
    if (!Number.isFinite(total)) throw new Error(`Cannot take a training step: its loss is ${total}`);
    const [correction1, correction2] = adamwCorrections(this.#version + 1, this.#adamw);
    const outputs = await this.#engine.run(update, {
      ...this.#tensors.feeds('sum'),
      ...this.#tensors.feeds('weight'),
      ...this.#tensors.feeds('mean'),
      ...this.#tensors.feeds('variance'),
      learning_rate: float32([], [learningRate]),
      correction1: float32([], [correction1]),
      correction2: float32([], [correction2]),
      norm_max: float32([], [gradientNormMax]),
    });
    this.#version += 1;
    const gradientNorm = Number(outputs['norm']?.data[0]);
    if (!Number.isFinite(gradientNorm))
      throw new Error(`The weights are lost: the gradient's norm was ${gradientNorm}`);
    return { loss: total, gradientNorm, logProbabilities };
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    // Whoever asked is told of a failure; the next call goes on.
    this.#last = done.catch(() => undefined);
    return done;
  }
}
