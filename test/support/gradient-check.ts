// Holds gradients of graphs against central differences, both in 64-bit floats: the very graph that trains, with every
// float turned to a double when it is written.

import { createRandom, type Random } from '../../src/core/random.ts';
import type { TensorData } from '../../src/trainer/engine/engine.ts';
import { gradients } from '../../src/trainer/engine/gradients.ts';
import { Graph, type Dim, type Value } from '../../src/trainer/engine/graph.ts';
import { mul } from '../../src/trainer/engine/ops/arithmetic.ts';
import { sumAll } from '../../src/trainer/engine/ops/shapes.ts';
import type { LocalEngine } from '../../src/trainer/engine/runtime.ts';

export interface GradientCase {
  /** Shapes of what is differentiated by. A name is a size that the graph does not know: `sizes` has it. */
  readonly shapes: readonly (readonly Dim[])[];
  /** Up to three values; those that the case has no shape for are not to be used. */
  readonly build: (a: Value, b: Value, c: Value) => Value;
  /** Where the numbers lie: default [−1.5, 1.5]. */
  readonly between?: readonly [number, number];
  readonly sizes?: Readonly<Record<string, number>>;
}

/** What the graph gives without being differentiated by. */
export type Batch = Readonly<Record<string, TensorData>>;

const STEP = 1e-5;

/** Largest difference between gradients and central differences, relative to the largest gradient. */
export async function gradientError(engine: LocalEngine, plan: GradientCase, seed = 1): Promise<number> {
  const { shapes, build, between = [-1.5, 1.5], sizes = {} } = plan;
  const random = createRandom(seed);
  const graph = new Graph();
  const values = shapes.map((dims, index) => graph.input(`x${index}`, 'float', dims));
  const [a, b = a, c = a] = values;
  if (a === undefined || b === undefined || c === undefined) throw new Error('A case needs a shape');
  const y = build(a, b, c);
  // A weight of its own for each number, so that no error hides behind another.
  const weights = graph.input('weights', 'float', y.dims);
  const loss = sumAll(mul(y, weights));
  const at = new Map(
    shapes.map((dims, index) => [`x${index}`, randomTensor(random, sized(dims, sizes), between)]),
  );
  const batch = { weights: randomTensor(random, sized(y.dims, sizes), [-1, 1]) };
  return graphGradientError(engine, { loss, values, at, batch });
}

export interface GraphGradientCase {
  readonly loss: Value;
  readonly values: readonly Value[];
  /** Name of an input among `values` → where it is. */
  readonly at: ReadonlyMap<string, TensorData>;
  readonly batch: Batch;
  /** Entries of each tensor that are tried; default: all. */
  readonly entriesMax?: number;
}

export async function graphGradientError(engine: LocalEngine, plan: GraphGradientCase): Promise<number> {
  const { loss, values, at, batch, entriesMax = Infinity } = plan;
  const { graph } = loss;
  graph.output('loss', loss);
  const forward = await engine.load(graph.encode('float64'), { fuse: false });
  gradients(loss, values).forEach((gradient, index) => graph.output(`gradient${index}`, gradient));
  const both = await engine.load(graph.encode('float64'), { fuse: false });
  const feeds = { ...batch, ...Object.fromEntries(at) };
  const found = await engine.run(both, feeds);

  let [worst, scale] = [0, 0];
  for (const [index, { name }] of values.entries()) {
    const tensor = at.get(name);
    const gradient = found[`gradient${index}`];
    if (tensor === undefined || gradient === undefined) throw new Error(`Nothing for ${name}`);
    const stride = Math.max(1, Math.floor(tensor.data.length / entriesMax));
    for (let entry = 0; entry < tensor.data.length; entry += stride) {
      const moved = async (step: number): Promise<number> => {
        const data = Float64Array.from(tensor.data as Float64Array);
        data[entry] = (data[entry] ?? NaN) + step;
        const { loss: value } = await engine.run(forward, { ...feeds, [name]: { ...tensor, data } });
        return Number(value?.data[0]);
      };
      const difference = ((await moved(STEP)) - (await moved(-STEP))) / (2 * STEP);
      const claimed = Number(gradient.data[entry]);
      const error = Math.abs(difference - claimed);
      // Not a number is worse than everything.
      worst = error <= worst ? worst : Number.isNaN(error) ? Infinity : error;
      scale = Math.max(scale, Math.abs(difference), Math.abs(claimed));
    }
  }
  await engine.unload(forward);
  await engine.unload(both);
  if (scale === 0) throw new Error('All gradients are 0: nothing was checked');
  return worst / scale;
}

export function randomTensor(
  random: Random,
  dims: readonly number[],
  [low, high]: readonly [number, number],
): TensorData {
  const size = dims.reduce((product, dim) => product * dim, 1);
  const data = Float64Array.from({ length: size }, () => low + (high - low) * random.next());
  return { type: 'float64', dims, data };
}

export function integerTensor(
  values: readonly number[],
  dims: readonly number[] = [values.length],
): TensorData {
  return { type: 'int64', dims, data: BigInt64Array.from(values, BigInt) };
}

/** Names in a shape by their sizes; a product of names is one of sizes. */
function sized(dims: readonly Dim[], sizes: Readonly<Record<string, number>>): readonly number[] {
  return dims.map((dim) => {
    if (typeof dim === 'number') return dim;
    const size = dim.split('*').reduce((product, each) => product * (sizes[each] ?? Number(each)), 1);
    if (Number.isNaN(size)) throw new Error(`No size for "${dim}"`);
    return size;
  });
}
