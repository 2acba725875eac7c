// The two pieces that every way of generating is made of: prompts read once, each of a group going on from the same cache, and
// one token put behind what was read. How a token is drawn from logits is in `drawn-token`.

import type { Graph, Value } from '../graph.ts';
import { add, compare, mul, or, sub } from '../ops/arithmetic.ts';
import { lookUp, range, take } from '../ops/indexing.ts';
import { dimAt } from '../ops/operands.ts';
import { reshape } from '../ops/shapes.ts';
import { biasWhere, causalBias, type LayerCache } from './attention.ts';
import type { DecoderConfig } from './config.ts';
import { buildDecoder, logitsOf, type Projection, type Weights } from './decoder.ts';

/** A decoder in a graph. */
export interface PlacedDecoder {
  readonly config: DecoderConfig;
  readonly weights: Weights;
  readonly project?: Projection;
}

export interface ReadPrompts {
  /** Of each completion's first token: [batch, vocabulary] */
  readonly logits: Value;
  /** Keys and values of each layer in turn: [batch, keyHeads, length, headSize] */
  readonly caches: readonly Value[];
  /** int64 [batch]: tokens of each completion's prompt. */
  readonly starts: Value;
  /** int64 []: tokens of the longest prompt; so many slots of a cache are the prompt's. */
  readonly width: Value;
}

/**
 * Reads prompts. Inputs that it adds: `prompts` int64 [prompts, length], filled up at the right with any token; `lengths` int64
 * [prompts], at least 1; `of` int64 [batch]: the prompt that each completion continues.
 */
export function readPrompts(graph: Graph, { config, weights, project }: PlacedDecoder): ReadPrompts {
  const prompts = graph.input('prompts', 'int64', ['prompts', 'length']);
  const lengths = graph.input('lengths', 'int64', ['prompts']);
  const of = graph.input('of', 'int64', ['batch']);
  const positions = reshape(range(prompts, 1), [1, 'length']);
  const bias = causalBias(prompts);
  const read = buildDecoder(config, weights, { tokens: prompts, positions, bias }, project);
  const width = reshape(graph.shape(['length']), []);
  const last = sub(add(mul(range(prompts, 0), width), lengths), 1);
  return {
    logits: take(logitsOf(config, weights, lookUp(read.rows, last)), of),
    caches: read.caches.flatMap(({ keys, values }) => [take(keys, of), take(values, of)]),
    starts: take(lengths, of),
    width,
  };
}

/** What a token is put behind. */
export interface Before extends Pick<ReadPrompts, 'caches' | 'starts' | 'width'> {
  /** int64 []: tokens of the completion before this one. */
  readonly round: Value;
}

/** Puts a token [batch] behind what was read so far: the logits of the next one, and the longer caches. */
export function readToken(
  { config, weights, project }: PlacedDecoder,
  token: Value,
  { caches, starts, width, round }: Before,
): Pick<ReadPrompts, 'logits' | 'caches'> {
  const next = buildDecoder(
    config,
    weights,
    {
      tokens: reshape(token, ['batch', 1]),
      positions: reshape(add(starts, round), ['batch', 1]),
      bias: seenBias(caches, starts, width),
      past: pairs(caches),
    },
    project,
  );
  return {
    logits: logitsOf(config, weights, next.rows),
    caches: next.caches.flatMap(({ keys, values }) => [keys, values]),
  };
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
