// Arithmetic on matrices of expressions: entries are combined, not evaluated, so symbols may stand in them.

import type { Expression } from './expression.ts';
import { ITEMS_MAX, MathFault } from './limits.ts';
import { ZERO } from './rational.ts';

type Rows = readonly (readonly Expression[])[];

/** Laplace expansion; up to 5 × 5. */
export function determinant(rows: Rows): Expression {
  if (rows.length > 5 || rows.some((row) => row.length !== rows.length)) {
    throw new MathFault('budget', 'determinant too large');
  }
  const [top = []] = rows;
  const [only] = top;
  if (only !== undefined && top.length === 1) return only;
  const items = top.map((entry, column): Expression => {
    const minor = determinant(rows.slice(1).map((row) => row.filter((_, at) => at !== column)));
    const product: Expression = { kind: 'product', items: [entry, minor] };
    return column % 2 === 0 ? product : { kind: 'negate', operand: product };
  });
  return { kind: 'sum', items };
}

/**
 * The matrix that an expression stands for: sums, products, scalar multiples, whole powers and transposes are carried out.
 * Undefined for anything without a matrix in it. Throws `MathFault` (undefined) when sizes do not fit.
 */
export function matrixOf(expression: Expression): Rows | undefined {
  switch (expression.kind) {
    case 'matrix':
      return expression.rows;
    case 'negate':
      return mapEntries(matrixOf(expression.operand), (operand) => ({ kind: 'negate', operand }));
    case 'quotient': {
      const { under } = expression;
      return mapEntries(matrixOf(expression.over), (over) => ({ kind: 'quotient', over, under }));
    }
    case 'sum':
      return combine(expression.items, addMatrices);
    case 'product':
      return productOf(expression.items);
    case 'power':
      return powerOf(expression.base, expression.exponent);
    case 'call':
    case 'condition_set':
    case 'constant':
    case 'degree':
    case 'factorial':
    case 'list':
    case 'measured':
    case 'number':
    case 'number_set':
    case 'percent':
    case 'plus_minus':
    case 'ratio':
    case 'relation':
    case 'series':
    case 'set':
    case 'set_operation':
    case 'symbol':
    case 'tuple':
      return undefined;
  }
}

function mapEntries(rows: Rows | undefined, change: (entry: Expression) => Expression): Rows | undefined {
  return rows?.map((row) => row.map(change));
}

function combine(items: readonly Expression[], operation: (a: Rows, b: Rows) => Rows): Rows | undefined {
  const matrices = items.map(matrixOf);
  if (matrices.every((matrix) => matrix === undefined)) return undefined;
  return matrices.reduce((a, b) => {
    if (a === undefined || b === undefined) throw new MathFault('undefined', 'matrix and number in one sum');
    return operation(a, b);
  });
}

function productOf(items: readonly Expression[]): Rows | undefined {
  const scalars: Expression[] = [];
  let result: Rows | undefined;
  for (const item of items) {
    const rows = matrixOf(item);
    if (rows === undefined) scalars.push(item);
    else result = result === undefined ? rows : multiplyMatrices(result, rows);
  }
  if (scalars.length === 0) return result;
  return mapEntries(result, (entry) => ({ kind: 'product', items: [...scalars, entry] }));
}

function powerOf(base: Expression, exponent: Expression): Rows | undefined {
  const rows = matrixOf(base);
  if (rows === undefined) return undefined;
  if (exponent.kind === 'symbol' && (exponent.name === 'T' || exponent.name === 'top')) {
    return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? zero()));
  }
  const isSmall = exponent.kind === 'number' && exponent.value.under === 1n;
  const count = isSmall ? Number(exponent.value.over) : 0;
  if (count < 1 || count > 8) throw new MathFault('budget', 'power of a matrix');
  let result = rows;
  for (let at = 1; at < count; at += 1) result = multiplyMatrices(result, rows);
  return result;
}

function zero(): Expression {
  return { kind: 'number', value: ZERO, isDecimal: false };
}

function addMatrices(a: Rows, b: Rows): Rows {
  if (a.length !== b.length || a[0]?.length !== b[0]?.length) {
    throw new MathFault('undefined', 'matrices of different size in one sum');
  }
  return a.map((row, at) =>
    row.map((entry, column) => ({ kind: 'sum', items: [entry, b[at]?.[column] ?? zero()] })),
  );
}

function multiplyMatrices(a: Rows, b: Rows): Rows {
  const inner = a[0]?.length ?? 0;
  const width = b[0]?.length ?? 0;
  if (inner !== b.length) throw new MathFault('undefined', 'matrices that cannot be multiplied');
  if (a.length * width > ITEMS_MAX) throw new MathFault('budget', 'matrix too large');
  return a.map((row) =>
    Array.from({ length: width }, (_, column): Expression => ({
      kind: 'sum',
      items: row.map((entry, at): Expression => ({
        kind: 'product',
        items: [entry, b[at]?.[column] ?? zero()],
      })),
    })),
  );
}
