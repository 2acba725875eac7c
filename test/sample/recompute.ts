// Says whether an expression of the sample dataset gives a ground truth. One function for each function name that an
// expression may begin with; an expression without one is plain arithmetic.

import { add, evaluate, fraction, isEqual, isGreater, multiply, type Fraction } from './expression.ts';

export interface ComputedRow {
  readonly expression: string;
  readonly groundTruth: string;
  readonly choices: readonly string[];
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const ROMAN: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10, L: 50, C: 100, D: 500, M: 1000 };
const WEEKDAYS = ['Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'];
const PROBES = [-3n, -1n, 0n, 2n, 7n].map((value) => fraction(value));

/** True when `row.expression` gives `row.groundTruth`. Throws for an expression that it cannot read. */
export function agrees(row: ComputedRow): boolean {
  const call = /^([a-z_]+)\((.*)\)$/u.exec(row.expression);
  const [, name = '', inner = ''] = call ?? [];
  const parts = inner.split(/,\s*/u).map((part) => part.replaceAll('"', ''));
  const truth = row.groundTruth;
  switch (name) {
    case '':
      return row.expression.includes('x')
        ? PROBES.every((x) => isEqual(evaluate(row.expression, x), evaluate(truth, x)))
        : isEqual(evaluate(row.expression), evaluate(numberPart(truth)));
    case 'mod':
      return count(truth) === modulo(whole(parts[0]), whole(parts[1]));
    case 'lcm':
      return isLeastCommonMultiple(count(truth), whole(parts[0]), whole(parts[1]));
    case 'choose':
      return count(truth) === pascal(whole(parts[0]), whole(parts[1]));
    case 'sqrt':
      return isRootInLowestForm(evaluate(inner), truth);
    case 'derivative':
      return PROBES.every((x) => isEqual(slope(inner, x), evaluate(truth, x)));
    case 'roots':
      return truth.split(', ').every((root) => evaluate(inner, evaluate(root)).top === 0n);
    case 'from_base':
      return count(truth).toString(whole(parts[1])) === parts[0];
    case 'max':
      return (
        row.choices.join(', ') === inner &&
        row.choices.every((choice, index) => index === letterIndex(truth) || beats(row, choice))
      );
    case 'divisible':
      return (
        [parts[0], ...row.choices].join(', ') === inner &&
        row.choices.every(
          (choice, index) =>
            (modulo(whole(choice), whole(parts[0])) === 0) === (index === letterIndex(truth)),
        )
      );
    case 'add_days':
      return stepDays(parts[0] ?? '', Number(evaluate(parts[1] ?? '').top)) === truth;
    case 'days_between':
      return stepDays(parts[0] ?? '', count(truth)) === parts[1];
    case 'weekday':
      return zeller(parts[0] ?? '') === truth;
    case 'roman':
      return readRoman(truth) === whole(parts[0]) && !/(.)\1{3}|([VLD])\2/u.test(truth);
    case 'primes':
      return truth === range(whole(parts[0]), whole(parts[1])).filter(hasTwoDivisors).join(', ');
    case 'divisors':
      return truth === divisorsOf(whole(parts[0])).join(', ');
    case 'is_prime':
      return truth === (hasTwoDivisors(whole(parts[0])) ? 'yes' : 'no');
    case 'greater':
      return truth === (isGreater(evaluate(parts[0] ?? ''), evaluate(parts[1] ?? '')) ? 'yes' : 'no');
    case 'multiples':
      return matchesExactly(truth, range(0, 1000).map(String), (text) => {
        const number = whole(text);
        return number > whole(parts[1]) && number < whole(parts[2]) && modulo(number, whole(parts[0])) === 0;
      });
    case 'days_of_month':
      return matchesExactly(
        truth,
        range(0, 99).map((day) => `${parts[0]}-${twoDigits(whole(parts[1]))}-${twoDigits(day)}`),
        (text) => whole(text.slice(8)) >= 1 && whole(text.slice(8)) <= 31,
      );
    default:
      throw new Error(`Cannot evaluate "${row.expression}"`);
  }
}

