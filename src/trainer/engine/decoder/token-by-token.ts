// Completions for prompts with a run for each token, for devices that keep tensors between runs but have no loop of their own: the
// caches stay where they are, and of each round only the tokens and their log-probabilities come back. The same random numbers
// give the tokens of `addGeneration`.

import type { Engine, Feed, LoadedGraph, TensorData } from '../engine.ts';
import type { Graph, Value } from '../graph.ts';
import { div } from '../ops/arithmetic.ts';
import { draw } from './drawn-token.ts';
import { readPrompts, readToken, type PlacedDecoder } from './next-token.ts';

/** Output → the name that it is kept under. */
type Keep = Readonly<Record<string, string>>;

/**
 * Adds to a graph what comes before the second token: prompts are read and the first tokens drawn. Inputs, beside the weights and
 * those of `readPrompts`: `uniforms` float [batch], `temperature` float []. Outputs: `drawn` int64 [batch] and
 * `log_probability` float [batch], and the caches, which are to be kept as it returns.
 */
export function addFirstToken(graph: Graph, decoder: PlacedDecoder): Keep {
  const { logits, caches } = readPrompts(graph, decoder);
  outputToken(graph, logits);
  return outputCaches(graph, caches);
}

/**
 * Adds to a graph what a further token takes. Inputs, beside the weights and caches: `token` int64 [batch], the one before; `starts`
 * int64 [batch], tokens of its prompt; `width` int64 [], of the longest prompt; `round` int64 [], tokens before `token`;
 * `uniforms`, `temperature` and outputs as in `addFirstToken`.
 */
export function addFurtherToken(graph: Graph, decoder: PlacedDecoder): Keep {
  const { keyHeads, headSize, layers } = decoder.config;
  const token = graph.input('token', 'int64', ['batch']);
  const starts = graph.input('starts', 'int64', ['batch']);
  const width = graph.input('width', 'int64', []);
  const round = graph.input('round', 'int64', []);
  const past = Array.from({ length: 2 * layers }, (_, index) =>
    graph.input(cacheName(index), 'float', ['batch', keyHeads, 'tokens', headSize]),
  );
  const { logits, caches } = readToken(decoder, token, { caches: past, starts, width, round });
  outputToken(graph, logits);
  return outputCaches(graph, caches);
}

export interface TokenGraphs {
  readonly first: LoadedGraph;
  readonly further: LoadedGraph;
  /** The token that ends a completion, and fills it up behind its end. */
  readonly end: number;
  /** Of the decoder. */
  readonly layers: number;
}

/** The inputs of `addGeneration`, by the same names. */
export interface GenerationFeeds {
  readonly prompts: TensorData;
  readonly lengths: TensorData;
  readonly of: TensorData;
  readonly uniforms: TensorData;
  readonly rounds: TensorData;
  readonly temperature: TensorData;
}

/**
 * Runs the graphs until all completions have ended: the outputs of `addGeneration`, by the same names.
 * @param weights feeds of the decoder's weights
 */
export async function generateByToken(
  engine: Engine,
  { first, further, end, layers }: TokenGraphs,
  { prompts, lengths, of, uniforms, rounds, temperature }: GenerationFeeds,
  weights: Readonly<Record<string, Feed>>,
): Promise<Readonly<Record<'tokens' | 'log_probabilities' | 'counts', TensorData>>> {
  const batch = of.data.length;
  const most = Number(rounds.data[0]);
  const starts = BigInt64Array.from(numbers(of), (prompt) => BigInt(lengths.data[prompt] ?? 0));
  const caches = Array.from({ length: 2 * layers }, (_, index) => cacheName(index));
  const past = Object.fromEntries(caches.map((name) => [name, { kept: name }]));
  const common = { ...weights, temperature };
  const drawn = new DrawnTokens(batch, end);

  try {
    drawn.add(
      await engine.run(first, { ...common, prompts, lengths, of, uniforms: rowOf(uniforms, 0, batch) }),
    );
    for (let round = 1; round < most && drawn.isOpen; round += 1) {
      const outputs = await engine.run(further, {
        ...common,
        ...past,
        token: drawn.last,
        starts: { type: 'int64', dims: [batch], data: starts },
        width: int64Scalar(prompts.dims[1] ?? 0),
        round: int64Scalar(round - 1),
        uniforms: rowOf(uniforms, round, batch),
      });
      drawn.add(outputs);
    }
  } finally {
    await engine.drop(caches);
  }
  return drawn.tensors(uniforms.type);
}

