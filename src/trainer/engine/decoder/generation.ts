// Completions for prompts as one graph: prompts are read once, each of a group goes on from the same cache, and an ONNX Loop
// draws token after token without coming back. Whoever runs it brings the random numbers, so a seed gives the same tokens
// wherever it is resumed.

import { Graph, type Dim, type Value } from '../graph.ts';
import { add, and, cast, compare, div, min, mul, not, or, sub, where } from '../ops/arithmetic.ts';
import { anyOf, cumulativeSum, softmax, tokenLogProbabilities } from '../ops/functions.ts';
import { lookUp, range, take } from '../ops/indexing.ts';
import { dimAt } from '../ops/operands.ts';
import { reshape, sum, transpose } from '../ops/shapes.ts';
import { biasWhere, causalBias, type LayerCache } from './attention.ts';
import type { DecoderConfig } from './config.ts';
import { buildDecoder, logitsOf, type Projection, type Weights } from './decoder.ts';

export interface GenerationOptions {
  readonly config: DecoderConfig;
  readonly weights: Weights;
  readonly project?: Projection;
  /** The token that ends a completion, and fills it up behind its end. */
  readonly end: number;
}

/**
 * Adds a generation to a graph. Its inputs, beside the weights:
 * - `prompts` int64 [prompts, length], filled up at the right with any token; `lengths` int64 [prompts], at least 1
 * - `of` int64 [batch]: the prompt that each completion continues
 * - `uniforms` float [rounds, batch] in [0, 1): a token is the first at which the running sum of probabilities exceeds it
 * - `rounds` int64 []: most tokens of a completion
 * - `temperature` float [], above 0: divides the logits
 *
 * Its outputs: `tokens` int64 [batch, steps]; `log_probabilities` float [batch, steps], of each token under the distribution
 * that it was drawn from; `counts` int64 [batch], tokens of each completion, its end among them. It stops as soon as all
 * completions have ended, so `steps` may be less than `rounds`.
 */
export function addGeneration(graph: Graph, options: GenerationOptions): void {
  const { config, weights, project, end } = options;
  const prompts = graph.input('prompts', 'int64', ['prompts', 'length']);
  const lengths = graph.input('lengths', 'int64', ['prompts']);
  const of = graph.input('of', 'int64', ['batch']);
  const uniforms = graph.input('uniforms', 'float', ['rounds', 'batch']);
  const rounds = graph.input('rounds', 'int64', []);
  const temperature = graph.input('temperature', 'float', []);

  const positions = reshape(range(prompts, 1), [1, 'length']);
  const read = buildDecoder(
    config,
    weights,
    { tokens: prompts, positions, bias: causalBias(prompts) },
    project,
  );
  const width = reshape(graph.shape(['length']), []);
  const last = sub(add(mul(range(prompts, 0), width), lengths), 1);
  const logits = take(logitsOf(config, weights, lookUp(read.rows, last)), of);
  const starts = take(lengths, of);
  const caches = read.caches.flatMap(({ keys, values }) => [take(keys, of), take(values, of)]);
  const isOpen = compare('GreaterOrEqual', of, 0);

  const body = new Graph(graph);
  const round = body.input('round', 'int64', []);
  body.input('goes_on', 'bool', []);
  const carried = {
    logits: body.input('logits', 'float', logits.dims),
    isOpen: body.input('is_open', 'bool', ['batch']),
    caches: caches.map((cache, index) => body.input(`cache${index}`, 'float', cache.dims.with(2, 'tokens'))),
  };
  const scaled = div(carried.logits, temperature);
  const drawn = draw(scaled, take(uniforms, round));
  const token = where(carried.isOpen, drawn, end);
  const stillOpen = and(carried.isOpen, not(compare('Equal', token, end)));

  const next = buildDecoder(
    config,
    weights,
    {
      tokens: reshape(token, ['batch', 1]),
      positions: reshape(add(starts, round), ['batch', 1]),
      bias: seenBias(carried.caches, starts, width),
      past: pairs(carried.caches),
    },
    project,
  );
  body.output('goes_on_next', anyOf(stillOpen));
  body.output('logits_next', logitsOf(config, weights, next.rows));
  body.output('is_open_next', stillOpen);
  next.caches.forEach(({ keys, values }, layer) => {
    body.output(`cache${2 * layer}_next`, keys);
    body.output(`cache${2 * layer + 1}_next`, values);
  });
  body.output('token', token);
  body.output('log_probability', tokenLogProbabilities(scaled, token));
  body.output('counts', cast(carried.isOpen, 'int64'));

  const stacked: readonly Dim[] = ['steps', 'batch'];
  const results = graph.loop({
    rounds,
    carried: [logits, isOpen, ...caches],
    body,
    results: [
      { type: 'float', dims: logits.dims },
      { type: 'bool', dims: ['batch'] },
      ...caches.map(({ dims }) => ({ type: 'float', dims: dims.with(2, 'tokens at the end') }) as const),
      { type: 'int64', dims: stacked },
      { type: 'float', dims: stacked },
      { type: 'int64', dims: stacked },
    ],
  });
  const [tokens, logProbabilities, counted] = results.slice(-3);
  if (tokens === undefined || logProbabilities === undefined || counted === undefined)
    throw new TypeError('The loop gave too little');
  graph.output('tokens', transpose(tokens, [1, 0]));
  graph.output('log_probabilities', transpose(logProbabilities, [1, 0]));
  graph.output('counts', sum(counted, { axes: [0] }));
}

/** Inverse of the distribution: how many tokens have a running sum of at most u. logits [batch, vocabulary] → int64 [batch] */
function draw(logits: Value, uniforms: Value): Value {
  const sums = cumulativeSum(softmax(logits));
  const isBefore = compare('LessOrEqual', sums, reshape(uniforms, ['batch', 1]));
  const vocabulary = dimAt(logits, -1);
  // Rounding may leave the last sum a little below 1.
  return min(sum(cast(isBefore, 'int64'), { axes: [-1] }), Number(vocabulary) - 1);
}

/** A new token sees its prompt without what fills it up, all tokens since, and itself: [batch, 1, 1, tokens + 1] */
function seenBias(caches: readonly Value[], starts: Value, width: Value): Value {
  const [cache] = caches;
  if (cache === undefined) throw new RangeError('A decoder has layers');
  const size = add(reshape(cache.graph.shape([dimAt(cache, 2)]), []), 1);
  const slots = cache.graph.node({
    op: 'Range',
    inputs: [cache.graph.scalar(0, 'int64'), size, cache.graph.scalar(1, 'int64')],
    dims: ['tokens+1'],
    type: 'int64',
  });
  const isPrompt = compare('Less', reshape(slots, [1, 'tokens+1']), reshape(starts, ['batch', 1]));
  const isSeen = or(isPrompt, compare('GreaterOrEqual', reshape(slots, [1, 'tokens+1']), width));
  return biasWhere(reshape(isSeen, ['batch', 1, 1, 'tokens+1']));
}

function pairs(caches: readonly Value[]): readonly LayerCache[] {
  return caches.flatMap((keys, index) => {
    const values = caches[index + 1];
    return index % 2 === 0 && values !== undefined ? [{ keys, values }] : [];
  });
}
