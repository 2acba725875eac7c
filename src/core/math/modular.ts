// An exact identity test by evaluation in a prime field: two expressions of sums, products, quotients, whole powers, square
// roots of whole numbers and i are equal exactly when they agree at random points, up to a chance of about degree / 2^61.
// (Schwartz 1980, Zippel 1979.) No tolerance, so x + 10^-12 is never x.
//
// The primes are 1 modulo 8·3·5·…·43, which makes -1 and every prime up to 43 a square: roots of such numbers have images
// that multiply as the roots do. π and e get random images, as they satisfy no known algebraic relation.

import type { Bindings } from './exact.ts';
import { exactValue } from './exact.ts';
import { type Expression, keyOf } from './expression.ts';
import { MODULAR_EXPONENT_MAX, type Budget } from './limits.ts';
import { type Field, ROOT_PRIMES } from './prime-fields.ts';
import { seedOf } from './probe-points.ts';
import type { Rational } from './rational.ts';

const NO_BINDINGS: Bindings = new Map();

/**
 * The image of an expression at probe point `point`; undefined when it has none here (a transcendental function, a root of
 * something with symbols, a pole). With `opaque` atoms, what has no image gets a random one by its look: then equal images
 * still mean equal values, but different ones mean nothing.
 */
export function modularValue(
  expression: Expression,
  field: Field,
  point: number,
  budget: Budget,
  atoms: 'none' | 'opaque' = 'none',
): bigint | undefined {
  const image = algebraicImage(expression, field, point, budget, atoms);
  const isAtom = expression.kind === 'call' || expression.kind === 'power' || expression.kind === 'degree';
  if (image !== undefined || atoms === 'none' || !isAtom) return image;
  return randomImage(`atom ${keyOf(expression)}`, point, field.prime);
}

function algebraicImage(
  expression: Expression,
  field: Field,
  point: number,
  budget: Budget,
  atoms: 'none' | 'opaque',
): bigint | undefined {
  budget.spend(1);
  const { prime } = field;
  const valueOf = (inner: Expression): bigint | undefined => modularValue(inner, field, point, budget, atoms);
  switch (expression.kind) {
    case 'number':
      return imageOf(expression.value, prime);
    case 'symbol':
      return randomImage(`symbol ${expression.name}`, point, prime);
    case 'constant':
      if (expression.name === 'infinity') return undefined;
      return expression.name === 'i'
        ? field.roots[0]
        : randomImage(`constant ${expression.name}`, point, prime);
    case 'sum':
      return fold(expression.items, 0n, valueOf, (a, b) => (a + b) % prime);
    case 'product':
      return fold(expression.items, 1n, valueOf, (a, b) => (a * b) % prime);
    case 'negate': {
      const value = valueOf(expression.operand);
      return value === undefined ? undefined : (prime - value) % prime;
    }
    case 'percent': {
      const value = valueOf(expression.operand);
      return value === undefined ? undefined : divided(value, 100n, prime);
    }
    case 'quotient': {
      const over = valueOf(expression.over);
      const under = over === undefined ? undefined : valueOf(expression.under);
      return over === undefined || under === undefined ? undefined : divided(over, under, prime);
    }
    case 'power':
      return powerImage(expression, field, valueOf, budget);
    case 'factorial': {
      const value = exactValue(expression, budget, NO_BINDINGS);
      return value === undefined ? undefined : imageOf(value, prime);
    }
    case 'call':
      return callImage(expression, field, budget);
    case 'condition_set':
    case 'degree':
    case 'list':
    case 'matrix':
    case 'measured':
    case 'number_set':
    case 'plus_minus':
    case 'ratio':
    case 'relation':
    case 'series':
    case 'set':
    case 'set_operation':
    case 'tuple':
      return undefined;
  }
}

function fold(
  items: readonly Expression[],
  start: bigint,
  valueOf: (inner: Expression) => bigint | undefined,
  operation: (a: bigint, b: bigint) => bigint,
): bigint | undefined {
  let total = start;
  for (const item of items) {
    const value = valueOf(item);
    if (value === undefined) return undefined;
    total = operation(total, value);
  }
  return total;
}

function powerImage(
  expression: Expression & { readonly kind: 'power' },
  field: Field,
  valueOf: (inner: Expression) => bigint | undefined,
  budget: Budget,
): bigint | undefined {
  const exponent = exactValue(expression.exponent, budget, NO_BINDINGS);
  if (exponent === undefined) return undefined;
  const { over, under } = exponent;
  if (over > MODULAR_EXPONENT_MAX || over < -MODULAR_EXPONENT_MAX) return undefined;
  const base =
    under === 2n
      ? rootImage(expression.base, field, budget)
      : under === 1n
        ? valueOf(expression.base)
        : undefined;
  if (base === undefined || (base === 0n && over <= 0n)) return undefined;
  const raised = modularPower(base, over < 0n ? -over : over, field.prime);
  return over < 0n ? divided(1n, raised, field.prime) : raised;
}

function callImage(
  expression: Expression & { readonly kind: 'call' },
  field: Field,
  budget: Budget,
): bigint | undefined {
  const exact = expression.items.every(isNumeric) ? exactValue(expression, budget, NO_BINDINGS) : undefined;
  if (exact !== undefined) return imageOf(exact, field.prime);
  const [radicand, index] = expression.items;
  if (expression.name !== 'root' || radicand === undefined || index?.kind !== 'number') return undefined;
  return index.value.over === 2n && index.value.under === 1n ? rootImage(radicand, field, budget) : undefined;
}

function isNumeric(expression: Expression): boolean {
  return expression.kind !== 'symbol' && expression.kind !== 'constant';
}

/** The image of √(a/b) = √(ab)/b, from the roots of -1 and the small primes. */
function rootImage(radicand: Expression, field: Field, budget: Budget): bigint | undefined {
  const value = exactValue(radicand, budget, NO_BINDINGS);
  if (value === undefined) return undefined;
  let rest = value.over * value.under;
  if (rest === 0n) return 0n;
  let image = 1n;
  if (rest < 0n) {
    rest = -rest;
    image = field.roots[0] ?? 1n;
  }
  if (rest > 1n << 512n) return undefined;
  for (const [at, prime] of ROOT_PRIMES.entries()) {
    while (rest % (prime * prime) === 0n) {
      rest /= prime * prime;
      image = (image * prime) % field.prime;
    }
    if (rest % prime !== 0n) continue;
    rest /= prime;
    image = (image * (field.roots[at + 1] ?? 1n)) % field.prime;
  }
  const square = wholeSquareRoot(rest);
  if (square === undefined) return undefined;
  return divided((image * square) % field.prime, value.under % field.prime, field.prime);
}

/** Newton's method; undefined when the value is no square. */
function wholeSquareRoot(value: bigint): bigint | undefined {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root * root === value ? root : undefined;
    root = next;
  }
}

function imageOf(value: Rational, prime: bigint): bigint | undefined {
  const over = value.over % prime;
  return divided(over < 0n ? over + prime : over, value.under % prime, prime);
}

export function divided(over: bigint, under: bigint, prime: bigint): bigint | undefined {
  if (under === 1n) return over;
  if (under === 0n) return undefined;
  // Extended Euclid is a few times faster than raising to prime - 2.
  let [a, b] = [under, prime];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  const product = (over * x) % prime;
  return product < 0n ? product + prime : product;
}

function modularPower(base: bigint, exponent: bigint, prime: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}

function randomImage(name: string, point: number, prime: bigint): bigint {
  const high = BigInt(seedOf(name, point));
  const low = BigInt(seedOf(name, point + 1_000));
  return ((high << 32n) | low) % prime;
}