/** Tokens of a batch as they come, round by round. */
class DrawnTokens {
  readonly #batch: number;
  readonly #end: bigint;
  readonly #tokens: BigInt64Array[] = [];
  readonly #logProbabilities: TensorData['data'][] = [];
  readonly #counts: BigInt64Array;
  readonly #isOpen: boolean[];

  constructor(batch: number, end: number) {
    this.#batch = batch;
    this.#end = BigInt(end);
    this.#counts = new BigInt64Array(batch);
    this.#isOpen = Array.from<boolean>({ length: batch }).fill(true);
  }

  get isOpen(): boolean {
    return this.#isOpen.includes(true);
  }

  /** What the next round goes on from. */
  get last(): TensorData {
    return {
      type: 'int64',
      dims: [this.#batch],
      data: this.#tokens.at(-1) ?? new BigInt64Array(this.#batch),
    };
  }

  add({ drawn: token, log_probability: logProbability }: Readonly<Record<string, TensorData>>): void {
    if (token === undefined || logProbability === undefined) throw new TypeError('The graph drew nothing');
    const tokens = BigInt64Array.from(numbers(token), (drawn, row) =>
      this.#isOpen[row] === true ? BigInt(drawn) : this.#end,
    );
    tokens.forEach((drawn, row) => {
      if (this.#isOpen[row] !== true) return;
      this.#counts[row] = (this.#counts[row] ?? 0n) + 1n;
      this.#isOpen[row] = drawn !== this.#end;
    });
    this.#tokens.push(tokens);
    this.#logProbabilities.push(logProbability.data);
  }

  /** Row by row of the batch, where rounds came one after another. */
  tensors(type: TensorData['type']): Readonly<Record<'tokens' | 'log_probabilities' | 'counts', TensorData>> {
    const steps = this.#tokens.length;
    const dims = [this.#batch, steps];
    const tokens = new BigInt64Array(this.#batch * steps);
    const logProbabilities = new (type === 'float64' ? Float64Array : Float32Array)(this.#batch * steps);
    for (let row = 0; row < this.#batch; row += 1) {
      for (let step = 0; step < steps; step += 1) {
        tokens[row * steps + step] = this.#tokens[step]?.[row] ?? this.#end;
        logProbabilities[row * steps + step] = Number(this.#logProbabilities[step]?.[row]);
      }
    }
    return {
      tokens: { type: 'int64', dims, data: tokens },
      log_probabilities: { type, dims, data: logProbabilities },
      counts: { type: 'int64', dims: [this.#batch], data: this.#counts },
    };
  }
}

function outputToken(graph: Graph, logits: Value): void {
  const uniforms = graph.input('uniforms', 'float', ['batch']);
  const scaled = div(logits, graph.input('temperature', 'float', []));
  const { token, logProbability } = draw(scaled, uniforms);
  graph.output('drawn', token);
  graph.output('log_probability', logProbability);
}

function outputCaches(graph: Graph, caches: readonly Value[]): Keep {
  caches.forEach((cache, index) => graph.output(`next ${cacheName(index)}`, cache));
  return Object.fromEntries(caches.map((_, index) => [`next ${cacheName(index)}`, cacheName(index)]));
}

function cacheName(index: number): string {
  return `cache ${index}`;
}

function rowOf({ type, data }: TensorData, row: number, batch: number): TensorData {
  return { type, dims: [batch], data: data.slice(row * batch, (row + 1) * batch) };
}

function numbers({ data }: TensorData): readonly number[] {
  return Array.from(data, Number);
}

function int64Scalar(number: number): TensorData {
  return { type: 'int64', dims: [], data: BigInt64Array.of(BigInt(number)) };
}
