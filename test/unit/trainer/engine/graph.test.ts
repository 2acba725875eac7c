import { describe, expect, it } from 'vitest';

import { Graph } from '../../../../src/trainer/engine/graph.ts';
import { add, exp, sub } from '../../../../src/trainer/engine/ops/arithmetic.ts';
import { broadcast } from '../../../../src/trainer/engine/ops/operands.ts';
import { gemm, matMul } from '../../../../src/trainer/engine/ops/products.ts';
import { concat, flatten, reshape, slice, transpose } from '../../../../src/trainer/engine/ops/shapes.ts';

const graph = (): Graph => new Graph();

describe('broadcast()', () => {
  it.each([
    [[2, 3], [3], [2, 3]],
    [['batch', 1], [4], ['batch', 4]],
    [
      [1, 'length'],
      ['batch', 1],
      ['batch', 'length'],
    ],
    [[], ['batch', 2], ['batch', 2]],
  ])('broadcast() of %j and %j is %j', (a, b, expected) => {
    expect(broadcast(a, b)).toEqual(expected);
    expect(broadcast(b, a)).toEqual(expected);
  });

  it.each([
    [[2], [3]],
    [['batch'], [3]],
    [['batch'], ['length']],
  ])('broadcast() refuses %j and %j', (a, b) => {
    expect(() => broadcast(a, b)).toThrow('do not fit');
  });
});

describe('shapes of operators', () => {
  it.each<[string, (g: Graph) => { readonly dims: readonly unknown[] }, readonly unknown[]]>([
    ['flatten()', (g) => flatten(g.input('x', 'float', ['batch', 'length', 4])), ['batch*length', 4]],
    ['flatten() of one row', (g) => flatten(g.input('x', 'float', [1, 'length', 4])), ['length', 4]],
    ['transpose()', (g) => transpose(g.input('x', 'float', [2, 'b', 4]), [2, 0, 1]), [4, 2, 'b']],
    ['slice() to the end', (g) => slice(g.input('x', 'float', [5]), { axis: 0, start: 2 }), [3]],
    ['slice() from behind', (g) => slice(g.input('x', 'float', [5]), { axis: -1, start: 1, end: -1 }), [3]],
    [
      'concat()',
      (g) => concat([g.input('x', 'float', ['b', 2]), g.input('y', 'float', ['b', 3])], 1),
      ['b', 5],
    ],
    [
      'matMul()',
      (g) => matMul(g.input('x', 'float', ['b', 3, 4]), g.input('y', 'float', [4, 5])),
      ['b', 3, 5],
    ],
  ])('%s knows the shape of its result', (_, build, expected) => {
    expect(build(graph()).dims).toEqual(expected);
  });

  it.each<[string, (g: Graph) => unknown]>([
    ['gemm()', (g) => gemm(g.input('x', 'float', [2, 3]), g.input('y', 'float', [2, 3]))],
    ['matMul()', (g) => matMul(g.input('x', 'float', [2, 3]), g.input('y', 'float', [2, 3]))],
    ['transpose()', (g) => transpose(g.input('x', 'float', [2, 3]), [0, 0])],
    ['concat()', (g) => concat([g.input('x', 'float', ['rows'])], 0)],
    ['constant()', (g) => g.constant([1, 2, 3], [2])],
    ['shape()', (g) => g.shape(['nowhere'])],
    ['reshape() to two sizes that nothing has', (g) => reshape(g.input('x', 'float', [6]), ['a', 'b'])],
  ])('%s refuses what does not fit while the graph is built', (_, build) => {
    expect(() => build(graph())).toThrow(RangeError);
  });
});

describe('Graph', () => {
  it('Graph.encode() leaves out what no output needs', () => {
    const [small, large] = [graph(), graph()];
    for (const g of [small, large]) {
      const x = g.input('x', 'float', [3]);
      const y = sub(x, 1);
      if (g === large) exp(add(x, g.constant([1, 2, 3], [3])));
      g.output('y', y);
    }
    expect(large.encode().length).toBe(small.encode().length);
  });

  it('Graph.encode() writes floats in the width that is asked for', () => {
    const g = graph();
    const numbers = Array.from({ length: 1000 }, (_, index) => index);
    g.output('y', add(g.input('x', 'float', [1000]), g.constant(numbers, [1000])));
    const [short, long] = [g.encode('float32').length, g.encode('float64').length];
    expect([Math.floor(short / 1000), Math.floor(long / 1000)]).toEqual([4, 8]);
  });

  it('Graph.scalar() makes equal constants once', () => {
    const g = graph();
    expect(g.scalar(2)).toBe(g.scalar(2));
    expect(g.scalar(2)).not.toBe(g.scalar(2, 'int64'));
  });
});
