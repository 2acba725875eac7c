// Every operator's pull-back against central differences in 64-bit floats. The first test shows that the check can fail.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { gradients } from '../../../../src/trainer/engine/gradients.ts';
import { Graph, type Value } from '../../../../src/trainer/engine/graph.ts';
import {
  add,
  clip,
  compare,
  cos,
  div,
  erf,
  exp,
  log,
  max,
  min,
  mul,
  neg,
  reciprocal,
  sigmoid,
  sin,
  sqrt,
  square,
  sub,
  tanh,
  where,
} from '../../../../src/trainer/engine/ops/arithmetic.ts';
import {
  entropy,
  gelu,
  largest,
  logSigmoid,
  logSoftmax,
  logSumExp,
  mean,
  rmsNorm,
  silu,
  softmax,
  stopGradient,
  tokenLogProbabilities,
  weightedMean,
  withPullBack,
} from '../../../../src/trainer/engine/ops/functions.ts';
import { lookUp, ONE_HOT_ROWS_MAX, pick } from '../../../../src/trainer/engine/ops/indexing.ts';
import { gemm, linear, matMul } from '../../../../src/trainer/engine/ops/products.ts';
import {
  concat,
  expand,
  flatten,
  reshape,
  slice,
  sum,
  sumAll,
  transpose,
} from '../../../../src/trainer/engine/ops/shapes.ts';
import { LocalEngine } from '../../../../src/trainer/engine/runtime.ts';
import { gradientError, type GradientCase } from '../../../support/gradient-check.ts';
import { hasOnnx, ONNX_NOTE } from '../../../support/onnx-runtime.ts';

const POSITIVE = [0.3, 2] as const;
const ROWS = { shapes: [['rows', 4]], sizes: { rows: 3 } } as const;
const SAME = {
  shapes: [
    [2, 3],
    [2, 3],
  ],
} as const;
/** Both operands are stretched, one along a size that only the run knows. */
const STRETCHED = {
  shapes: [
    ['rows', 1, 3],
    [4, 1],
  ],
  sizes: { rows: 2 },
} as const;

/** An adapter of rank 2 beside a weight that is frozen. */
function adapted(x: Value, down: Value, up: Value): Value {
  const frozen = x.graph.constant([0.5, -1, 2, 1, 0, 3], [2, 3]);
  return add(linear(x, frozen), mul(linear(linear(x, down), up), 0.5));
}

function wrongExp(x: Value): Value {
  return withPullBack(exp(x), [x], (dy) => [mul(dy, mul(exp(x), 1.001))]);
}

const ids = (x: Value, numbers: readonly number[]): Value => x.graph.integers(numbers);

