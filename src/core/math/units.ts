// Units behind a value, by dimension: 100 cm is 1 m, 5 m is not 5 s. Bare single letters are never units here (5t is five
// times t); the parser asks for them only inside \text{}, after a slash or with a superscript mark.

import type { Rational } from './rational.ts';
import { divide, fraction, integer, multiply, ONE, power } from './rational.ts';

export interface Unit {
  readonly name: string;
  /** Exponents of base dimensions, as sorted text: `length:1 time:-1`. */
  readonly dimension: string;
  /** Size in base units of the dimension. */
  readonly factor: Rational;
}

type Entry = readonly [dimension: string, over: number, under: number, ...names: string[]];

const ENTRIES: readonly Entry[] = [
  ['length', 1, 1, 'm', 'meter', 'meters', 'metre', 'metres'],
  ['length', 1000, 1, 'km', 'kilometer', 'kilometers', 'kilometre', 'kilometres'],
  ['length', 1, 10, 'dm', 'decimeter', 'decimeters'],
  ['length', 1, 100, 'cm', 'centimeter', 'centimeters', 'centimetre', 'centimetres'],
  ['length', 1, 1000, 'mm', 'millimeter', 'millimeters', 'millimetre', 'millimetres'],
  ['length', 254, 10000, 'inch', 'inches'],
  ['length', 3048, 10000, 'ft', 'foot', 'feet'],
  ['length', 9144, 10000, 'yd', 'yard', 'yards'],
  ['length', 1609344, 1000, 'mi', 'mile', 'miles'],
  ['mass', 1, 1, 'kg', 'kilogram', 'kilograms', 'kgs'],
  ['mass', 1, 1000, 'g', 'gram', 'grams'],
  ['mass', 1, 1000000, 'mg', 'milligram', 'milligrams'],
  ['mass', 1000, 1, 'ton', 'tons', 'tonne', 'tonnes'],
  ['mass', 45359237, 100000000, 'lb', 'lbs', 'pound', 'pounds'],
  ['mass', 45359237, 1600000000, 'oz', 'ounce', 'ounces'],
  ['time', 1, 1, 's', 'sec', 'second', 'seconds'],
  ['time', 1, 1000, 'ms', 'millisecond', 'milliseconds'],
  ['time', 60, 1, 'minute', 'minutes', 'min', 'mins'],
  ['time', 3600, 1, 'h', 'hr', 'hrs', 'hour', 'hours'],
  ['time', 86400, 1, 'day', 'days'],
  ['time', 604800, 1, 'week', 'weeks'],
  ['forenoon', 1, 1, 'am', 'AM', 'Am'],
  ['afternoon', 1, 1, 'pm', 'PM', 'Pm'],
  ['month', 1, 1, 'month', 'months'],
  ['month', 12, 1, 'year', 'years'],
  ['money', 1, 1, 'dollar', 'dollars', 'usd'],
  ['money', 1, 100, 'cent', 'cents'],
  ['euro', 1, 1, 'euro', 'euros'],
  ['sterling', 1, 1, 'sterling'],
  ['yen', 1, 1, 'yen'],
  ['yuan', 1, 1, 'yuan'],
  ['rupee', 1, 1, 'rupee', 'rupees'],
  ['temperature', 1, 1, 'K', 'kelvin', 'kelvins'],
  ['celsius', 1, 1, 'celsius'],
  ['fahrenheit', 1, 1, 'fahrenheit'],
  ['current', 1, 1, 'A', 'ampere', 'amperes', 'amps'],
  ['force', 1, 1, 'N', 'newton', 'newtons'],
  ['energy', 1, 1, 'J', 'joule', 'joules'],
  ['energy', 1000, 1, 'kJ', 'kilojoule', 'kilojoules'],
  ['power', 1, 1, 'W', 'watt', 'watts'],
  ['power', 1000, 1, 'kW', 'kilowatt', 'kilowatts'],
  ['potential', 1, 1, 'V', 'volt', 'volts'],
  ['frequency', 1, 1, 'Hz', 'hertz'],
  ['pressure', 1, 1, 'Pa', 'pascal', 'pascals'],
  ['amount', 1, 1, 'mol', 'mole', 'moles'],
  ['volume', 1, 1, 'L', 'l', 'liter', 'liters', 'litre', 'litres'],
  ['volume', 1, 1000, 'mL', 'ml', 'milliliter', 'milliliters', 'millilitre', 'millilitres'],
];

/** The unit of that name, with single letters only on request. */
export function unitNamed(name: string, allowsLetter: boolean): Unit | undefined {
  if (name.length === 1 && !allowsLetter) return undefined;
  const spelled = name.length > 2 ? name.toLowerCase() : name;
  for (const [dimension, over, under, ...names] of ENTRIES) {
    if (!names.includes(spelled) && !names.includes(name)) continue;
    return {
      name: names[0] ?? name,
      dimension: `${dimension}:1`,
      factor: fraction(BigInt(over), BigInt(under)),
    };
  }
  if (name === 'mph') return quotientUnit(unitNamed('mile', false), unitNamed('hour', false));
  return undefined;
}

function quotientUnit(over: Unit | undefined, under: Unit | undefined): Unit | undefined {
  return over === undefined || under === undefined ? undefined : combineUnits(over, powerUnit(under, -1));
}

/** unit^exponent for a small whole exponent. */
export function powerUnit(unit: Unit, exponent: number): Unit {
  const dimension = parts(unit.dimension).map(([base, count]) => `${base}:${count * exponent}`);
  return {
    name: `${unit.name}^${exponent}`,
    dimension: dimension.join(' '),
    factor: exponent === 0 ? ONE : power(unit.factor, BigInt(exponent)),
  };
}

/** The product of two units. */
export function combineUnits(a: Unit, b: Unit): Unit {
  const counts = new Map<string, number>();
  for (const [base, count] of [...parts(a.dimension), ...parts(b.dimension)]) {
    counts.set(base, (counts.get(base) ?? 0) + count);
  }
  const dimension = [...counts]
    .filter(([, count]) => count !== 0)
    .toSorted(([x], [y]) => (x < y ? -1 : 1))
    .map(([base, count]) => `${base}:${count}`);
  return {
    name: `${a.name}·${b.name}`,
    dimension: dimension.join(' '),
    factor: multiply(a.factor, b.factor),
  };
}

function parts(dimension: string): [base: string, count: number][] {
  if (dimension === '') return [];
  return dimension.split(' ').map((part) => {
    const [base = '', count = '1'] = part.split(':');
    return [base, Number(count)];
  });
}

/** How many of `to` one `from` is; undefined when they measure different things. A volume in litres is a cubed length. */
export function conversion(from: Unit, to: Unit): Rational | undefined {
  const a = withLengthVolume(from);
  const b = withLengthVolume(to);
  return a.dimension === b.dimension ? divide(a.factor, b.factor) : undefined;
}

function withLengthVolume(unit: Unit): Unit {
  if (unit.dimension !== 'volume:1') return unit;
  return { name: unit.name, dimension: 'length:3', factor: multiply(unit.factor, fraction(1n, 1000n)) };
}

export const DOLLAR: Unit = { name: 'dollar', dimension: 'money:1', factor: integer(1n) };
