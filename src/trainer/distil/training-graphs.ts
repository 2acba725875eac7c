// The three graphs of a distillation: one optimiser update, the logits of a batch while training goes on, and the network
// as it is served, with its weights inside.

import { adamw, clipByNorm, globalNorm, type AdamwOptions } from '../engine/adamw.ts';
import { gradients } from '../engine/gradients.ts';
import { Graph, type Value } from '../engine/graph.ts';
import { add, mul, neg, sub } from '../engine/ops/arithmetic.ts';
import { logSigmoid, weightedMean } from '../engine/ops/functions.ts';
import { flatten } from '../engine/ops/shapes.ts';
import type { VerifierConfig } from './verifier-config.ts';
import { verifierWeights } from './verifier-config.ts';
import { buildVerifier, type VerifierInputs, type VerifierWeights } from './verifier-graph.ts';

/** Under which names weights and moments are kept on the engine. */
export const KEPT = { weight: 'w.', mean: 'm.', variance: 'v.' } as const;
export const NEXT = 'next.';

export interface TrainingGraphOptions extends AdamwOptions {
  /** Gradients are scaled so that their common norm is at most this. */
  readonly gradientNormMax: number;
}

/**
 * One update on a batch: loss = Σ c·(−y·ln σ(z) − (1 − y)·ln σ(−z)) / Σ c, for logits z, verdicts y and weights c.
 *
 * Inputs besides the tokens: `verdicts` and `counts` [batch], `learning_rate`, `correction1`, `correction2`.
 */
export function trainingGraph(config: VerifierConfig, options: TrainingGraphOptions): Graph {
  const graph = new Graph();
  const plans = verifierWeights(config);
  const states = plans.map(({ name, dims }) => ({
    name,
    dims,
    weight: graph.input(KEPT.weight + name, 'float', dims),
    mean: graph.input(KEPT.mean + name, 'float', dims),
    variance: graph.input(KEPT.variance + name, 'float', dims),
  }));
  const loss = lossOf(graph, config, find(new Map(states.map(({ name, weight }) => [name, weight]))));
  const plain = gradients(
    loss,
    states.map(({ weight }) => weight),
  );
  const clipped = clipByNorm(plain, globalNorm(plain), options.gradientNormMax);
  const scalar = (name: string): Value => graph.input(name, 'float', []);
  const schedule = {
    learningRate: scalar('learning_rate'),
    correction1: scalar('correction1'),
    correction2: scalar('correction2'),
  };
  states.forEach((state, index) => {
    const gradient = clipped[index];
    if (gradient === undefined) throw new RangeError('Each weight has a gradient');
    // Norms, biases and what says how much likeness counts are not pulled to 0.
    const decays = state.dims.length === 2 && !state.name.includes('likeness');
    const next = adamw(state, gradient, schedule, {
      ...options,
      weightDecay: decays ? options.weightDecay : 0,
    });
    graph.output(NEXT + KEPT.weight + state.name, next.weight);
    graph.output(NEXT + KEPT.mean + state.name, next.mean);
    graph.output(NEXT + KEPT.variance + state.name, next.variance);
  });
  graph.output('loss', loss);
  return graph;
}

/** The loss alone, with the weights as inputs under their own names: what gradients are checked on. */
export function lossOf(graph: Graph, config: VerifierConfig, weights: VerifierWeights): Value {
  const logits = flatten(buildVerifier(config, weights, tokenInputs(graph)));
  const verdicts = graph.input('verdicts', 'float', ['batch']);
  const counts = graph.input('counts', 'float', ['batch']);
  const yes = mul(verdicts, logSigmoid(logits));
  const no = mul(sub(1, verdicts), logSigmoid(neg(logits)));
  return weightedMean(neg(add(yes, no)), counts);
}

/** Logits [batch, 1] of a batch under the weights that are kept. */
export function scoringGraph(config: VerifierConfig): Graph {
  const graph = new Graph();
  const plans = verifierWeights(config);
  const inputs = plans.map(
    ({ name, dims }) => [name, graph.input(KEPT.weight + name, 'float', dims)] as const,
  );
  graph.output('logits', buildVerifier(config, find(new Map(inputs)), tokenInputs(graph)));
  return graph;
}

/** The network with its weights inside, with the inputs and the output that the runtime of reward models knows. */
export function servedGraph(config: VerifierConfig, values: ReadonlyMap<string, Float32Array>): Graph {
  const graph = new Graph();
  const constants = verifierWeights(config).map(({ name, dims }) => {
    const data = values.get(name);
    if (data === undefined) throw new RangeError(`No values for the weight ${name}`);
    return [name, graph.constant(data, dims)] as const;
  });
  graph.output('logits', buildVerifier(config, find(new Map(constants)), tokenInputs(graph)));
  return graph;
}

function tokenInputs(graph: Graph): VerifierInputs {
  const input = (name: string): Value => graph.input(name, 'int64', ['batch', 'length']);
  return { ids: input('input_ids'), mask: input('attention_mask'), types: input('token_type_ids') };
}

function find(values: ReadonlyMap<string, Value>): VerifierWeights {
  return (name) => {
    const value = values.get(name);
    if (value === undefined) throw new RangeError(`A verifier has no weight ${name}`);
    return value;
  };
}