const CASES: Readonly<Record<string, GradientCase>> = {
  'add()': { ...SAME, build: add },
  'add() of stretched operands': { ...STRETCHED, build: add },
  'sub() of stretched operands': { ...STRETCHED, build: sub },
  'mul() of stretched operands': { ...STRETCHED, build: mul },
  'mul() of a value by itself': { ...ROWS, build: (x) => mul(x, x) },
  'div() of stretched operands': { ...STRETCHED, between: POSITIVE, build: div },
  'div() of a number': { ...ROWS, between: POSITIVE, build: (x) => div(2, x) },
  'min() of stretched operands': { ...STRETCHED, build: min },
  'max() of stretched operands': { ...STRETCHED, build: max },
  'clip()': { ...ROWS, build: (x) => clip(x, -0.5, 0.75) },
  'where() of stretched operands': {
    ...STRETCHED,
    build: (a, b) => where(compare('Less', a, b), mul(a, a), mul(b, 3)),
  },
  'neg()': { ...ROWS, build: neg },
  'exp()': { ...ROWS, build: exp },
  'log()': { ...ROWS, between: POSITIVE, build: log },
  'sqrt()': { ...ROWS, between: POSITIVE, build: sqrt },
  'reciprocal()': { ...ROWS, between: POSITIVE, build: reciprocal },
  'sigmoid()': { ...ROWS, build: sigmoid },
  'tanh()': { ...ROWS, build: tanh },
  'sin()': { ...ROWS, build: sin },
  'cos()': { ...ROWS, build: cos },
  'square()': { ...ROWS, build: square },
  'reshape() with two sizes of the run': {
    shapes: [['rows', 'columns', 6]],
    sizes: { rows: 2, columns: 3 },
    build: (x) => reshape(x, ['rows', 'columns', 2, 3]),
  },
  'flatten()': { shapes: [['rows', 'columns', 2]], sizes: { rows: 2, columns: 3 }, build: flatten },
  'transpose() of three axes in a circle': {
    shapes: [['rows', 3, 4]],
    sizes: { rows: 2 },
    build: (x) => transpose(x, [1, 2, 0]),
  },
  'expand() to a size of the run': {
    shapes: [
      [1, 3],
      ['rows', 1],
    ],
    sizes: { rows: 4 },
    build: (x, rows) => mul(expand(x, ['rows', 3]), rows),
  },
  'sum() over a middle axis': { shapes: [[2, 3, 4]], build: (x) => sum(x, { axes: [1] }) },
  'sum() that keeps its axes': {
    shapes: [[2, 3, 4]],
    build: (x) => sum(x, { axes: [0, -1], keepDims: true }),
  },
  'sumAll()': { ...ROWS, build: sumAll },
  'mean()': { shapes: [[2, 3, 4]], build: (x) => mean(x, { axes: [0, 2] }) },
  'weightedMean()': {
    ...ROWS,
    build: (x) => weightedMean(square(x), x.graph.constant([1, 0, 2, 1], [4])),
  },
  'concat()': {
    shapes: [
      ['rows', 2],
      ['rows', 3],
      ['rows', 1],
    ],
    sizes: { rows: 2 },
    build: (a, b, c) => concat([a, b, c, b], -1),
  },
  'slice() of a fixed axis': { ...ROWS, build: (x) => slice(x, { axis: 1, start: 1, end: 3 }) },
  'slice() of an axis of the run': {
    ...ROWS,
    sizes: { rows: 4, 'rows[1:-1]': 2 },
    build: (x) => sum(slice(x, { axis: 0, start: 1, end: -1 }), { axes: [0] }),
  },
  'gemm()': {
    shapes: [
      ['rows', 3],
      [3, 2],
    ],
    sizes: { rows: 4 },
    build: (a, b) => gemm(a, b),
  },
  'gemm() with the first transposed': {
    shapes: [
      [3, 'rows'],
      [3, 2],
    ],
    sizes: { rows: 4 },
    build: (a, b) => gemm(a, b, { a: true }),
  },
  'gemm() with the second transposed': {
    shapes: [
      ['rows', 3],
      [2, 3],
    ],
    sizes: { rows: 4 },
    build: (a, b) => gemm(a, b, { b: true }),
  },
  'gemm() with both transposed': {
    shapes: [
      [3, 'rows'],
      [2, 3],
    ],
    sizes: { rows: 4 },
    build: (a, b) => gemm(a, b, { a: true, b: true }),
  },
  'linear() with a bias': { shapes: [['rows', 3], [2, 3], [2]], sizes: { rows: 4 }, build: linear },
  'linear() with an adapter': {
    shapes: [
      ['rows', 3],
      [2, 3],
      [2, 2],
    ],
    sizes: { rows: 4 },
    build: adapted,
  },
  'matMul() in batches, one of them stretched': {
    shapes: [
      ['rows', 2, 3, 4],
      [1, 4, 2],
    ],
    sizes: { rows: 2 },
    build: matMul,
  },
  'softmax()': { ...ROWS, build: softmax },
  'logSumExp()': { ...ROWS, build: logSumExp },
  'logSoftmax()': { ...ROWS, build: logSoftmax },
  'tokenLogProbabilities()': {
    shapes: [[3, 5]],
    build: (x) => tokenLogProbabilities(x, ids(x, [4, 0, 2])),
  },
  'entropy()': { ...ROWS, build: entropy },
  'silu()': { ...ROWS, between: [-4, 4], build: silu },
  'logSigmoid()': { ...ROWS, between: [-4, 4], build: logSigmoid },
  'rmsNorm()': { shapes: [['rows', 2, 4], [4]], sizes: { rows: 3 }, build: (x, w) => rmsNorm(x, w, 1e-5) },
  'lookUp() in a small table, with an id that comes twice': {
    shapes: [[4, 3]],
    build: (x) => lookUp(x, ids(x, [2, 0, 2])),
  },
  'lookUp() in a large table, with an id that comes twice': {
    shapes: [[ONE_HOT_ROWS_MAX + 1, 1]],
    build: (x) => lookUp(square(x), ids(x, [2, 0, 2, ONE_HOT_ROWS_MAX])),
  },
  'pick()': { shapes: [[3, 4]], build: (x) => pick(square(x), ids(x, [3, 0, 3])) },
  'stopGradient() of one of two paths': {
    ...ROWS,
    // d/dx (x·c + sin x) with c held at 0.7: were the path not stopped, the differences would see it.
    build: (x) => add(mul(x, stopGradient(x.graph.scalar(0.7))), sin(x)),
  },
};