function numberPart(truth: string): string {
  return truth.split(' ')[0] ?? '';
}

function whole(text: string | undefined): number {
  if (text === undefined || !/^-?\d+$/u.test(text))
    throw new Error(`Cannot read "${text}" as a whole number`);
  return Number(text);
}

const count = whole;

function letterIndex(letter: string): number {
  return 'ABCD'.indexOf(letter);
}

function modulo(value: number, divisor: number): number {
  let rest = value;
  while (rest >= divisor) rest -= divisor;
  return rest;
}

function range(low: number, high: number): readonly number[] {
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}

function divisorsOf(number: number): readonly number[] {
  return range(1, number).filter((part) => modulo(number, part) === 0);
}

function hasTwoDivisors(number: number): boolean {
  return divisorsOf(number).length === 2;
}

function isLeastCommonMultiple(value: number, first: number, second: number): boolean {
  return value === range(1, first * second).find((n) => modulo(n, first) === 0 && modulo(n, second) === 0);
}

function pascal(people: number, seats: number): number {
  if (seats === 0 || seats === people) return 1;
  return pascal(people - 1, seats - 1) + pascal(people - 1, seats);
}

function isRootInLowestForm(square: Fraction, truth: string): boolean {
  const [, outside, inside] = /^(\d+)\*sqrt\((\d+)\)$/u.exec(truth) ?? [];
  const hasNoSquare = range(2, 20).every((n) => modulo(whole(inside), n * n) !== 0);
  return isEqual(square, fraction(BigInt(whole(outside) ** 2 * whole(inside)))) && hasNoSquare;
}

/** Exact for polynomials up to the fourth degree: the five-point formula for the first derivative. */
function slope(polynomial: string, x: Fraction): Fraction {
  const at = (shift: bigint) => evaluate(polynomial, add(x, fraction(shift)));
  const weighted = [
    multiply(fraction(1n), at(-2n)),
    multiply(fraction(-8n), at(-1n)),
    multiply(fraction(8n), at(1n)),
    multiply(fraction(-1n), at(2n)),
  ].reduce(add);
  return multiply(weighted, fraction(1n, 12n));
}

function beats(row: ComputedRow, other: string): boolean {
  return isGreater(evaluate(row.choices[letterIndex(row.groundTruth)] ?? ''), evaluate(other));
}

function isLeap(year: number): boolean {
  return modulo(year, 4) === 0 && (modulo(year, 100) !== 0 || modulo(year, 400) === 0);
}

/** The date `days` after `from`, one day at a time. */
function stepDays(from: string, days: number): string {
  let [year = 0, month = 0, day = 0] = from.split('-').map(Number);
  const lengthOf = () => (MONTH_DAYS[month - 1] ?? 0) + (month === 2 && isLeap(year) ? 1 : 0);
  for (let left = Math.abs(days); left > 0; left -= 1) {
    day += Math.sign(days);
    if (day === 0) {
      month = month === 1 ? 12 : month - 1;
      if (month === 12) year -= 1;
      day = lengthOf();
    } else if (day > lengthOf()) {
      day = 1;
      month = month === 12 ? 1 : month + 1;
      if (month === 1) year += 1;
    }
  }
  return `${year}-${twoDigits(month)}-${twoDigits(day)}`;
}

/** Zeller's congruence. */
function zeller(date: string): string | undefined {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const [m, y] = month < 3 ? [month + 12, year - 1] : [month, year];
  const sum =
    day + Math.floor((13 * (m + 1)) / 5) + y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return WEEKDAYS[sum % 7];
}

/** Adds each sign, or takes it away where a greater one follows. */
function readRoman(text: string): number {
  const values = Array.from(text, (sign) => ROMAN[sign] ?? Number.NaN);
  return values.reduce((sum, value, index) => sum + (value < (values[index + 1] ?? 0) ? -value : value), 0);
}

function matchesExactly(
  pattern: string,
  texts: readonly string[],
  isRight: (text: string) => boolean,
): boolean {
  const compiled = new RegExp(`^(?:${pattern})$`, 'u');
  return texts.some(isRight) && texts.every((text) => compiled.test(text) === isRight(text));
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
