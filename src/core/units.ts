// Units compared by dimension: "5 km" is "5000 m" and "5 kg" is not. Reads unit phrases ("km/h", "kg·m/s^2", "cubic feet",
// "miles per hour", "°C"); knows no numbers. A unit that is not in the table is no unit: it is a label, like "eggs".

import { add, divide, fromDecimal, multiply, ONE, power } from './exact.ts';
import type { Exact } from './exact.ts';
import { PLAIN_UNITS, PREFIXABLE, PREFIXES, SCALES_WITH_OFFSET } from './unit-table.ts';
import type { UnitRow } from './unit-table.ts';

export interface Unit {
  /** Exponents of base units, in a fixed order: "kg1 m1 s-2". Empty for percent and the like. */
  readonly dimension: string;
  /** Value in base units = (value + offset) × factor. */
  readonly factor: Exact;
  readonly offset: Exact | undefined;
  /** As it was written. */
  readonly text: string;
}

export interface UnitRead {
  readonly unit: Unit;
  /** Where the unit ends in the text. */
  readonly end: number;
}

const FACTORS_MAX = 10;
const NAME =
  /^(?:US\$|[CA]\$|°\s?[CF](?![\p{L}])|[°%‰$¢€£¥₹₽₩]|[\p{L}μΩ]+(?:-(?:hours?|years?|miles?|force|sterling|units?)(?!\p{L}))?)/u;
const POWER = /^(?:\s*\^\s*\(?([-+]?\d)\)?|([-+]?[2-4])(?![\d.]))/u;
const POWER_WORD = /^\s+(squared|cubed)(?!\p{L})/u;
const POWER_BEFORE = /^(square|sq\.?|cubic|cu\.?)\s+/iu;

