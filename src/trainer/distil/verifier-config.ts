// The sizes of a distilled verifier and the names and shapes of its weights. It is small on purpose: it must cost less than
// anything that it stands in for.

import type { Random } from '../../core/random.ts';
import { normal } from '../engine/decoder/weights.ts';

export interface VerifierConfig {
  /** Entries of the tokenizer; those below `specials` are no text. */
  readonly vocabulary: number;
  readonly specials: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Of the feed-forward layers. */
  readonly inner: number;
  /** Most tokens of a pair, special ones included. */
  readonly tokensMax: number;
}

export interface WeightPlan {
  readonly name: string;
  readonly dims: readonly number[];
  /** Standard deviation of the first values, or their one value. */
  readonly start: { readonly deviation: number } | { readonly value: number };
}

/** How two tokens of the two texts can be alike: the same; with the same before them; with the same on both sides. */
export const LIKENESSES = 3;

/** All weights, in the order of the layers. Matrices are [out, in], as Hugging Face stores them. */
export function verifierWeights(config: VerifierConfig): readonly WeightPlan[] {
  const { vocabulary, width, layers, heads, inner } = config;
  // What each layer adds is kept small, so that depth does not add up.
  const quiet = 1 / Math.sqrt(2 * layers);
  const layer = (index: number): readonly WeightPlan[] => [
    level(`layers.${index}.attention_norm`, width, 1),
    ...['query', 'key', 'value'].map((name) => matrix(`layers.${index}.${name}`, width, width)),
    matrix(`layers.${index}.output`, width, width, quiet),
    { name: `layers.${index}.likeness`, dims: [heads, LIKENESSES], start: { deviation: 1 } },
    level(`layers.${index}.feed_norm`, width, 1),
    matrix(`layers.${index}.gate`, inner, width),
    matrix(`layers.${index}.up`, inner, width),
    matrix(`layers.${index}.down`, width, inner, quiet),
  ];
  return [
    { name: 'tokens', dims: [vocabulary, width], start: { deviation: 0.5 } },
    { name: 'types', dims: [2, width], start: { deviation: 0.5 } },
    { name: 'likeness', dims: [LIKENESSES, width], start: { deviation: 0.5 } },
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    level('last_norm', width, 1),
    matrix('pool', width, 2 * width),
    level('pool_bias', width, 0),
    matrix('head', 1, width),
    level('head_bias', 1, 0),
  ];
}

function matrix(name: string, rows: number, columns: number, gain = 1): WeightPlan {
  return { name, dims: [rows, columns], start: { deviation: gain / Math.sqrt(columns) } };
}

function level(name: string, size: number, value: number): WeightPlan {
  return { name, dims: [size], start: { value } };
}

export function firstValues(
  plans: readonly WeightPlan[],
  random: Random,
): ReadonlyMap<string, Float32Array<ArrayBuffer>> {
  return new Map(
    plans.map(({ name, dims, start }) => {
      const data = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
      if ('value' in start) return [name, data.fill(start.value)];
      return [name, data.map(() => start.deviation * normal(random))];
    }),
  );
}
