// The part of a graph that every loss and every look at probabilities shares: packed tokens in, the log-probability of each
// token of each completion out. Only slots that predict such a token go through the output layer.

import { biasWhere } from '../engine/decoder/attention.ts';
import { buildDecoder, logitsOf } from '../engine/decoder/decoder.ts';
import type { Feed } from '../engine/engine.ts';
import type { Graph, Value } from '../engine/graph.ts';
import { and, compare, div, or } from '../engine/ops/arithmetic.ts';
import { tokenLogProbabilities } from '../engine/ops/functions.ts';
import { lookUp, range } from '../engine/ops/indexing.ts';
import { flatten, reshape } from '../engine/ops/shapes.ts';
import type { PolicyModel } from '../policy-model.ts';
import type { PackedPart } from './packing.ts';
import { float32, int64 } from './tensors.ts';

/** Names of the sizes of a part: completions, and tokens of the longest. */
export const COMPLETION_DIMS = ['completions', 'width'] as const;

export interface ScoredSequences {
  /** ℓ: [completions, width]; where a completion has ended, that of some other token. */
  readonly logProbabilities: Value;
  /** Inputs of the graph, in the order of `model.trained`. */
  readonly trained: readonly Value[];
}

/** Adds a decoder that scores a packed part to a graph. `partFeeds` has the inputs, beside the weights. */
export function addScoredSequences(graph: Graph, model: PolicyModel): ScoredSequences {
  const { config } = model;
  const { weights, project, trained } = model.place(graph);
  const tokens = graph.input('tokens', 'int64', ['rows', 'length']);
  const positions = graph.input('positions', 'int64', ['rows', 'length']);
  const owners = graph.input('owners', 'int64', ['rows', 'length']);
  const prompts = graph.input('prompts', 'int64', ['rows', 'length']);
  const slots = graph.input('slots', 'int64', ['scored']);
  const targets = graph.input('targets', 'int64', ['scored']);
  const places = graph.input('places', 'int64', COMPLETION_DIMS);
  const temperature = graph.input('temperature', 'float', []);

  const bias = ownBias(owners, prompts);
  const { rows } = buildDecoder(config, weights, { tokens, positions, bias }, project);
  const logits = div(logitsOf(config, weights, lookUp(rows, slots)), temperature);
  const flat = reshape(tokenLogProbabilities(logits, targets), ['scored', 1]);
  return { logProbabilities: reshape(lookUp(flat, flatten(places)), COMPLETION_DIMS), trained };
}

/** A token sees what stands before it in its row, as far as that is its prompt or its own completion: [rows, 1, length, length]. */
function ownBias(owners: Value, prompts: Value): Value {
  const slots = range(owners, 1);
  const isBefore = compare('LessOrEqual', reshape(slots, [1, 'length']), reshape(slots, ['length', 1]));
  const seen = reshape(owners, ['rows', 1, 1, 'length']);
  const isOf = (own: Value): Value => compare('Equal', seen, reshape(own, ['rows', 1, 'length', 1]));
  return biasWhere(and(isBefore, or(isOf(prompts), isOf(owners))));
}

/** @param temperature above 0 */
export function partFeeds(part: PackedPart, temperature: number): Readonly<Record<string, Feed>> {
  const { rows, length, sequences, width, starts, counts } = part;
  const scored = part.slots.length;
  const places = starts.flatMap((start, row) =>
    Array.from({ length: width }, (_, place) => start + Math.min(place, (counts[row] ?? 1) - 1)),
  );
  return {
    tokens: int64([rows, length], part.tokens),
    positions: int64([rows, length], part.positions),
    owners: int64([rows, length], part.owners),
    prompts: int64([rows, length], part.prompts),
    slots: int64([scored], part.slots),
    targets: int64([scored], part.targets),
    places: int64([sequences.length, width], places),
    temperature: float32([], [temperature]),
  };
}
