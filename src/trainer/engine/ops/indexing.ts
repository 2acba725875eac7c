// Operators that look numbers up by index, and their gradients, which put numbers where they came from.

import type { Value } from '../graph.ts';
import { cast, compare, mul } from './arithmetic.ts';
import { dimAt, fixedDim, graphOf, show } from './operands.ts';
import { gemm } from './products.ts';
import { expand, reshape } from './shapes.ts';

/** Tables of up to so many rows have their gradient as a product with a one-hot matrix, which every provider does fast. */
export const ONE_HOT_ROWS_MAX = 1024;

/** Rows of a table [entries, width] by ids [n] → [n, width]. ∂table: rows of ∂y, summed up under their ids. */
export function lookUp(table: Value, ids: Value): Value {
  const entries = dimAt(table, 0);
  if (table.dims.length !== 2 || ids.dims.length !== 1)
    throw new RangeError(`Cannot look up ${show(ids.dims)} ids in ${show(table.dims)}`);
  return graphOf(table, ids).node({
    op: 'Gather',
    inputs: [table, ids],
    dims: [...ids.dims, dimAt(table, 1)],
    type: table.type,
    pullBack: (dy) => [
      typeof entries === 'number' && entries <= ONE_HOT_ROWS_MAX
        ? gemm(oneHot(ids, entries), dy, { a: true })
        : scatterRows(dy, ids, table),
      undefined,
    ],
  });
}

/** Parts of the first axis, of any rank: x [n, …] by ids [m] → [m, …]; by one id [] → […]. It has no gradient. */
export function take(x: Value, ids: Value): Value {
  return graphOf(x, ids).node({
    op: 'Gather',
    inputs: [x, ids],
    dims: [...ids.dims, ...x.dims.slice(1)],
    type: x.type,
    pullBack: () => {
      throw new TypeError('What is taken has no gradient here: look rows up instead');
    },
  });
}

/** One number of each row of x [n, width] by columns [n] → [n, 1]. ∂x: ∂y in that column, 0 elsewhere. */
export function pick(x: Value, columns: Value): Value {
  const width = fixedDim(x, 1);
  const indices = reshape(columns, [...columns.dims, 1]);
  return graphOf(x, columns).node({
    op: 'GatherElements',
    inputs: [x, indices],
    dims: indices.dims,
    type: x.type,
    attributes: { axis: 1 },
    pullBack: (dy) => [mul(oneHot(columns, width), dy), undefined],
  });
}

/**
 * ids [n] → [n, size] with a 1 in each row, or none where the id is out of range. Compared as floats, which hold whole numbers up to
 * 2²⁴ exactly: GPUs have no 64-bit integers, and the table of truth values would be made on the processor and carried over.
 */
export function oneHot(ids: Value, size: number): Value {
  if (size > 2 ** 24) throw new RangeError(`A row of ${size} numbers is too long`);
  const columns = ids.graph.constant(
    Float32Array.from({ length: size }, (_, index) => index),
    [size],
  );
  return cast(compare('Equal', reshape(cast(ids, 'float'), [...ids.dims, 1]), columns), 'float');
}

/** 0, 1, … as int64, as many as the axis of `like` has. */
export function range(like: Value, axis: number): Value {
  const { graph } = like;
  const dim = dimAt(like, axis);
  const count = reshape(graph.shape([dim]), []);
  const inputs = [graph.scalar(0, 'int64'), count, graph.scalar(1, 'int64')];
  return graph.node({ op: 'Range', inputs, dims: [dim], type: 'int64' });
}

function scatterRows(rows: Value, ids: Value, table: Value): Value {
  const zeros = expand(rows.graph.scalar(0), table.dims);
  const indices = expand(reshape(ids, [...ids.dims, 1]), rows.dims);
  return rows.graph.node({
    op: 'ScatterElements',
    inputs: [zeros, indices, rows],
    dims: table.dims,
    attributes: { axis: 0, reduction: 'add' },
  });
}
