// Units behind a value, by dimension: 100 cm is 1 m, 5 m is not 5 s. What a unit is worth is in the table that the quantities
// of plain text are read with; here is only which names stand in mathematics, where most short runs of letters are products.

import { type NamedUnit, namedUnit, offsetScale } from '../units.ts';
import type { Rational } from './rational.ts';
import { divide, fraction, integer, isEqual, multiply, ONE, power, subtract, ZERO } from './rational.ts';

export interface Unit {
  readonly name: string;
  /** Exponents of base dimensions, as sorted text: `m:1 s:-1`. */
  readonly dimension: string;
  /** Value in base units = (value + offset) × factor. */
  readonly factor: Rational;
  /** Of a temperature scale. */
  readonly offset?: Rational;
}

/** Names that are units in a formula as well: elsewhere up to three letters are a product. */
const ALWAYS: ReadonlySet<string> = new Set(
  (
    'km dm cm mm ft yd mi kg kgs mg lb lbs oz sec ms min mins hr hrs am AM Am pm PM Pm usd amps kJ kW Hz Pa mol mL ml mph ' +
    'day ton yen kWh MHz GHz kHz kPa MPa MJ mA mV kN atm cal bar psi rpm gal kB MB GB TB eV keV MeV GeV'
  ).split(' '),
);
/** Single letters that stand for a unit where prose is expected: `5 \text{ C}` may be anything. */
const LETTERS: ReadonlySet<string> = new Set('msghKANJWVLl');
/** Words with a better meaning of their own: people, things, and what an angle is anyway. */
const NO_UNITS: ReadonlySet<string> = new Set(
  'gray henry tesla stone revolution radian degree percent percentage permille'.split(' '),
);
/** The clock, which is no attometre, and spellings of this parser's own. */
const OWN: ReadonlyMap<string, NamedUnit> = new Map([
  ['am', base('forenoon')],
  ['pm', base('afternoon')],
  ['sterling', base('GBP')],
]);
/** Another name of a row of the table. */
const ALSO: ReadonlyMap<string, string> = new Map([
  ['kgs', 'kg'],
  ['mins', 'min'],
  ['usd', 'USD'],
  ['amps', 'A'],
]);

function base(dimension: string): NamedUnit {
  return { bases: [[dimension, 1]], factor: { numerator: 1n, denominator: 1n } };
}

/** The unit of that name; a single letter, and a short name that may be a product, only in prose. */
export function unitNamed(name: string, isProse: boolean): Unit | undefined {
  if (name.length === 1 && !(isProse && LETTERS.has(name))) return undefined;
  const lower = name.toLowerCase();
  const isWord = name.length > 3 && !NO_UNITS.has(lower.replace(/s$/, ''));
  if (!isProse && !isWord && !ALWAYS.has(name) && !ALWAYS.has(name.length > 2 ? lower : name))
    return undefined;
  const scale = name.length > 2 ? offsetScale(lower) : undefined;
  if (scale !== undefined) {
    const { numerator, denominator } = scale.offset;
    return { ...unitOf(name, scale), offset: fraction(numerator, denominator) };
  }
  const known = OWN.get(lower) ?? namedUnit(ALSO.get(lower) ?? name);
  return known === undefined ? undefined : unitOf(name, known);
}

function unitOf(name: string, { bases, factor }: NamedUnit): Unit {
  return {
    name,
    dimension: keyOf(bases),
    factor: fraction(factor.numerator, factor.denominator),
  };
}

/** unit^exponent for a small whole exponent. */
export function powerUnit(unit: Unit, exponent: number): Unit {
  const bases = basesOf(unit.dimension).map(([dimension, count]) => [dimension, count * exponent] as const);
  return {
    name: `${unit.name}^${exponent}`,
    dimension: keyOf(bases),
    factor: exponent === 0 ? ONE : power(unit.factor, BigInt(exponent)),
    // A scale has its zero only where it stands alone: J/°C is per kelvin.
    ...(exponent === 1 && unit.offset !== undefined && { offset: unit.offset }),
  };
}

/** The product of two units. */
export function combineUnits(a: Unit, b: Unit): Unit {
  return {
    name: `${a.name}·${b.name}`,
    dimension: keyOf([...basesOf(a.dimension), ...basesOf(b.dimension)]),
    factor: multiply(a.factor, b.factor),
  };
}

function keyOf(bases: readonly (readonly [base: string, count: number])[]): string {
  const counts = new Map<string, number>();
  for (const [dimension, count] of bases) counts.set(dimension, (counts.get(dimension) ?? 0) + count);
  return [...counts]
    .filter(([, count]) => count !== 0)
    .toSorted(([x], [y]) => (x < y ? -1 : 1))
    .map(([dimension, count]) => `${dimension}:${count}`)
    .join(' ');
}

function basesOf(dimension: string): (readonly [base: string, count: number])[] {
  if (dimension === '') return [];
  return dimension.split(' ').map((part) => {
    const [name = '', count = '1'] = part.split(':');
    return [name, Number(count)];
  });
}

export interface Conversion {
  readonly factor: Rational;
  readonly shift: Rational;
}

/** value in `to` = value in `from` × factor + shift; undefined when the two measure different things. */
export function conversion(from: Unit, to: Unit): Conversion | undefined {
  if (from.dimension !== to.dimension) return undefined;
  const factor = divide(from.factor, to.factor);
  const shift = subtract(multiply(from.offset ?? ZERO, factor), to.offset ?? ZERO);
  return { factor, shift };
}

/** Whether a value keeps its number. */
export function isSame({ factor, shift }: Conversion): boolean {
  return isEqual(factor, ONE) && isEqual(shift, ZERO);
}

export const DOLLAR: Unit = { name: 'dollar', dimension: 'USD:1', factor: integer(1n) };