/** Reads the longest unit at `from` (no space before it). Undefined when the words there are no unit. */
export function readUnit(text: string, from: number): UnitRead | undefined {
  const scale = readScaleWithOffset(text, from);
  if (scale !== undefined) return scale;
  const dimension = new Map<string, number>();
  let factor = ONE;
  let end = from;
  let at = from;
  let isGrouped = false;
  // "mol" alone, or "/mol" and "per mole".
  const below = /^(?:\/\s*|per\s+)(?=\p{L})/iu.exec(text.slice(from, from + 8));
  let isBelow = below !== null;
  at += below?.[0].length ?? 0;
  for (let count = 0; count < FACTORS_MAX; count += 1) {
    const part = readFactor(text, at);
    if (part === undefined) break;
    const exponent = isBelow ? -part.exponent : part.exponent;
    const raised = power(part.factor, exponent);
    if (raised === undefined) break;
    factor = multiply(factor, raised);
    for (const [base, times] of part.bases)
      dimension.set(base, (dimension.get(base) ?? 0) + times * exponent);
    end = part.end;
    if (isGrouped && text[end] === ')') {
      end += 1;
      isGrouped = false;
    }
    const joint = /^(?:\s*(\/)\s*(\()?|\s+(per)\s+|\s*[·×*⋅]\s*|-(?=\p{L})|\s+(?=\p{L}))/u.exec(
      text.slice(end, end + 24),
    );
    if (joint === null) break;
    if (joint[1] !== undefined || joint[3] !== undefined) isBelow = true;
    else if (!isGrouped) isBelow = false;
    isGrouped = isGrouped || joint[2] !== undefined;
    at = end + joint[0].length;
  }
  if (end === from) return undefined;
  return {
    unit: { dimension: keyOf(dimension), factor, offset: undefined, text: text.slice(from, end) },
    end,
  };
}

/** A value in base units, exact. */
export function toBase(value: Exact, unit: Unit): Exact {
  return multiply(unit.offset === undefined ? value : add(value, unit.offset), unit.factor);
}

/** Whether both words or symbols stand for the same unit, whatever their spelling. */
export function isSameUnit(a: Unit, b: Unit): boolean {
  return (
    a.dimension === b.dimension &&
    (a.offset === undefined) === (b.offset === undefined) &&
    a.factor.numerator * b.factor.denominator === b.factor.numerator * a.factor.denominator
  );
}

function readScaleWithOffset(text: string, from: number): UnitRead | undefined {
  const word = /^(?:(?:degrees?|deg|°)\s*)?(celsius|centigrade|fahrenheit|(?<=°\s?)[CF])(?!\p{L})/iu.exec(
    text.slice(from, from + 40),
  );
  const name = word?.[1]?.toLowerCase();
  if (word === null || name === undefined) return undefined;
  for (const [spellings, offset, factor] of SCALES_WITH_OFFSET) {
    const isThis = spellings
      .toLowerCase()
      .split(' ')
      .some((known) => known === name || known === `°${name}`);
    const shift = fromDecimal(offset);
    if (!isThis || shift === undefined) continue;
    const end = from + word[0].length;
    return {
      unit: { dimension: 'K1', factor: quotient(factor), offset: shift, text: text.slice(from, end) },
      end,
    };
  }
  return undefined;
}

interface Factor {
  readonly bases: readonly (readonly [string, number])[];
  readonly factor: Exact;
  readonly exponent: number;
  readonly end: number;
}

function readFactor(text: string, from: number): Factor | undefined {
  const window = text.slice(from, from + 60);
  const before = POWER_BEFORE.exec(window);
  const start = before?.[0].length ?? 0;
  const name = NAME.exec(window.slice(start))?.[0];
  if (name === undefined) return undefined;
  const known = lookUp(name, window.length === start + name.length);
  if (known === undefined) return undefined;
  let exponent = before === null ? 1 : before[1]?.toLowerCase().startsWith('s') === true ? 2 : 3;
  let end = start + name.length;
  const rest = window.slice(end);
  const written = POWER.exec(rest);
  // "m2" is a power and "$2" is not.
  const symbol = written?.[2] !== undefined && !/\p{L}$/u.test(name) ? null : written;
  const word = symbol === null ? POWER_WORD.exec(rest) : null;
  if (symbol !== null) exponent *= Number(symbol[1] ?? symbol[2]);
  if (word !== null) exponent *= word[1] === 'squared' ? 2 : 3;
  end += symbol?.[0].length ?? word?.[0].length ?? 0;
  return { ...known, exponent, end: from + end };
}

type Known = NamedUnit;

/** What one name is worth: exponents of base units, and how many of them it is. */
export interface NamedUnit {
  readonly bases: readonly (readonly [base: string, exponent: number])[];
  readonly factor: Exact;
}

/** The unit of that symbol or word, with a prefix or without; undefined when there is none. */
export function namedUnit(name: string): NamedUnit | undefined {
  return lookUp(name, false);
}

/** A temperature scale by its word, with its zero: kelvin = (value + offset) × factor. */
export function offsetScale(word: string): (NamedUnit & { readonly offset: Exact }) | undefined {
  const row = SCALES_WITH_OFFSET.find(([spellings]) => spellings.split(' ').includes(word));
  const offset = row === undefined ? undefined : fromDecimal(row[1]);
  if (row === undefined || offset === undefined) return undefined;
  return { bases: [['K', 1]], factor: quotient(row[2]), offset };
}

/** A name by its symbol, by its word, then with a prefix. "in" is an inch only as the last word of the text. */
function lookUp(name: string, isLast: boolean): Known | undefined {
  if (name === 'in') return isLast ? unitOf('m', '0.0254') : undefined;
  const word = name.toLowerCase();
  const plain = find(PLAIN_INDEX, name, word) ?? find(PREFIXABLE_INDEX, name, word);
  if (plain !== undefined) return plain;
  for (const [symbol, prefixWord, size] of PREFIXES) {
    const isSymbol = name.startsWith(symbol) && name.length > symbol.length;
    const isWord = word.startsWith(prefixWord) && word.length > prefixWord.length;
    if (!isSymbol && !isWord) continue;
    const base =
      (isWord ? find(PREFIXABLE_INDEX, '', word.slice(prefixWord.length)) : undefined) ??
      (isSymbol ? find(PREFIXABLE_INDEX, name.slice(symbol.length), '') : undefined);
    if (base !== undefined) return { bases: base.bases, factor: multiply(quotient(size), base.factor) };
  }
  return word.includes('-') ? lookUpCompound(word) : undefined;
}

/** "kilowatt-hours": a product of words. */
function lookUpCompound(word: string): Known | undefined {
  const at = word.indexOf('-');
  const first = lookUp(word.slice(0, at), false);
  const second = lookUp(word.slice(at + 1), false);
  if (first === undefined || second === undefined) return undefined;
  return { bases: [...first.bases, ...second.bases], factor: multiply(first.factor, second.factor) };
}

/** A unit's row by its symbol or word, in one of the two indexes below. */
function find(index: UnitIndex, symbol: string, word: string): Known | undefined {
  const row =
    (symbol === '' ? undefined : index.symbols.get(symbol)) ??
    (word.length > 2
      ? (index.words.get(word) ?? (word.endsWith('s') ? index.words.get(word.slice(0, -1)) : undefined))
      : undefined);
  return row === undefined ? undefined : unitOf(row[2], row[3]);
}

interface UnitIndex {
  readonly symbols: ReadonlyMap<string, UnitRow>;
  readonly words: ReadonlyMap<string, UnitRow>;
}

function indexOf(rows: readonly UnitRow[]): UnitIndex {
  const entries = (column: 0 | 1): [string, UnitRow][] =>
    rows.flatMap((row) => row[column].split(' ').map((name): [string, UnitRow] => [name, row]));
  return { symbols: new Map(entries(0)), words: new Map(entries(1)) };
}

const PLAIN_INDEX = indexOf(PLAIN_UNITS);
const PREFIXABLE_INDEX = indexOf(PREFIXABLE);

function unitOf(dimension: string, factor: string): Known {
  const bases: [string, number][] = [];
  for (const part of dimension === '' ? [] : dimension.split(' ')) {
    const split = /^([A-Za-z]+)(-?\d+)?$/u.exec(part);
    if (split !== null) bases.push([split[1] ?? '', Number(split[2] ?? '1')]);
  }
  return { bases, factor: quotient(factor) };
}

/** "5/9" or "0.3048" from the table. */
function quotient(text: string): Exact {
  const [over, under] = text.split('/');
  const top = fromDecimal(over ?? '');
  const bottom = under === undefined ? ONE : fromDecimal(under);
  const value = top === undefined || bottom === undefined ? undefined : divide(top, bottom);
  if (value === undefined) throw new RangeError(`Unit table holds a factor that is no number: "${text}"`);
  return value;
}

function keyOf(dimension: ReadonlyMap<string, number>): string {
  return [...dimension]
    .filter(([, exponent]) => exponent !== 0)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([base, exponent]) => `${base}${String(exponent)}`)
    .join(' ');
}