describe.skipIf(!hasOnnx)(`gradients()${ONNX_NOTE}`, () => {
  let engine: LocalEngine;
  beforeAll(async () => {
    engine = await LocalEngine.open({ providers: ['cpu'], threads: 1 });
  });
  afterAll(() => engine.close());

  it('gradientError() sees a pull-back that is wrong by one part in a thousand', async () => {
    expect(await gradientError(engine, { ...ROWS, build: wrongExp })).toBeGreaterThan(5e-4);
  });

  it.each(Object.entries(CASES))('gradients() of %s are those of central differences', async (_, plan) => {
    expect(await gradientError(engine, plan)).toBeLessThan(1e-8);
  });

  // The runtime has no 64-bit Erf: its derivative, and that of gelu, by their closed forms instead.
  it.each<[string, (x: Value) => Value, readonly (readonly [number, number])[]]>([
    [
      'erf()',
      erf,
      [
        [0, 1.128379167],
        [0.5, 0.878782579],
        [-1, 0.415107497],
      ],
    ],
    [
      'gelu()',
      gelu,
      [
        [0, 0.5],
        [1, 1.083315471],
        [-1, -0.083315471],
        [-2, -0.085231873],
      ],
    ],
  ])('gradients() of %s are those of its closed form', async (_, build, points) => {
    const graph = new Graph();
    const x = graph.input('x', 'float', [points.length]);
    for (const gradient of gradients(sumAll(build(x)), [x])) graph.output('gradient', gradient);
    const loaded = await engine.load(graph.encode());
    const data = Float32Array.from(points, ([at]) => at);
    const { gradient } = await engine.run(loaded, { x: { type: 'float32', dims: [points.length], data } });
    points.forEach(([, expected], index) => expect(gradient?.data[index]).toBeCloseTo(expected, 5));
  });

  it('gradients() stop where stopGradient() says so', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float', [2]);
    const [gradient] = gradients(sumAll(mul(x, stopGradient(exp(x)))), [x]);
    if (gradient !== undefined) graph.output('gradient', gradient);
    const loaded = await engine.load(graph.encode('float64'), { fuse: false });
    const found = await engine.run(loaded, {
      x: { type: 'float64', dims: [2], data: Float64Array.of(0, 1) },
    });
    const { data } = found['gradient'] ?? {};
    expect(data?.[0]).toBeCloseTo(1, 12);
    expect(data?.[1]).toBeCloseTo(Math.E, 12);
  });
});

describe('gradients()', () => {
  it('gradients() refuses a loss with dimensions', () => {
    const x = new Graph().input('x', 'float', [2]);
    expect(() => gradients(exp(x), [x])).toThrow('A loss has no dimensions, this one has [2]');
  });

  it('gradients() refuses a value that the loss does not depend on', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float', []);
    const y = graph.input('y', 'float', []);
    expect(() => gradients(exp(x), [x, y])).toThrow('The loss does not depend on value 1');
  });

  it('gradients() refuses a way through an operator that has none', () => {
    const x = new Graph().input('x', 'float', [1, 2]);
    expect(() => gradients(sumAll(largest(x, -1)), [x])).toThrow('has no gradient');
  });
});
