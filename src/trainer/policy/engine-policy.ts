// A policy whose weights lie on an engine: what it draws, scores and learns are runs of graphs there, and only tokens and a few
// numbers come back. Each call waits for those before it, so none sees half of an update.

import { EnvError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import { adamwCorrections, type AdamwOptions } from '../engine/adamw.ts';
import type { Engine, Feed, LoadedGraph } from '../engine/engine.ts';
import { tokenWeights } from '../losses/aggregation.ts';
import type { FloatTensor } from '../models/safetensors.ts';
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
import { pack, table, type PackedPart } from './packing.ts';
import { readPolicy, writePolicy, writeWeights } from './saved-policy.ts';
import { completionsOf, dividing, samplingRuns } from './sampling.ts';
import { partFeeds } from './scored-sequences.ts';
import { tokenMetrics } from './step-metrics.ts';
import { float32, numbersOf } from './tensors.ts';
import { tokensPerRun } from './token-budget.ts';
import {
  gradientGraph,
  keptName,
  referenceGraph,
  scoringGraph,
  updateGraph,
  type BuiltGraph,
  type BuiltLoss,
  type Kept,
} from './update-graphs.ts';

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

type Feeds = Readonly<Record<string, Feed>>;
type Update = Pick<StepMetrics, 'loss' | 'gradientNorm'>;

/** What a part of a batch needs beside its tokens. */
interface Lesson {
  readonly loss: BuiltLoss | 'supervised';
  readonly sequences: readonly TokenSequence[];
  readonly temperature: number;
  readonly feeds: (part: PackedPart) => Feeds;
}

export class EnginePolicy implements Policy {
  readonly description: string;
  readonly tokenizer: Tokenizer;
  readonly #model: PolicyModel;
  readonly #engine: Engine;
  readonly #adamw: AdamwOptions;
  readonly #tokensMax: number;
  readonly #graphs = new Map<string, Promise<LoadedGraph>>();
  #version = 0;
  #hasReference = false;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws EnvError `failed_precondition` for a tokenizer with more tokens than the model */
  static async open(options: EnginePolicyOptions): Promise<EnginePolicy> {
    const policy = new EnginePolicy(options);
    const values = options.model.firstValues(options.random);
    await policy.#put('weight', (name) => values.get(name) ?? missing(name));
    for (const kind of ['mean', 'variance', 'zero'] as const)
      await policy.#put(kind, (_, size) => new Float32Array(size));
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
        graph: (key, build) => this.#graph(key, build),
      };
      const drawn: SampledCompletion[] = [];
      for (const feeds of runs) {
        const outputs = await drawTokens(drawing, feeds, this.#weights('weight'));
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
      const graph = await this.#graph('score', () => scoringGraph(this.#model));
      const weights = this.#weights(reference ? 'reference' : 'weight');
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
    const hasReference = plan.klWeight > 0;
    checkCompletions(completions, hasReference);
    const weights = tokenWeights(
      completions.map(({ completion }) => completion.length),
      plan,
    );
    const at = (index: number): TrainedCompletion => completions[index] ?? missing(`completion ${index}`);
    const lesson: Lesson = {
      loss: { loss: plan.loss, clip: plan.clip, hasReference },
      sequences: completions,
      temperature: plan.temperature,
      feeds: (part) => {
        const each = (of: (index: number) => ArrayLike<number>): Feed =>
          float32([part.sequences.length, part.width], table(part, of));
        return {
          weights: each((index) => at(index).completion.map(() => weights[index] ?? 0)),
          mask: each((index) => at(index).completion.map(() => 1)),
          old: each((index) => at(index).old),
          advantages: float32(
            [part.sequences.length, 1],
            part.sequences.map((index) => at(index).advantage),
          ),
          ...(hasReference
            ? {
                reference: each((index) => at(index).reference ?? []),
                kl_weight: float32([], [plan.klWeight]),
              }
            : {}),
        };
      },
    };
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
    const tokens = tokensOf(examples);
    const lesson: Lesson = {
      loss: 'supervised',
      sequences: examples,
      temperature: 1,
      feeds: (part) => {
        const weights = table(part, (index) => (examples[index]?.completion ?? []).map(() => 1 / tokens));
        return { weights: float32([part.sequences.length, part.width], weights) };
      },
    };
    return this.#inTurn(async () => {
      const { loss, gradientNorm } = await this.#update(lesson, optimiser);
      return { loss, gradientNorm, tokens };
    });
  }

  keepReference(): Promise<void> {
    return this.#inTurn(async () => {
      const graph = await this.#graph('reference', () => referenceGraph(this.#model));
      await this.#engine.run(graph, this.#weights('weight'));
      this.#hasReference = true;
    });
  }

  save(folder: string): Promise<void> {
    return this.#inTurn(async () =>
      writePolicy(folder, this.#model, {
        version: this.#version,
        weights: await this.#read('weight'),
        means: await this.#read('mean'),
        variances: await this.#read('variance'),
        reference: this.#hasReference ? await this.#read('reference') : undefined,
      }),
    );
  }

  export(folder: string): Promise<void> {
    return this.#inTurn(async () => writeWeights(folder, this.#model, await this.#read('weight')));
  }

  restore(folder: string): Promise<void> {
    return this.#inTurn(async () => {
      const { version, weights, means, variances, reference } = await readPolicy(folder, this.#model);
      const put = (kind: Kept, tensors: typeof weights) =>
        this.#put(kind, (name) => tensors.get(name)?.data ?? missing(name));
      await put('weight', weights);
      await put('mean', means);
      await put('variance', variances);
      if (reference !== undefined) await put('reference', reference);
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
  ): Promise<Update & { readonly logProbabilities: readonly (readonly number[])[] }> {
    const gradient = await this.#graph(`gradient ${JSON.stringify(loss)}`, () =>
      gradientGraph(this.#model, loss),
    );
    const update = await this.#graph('update', () => updateGraph(this.#model, this.#adamw));
    const logProbabilities = sequences.map((): readonly number[] => []);
    let total = 0;
    for (const [index, part] of pack(sequences, { tokensMax: this.#tokensMax }).entries()) {
      const outputs = await this.#engine.run(gradient, {
        ...partFeeds(part, dividing(temperature)),
        ...feeds(part),
        ...this.#weights('weight'),
        ...this.#kept('sum', index === 0 ? 'zero' : 'sum'),
      });
      total += Number(outputs['loss']?.data[0]);
      unpack(part, numbersOf(outputs, 'log_probabilities'), logProbabilities);
    }
    if (!Number.isFinite(total)) throw new Error(`Cannot take a training step: its loss is ${total}`);
    const [correction1, correction2] = adamwCorrections(this.#version + 1, this.#adamw);
    const outputs = await this.#engine.run(update, {
      ...this.#kept('sum'),
      ...this.#kept('weight'),
      ...this.#kept('mean'),
      ...this.#kept('variance'),
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

  /** Built and loaded when it is first asked for. */
  #graph(key: string, build: () => BuiltGraph): Promise<LoadedGraph> {
    const known = this.#graphs.get(key);
    if (known !== undefined) return known;
    const { graph, ...options } = build();
    const loaded = this.#engine.load(graph.encode(), options);
    this.#graphs.set(key, loaded);
    return loaded;
  }

  /** Feeds of the weights under the names that the model places them by. */
  #weights(kind: 'weight' | 'reference'): Feeds {
    return Object.fromEntries(this.#model.trained.map(({ name }) => [name, { kept: keptName(kind, name) }]));
  }

  /** Feeds named by what they are, from where it is kept. */
  #kept(kind: Kept, from: Kept = kind): Feeds {
    return Object.fromEntries(
      this.#model.trained.map(({ name }) => [keptName(kind, name), { kept: keptName(from, name) }]),
    );
  }

  async #put(kind: Kept, of: (name: string, size: number) => Float32Array): Promise<void> {
    const tensors = this.#model.trained.map(({ name, dims }) => {
      const size = dims.reduce((product, dim) => product * dim, 1);
      return [keptName(kind, name), float32(dims, of(name, size))] as const;
    });
    await this.#engine.put(Object.fromEntries(tensors));
  }

  async #read(kind: Kept): Promise<ReadonlyMap<string, FloatTensor>> {
    const { trained } = this.#model;
    const tensors = await this.#engine.read(trained.map(({ name }) => keptName(kind, name)));
    return new Map(
      trained.map(({ name, dims }) => [
        name,
        { dims, data: Float32Array.from(tensors[keptName(kind, name)]?.data ?? [], Number) },
      ]),
    );
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    // Whoever asked is told of a failure; the next call goes on.
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** Puts the numbers of a part where its sequences are. */
function unpack(part: PackedPart, numbers: readonly number[], found: (readonly number[])[]): void {
  part.sequences.forEach((sequence, row) => {
    const start = row * part.width;
    found[sequence] = numbers.slice(start, start + (part.counts[row] ?? 0));
  });
}

function tokensOf(sequences: readonly TokenSequence[]): number {
  const tokens = sequences.reduce((sum, { completion }) => sum + completion.length, 0);
  if (tokens === 0) throw new RangeError('Cannot take a training step: no completion has a token');
  return tokens;
}

function checkCompletions(completions: readonly TrainedCompletion[], hasReference: boolean): void {
  tokensOf(completions);
  completions.forEach(({ completion, old, reference, advantage }, index) => {
    if (old.length !== completion.length)
      throw new RangeError(
        `Completion ${index} has ${completion.length} tokens and ${old.length} old log-probabilities`,
      );
    if (hasReference && reference?.length !== completion.length)
      throw new RangeError(
        `Completion ${index} has ${completion.length} tokens and ${reference?.length ?? 'no'} reference log-probabilities`,
      );
    if (!Number.isFinite(advantage))
      throw new RangeError(`The advantage of completion ${index} is ${advantage}`);
  });
}

function missing(what: string): never {
  throw new TypeError(`There is no ${what}`);
}
