// Reads arithmetic by precedence: sums, products (with the multiplication sign left out), signs, powers, marks behind a value.
// What stands between operators is read by the class that extends this one.

import type { Cursor } from './cursor.ts';
import type { Expression } from './expression.ts';
import { MathFault } from './limits.ts';
import { fraction, integer, ONE, parseDecimal, type Rational } from './rational.ts';
import { namedBase } from './words.ts';

export function numberOf(value: Rational, isDecimal = false): Expression {
  return { kind: 'number', value, isDecimal };
}

export abstract class ExpressionParser {
  protected readonly cursor: Cursor;
  /** Open `|`: inside, the next one closes. */
  protected bars = 0;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
  }

  /** A number, symbol, bracket, function or the like. Throws `MathFault` (syntax) when none comes next. */
  protected abstract primary(): Expression;

  /** Whether the next token can start a primary that multiplies what stands before it. */
  protected abstract startsFactor(): boolean;

  sum(): Expression {
    return this.cursor.nested(() => {
      const items = [this.product()];
      for (;;) {
        if (this.cursor.take('+')) items.push(this.product());
        else if (this.cursor.take('-')) items.push({ kind: 'negate', operand: this.product() });
        else if (this.cursor.take('±')) items.push({ kind: 'plus_minus', sign: 1, operand: this.product() });
        else if (this.cursor.take('∓')) items.push({ kind: 'plus_minus', sign: -1, operand: this.product() });
        else return single('sum', items);
      }
    });
  }

  protected product(): Expression {
    let left = this.signed();
    for (;;) {
      if (this.cursor.take('*')) left = times(left, this.signed());
      else if (this.cursor.take('/')) left = { kind: 'quotient', over: left, under: this.signed() };
      else if (this.cursor.is('command', 'bmod')) {
        this.cursor.next();
        left = { kind: 'call', name: 'mod', items: [left, this.signed()] };
      } else if (this.startsFactor()) left = this.juxtaposed(left);
      else return left;
    }
  }

  /** `2x`, `2\frac12` (two and a half), `2 1/2` (likewise). */
  private juxtaposed(left: Expression): Expression {
    const whole = left.kind === 'negate' ? left.operand : left;
    const isWhole = whole.kind === 'number' && !whole.isDecimal && whole.value.under === 1n;
    const isFraction = this.cursor.peek().kind === 'command' && this.cursor.peek().text.endsWith('frac');
    const isInline =
      this.cursor.peek().kind === 'number' &&
      this.cursor.isOperator('/', 1) &&
      this.cursor.peek(2).kind === 'number';
    const last = left.kind === 'product' ? left.items.at(-1) : whole;
    if (this.cursor.peek().kind === 'number' && !isInline && last?.kind === 'number') {
      throw new MathFault('syntax', 'two numbers side by side');
    }
    let factor = this.power();
    if (isInline) {
      this.cursor.next();
      factor = { kind: 'quotient', over: factor, under: this.power() };
    }
    if (!isWhole || !(isFraction || isInline)) return times(left, factor);
    // The mark of `33\frac13\%` and `22\frac12^\circ` belongs to the whole number too.
    const mark = factor.kind === 'percent' || factor.kind === 'degree' ? factor.kind : undefined;
    const part = properFraction(
      factor.kind === 'percent' || factor.kind === 'degree' ? factor.operand : factor,
    );
    if (part === undefined) return times(left, factor);
    const mixed: Expression = { kind: 'sum', items: [whole, part] };
    const signed: Expression = left.kind === 'negate' ? { kind: 'negate', operand: mixed } : mixed;
    return mark === undefined ? signed : { kind: mark, operand: signed };
  }

  protected signed(): Expression {
    return this.cursor.nested(() => {
      if (this.cursor.take('-')) return { kind: 'negate', operand: this.signed() };
      if (this.cursor.take('+')) return this.signed();
      if (this.cursor.take('±')) return { kind: 'plus_minus', sign: 1, operand: this.signed() };
      if (this.cursor.take('∓')) return { kind: 'plus_minus', sign: -1, operand: this.signed() };
      return this.power();
    });
  }

  protected power(): Expression {
    let base = this.primary();
    for (;;) {
      if (this.cursor.take('^')) base = this.raised(base);
      else if (this.cursor.take('!')) {
        if (this.cursor.isOperator('!')) throw new MathFault('syntax', 'double factorial');
        base = { kind: 'factorial', operand: base };
      } else if (this.cursor.take('%')) base = { kind: 'percent', operand: base };
      else if (this.cursor.take('°') || this.cursor.take('∘')) base = { kind: 'degree', operand: base };
      else if (this.cursor.isOperator("'") && base.kind === 'symbol') {
        this.cursor.next();
        base = { kind: 'symbol', name: `${base.name}'` };
      } else return base;
    }
  }

  private raised(base: Expression): Expression {
    const isBraced = this.cursor.isOperator('{');
    const ahead = isBraced ? 1 : 0;
    if (this.cursor.isOperator('∘', ahead) || this.cursor.isOperator('°', ahead)) {
      this.cursor.next();
      if (isBraced) {
        this.cursor.next();
        this.cursor.expect('}');
      }
      return { kind: 'degree', operand: base };
    }
    if (base.kind === 'symbol' && this.cursor.isOperator("'", ahead)) {
      this.cursor.next();
      if (isBraced) {
        this.cursor.next();
        this.cursor.expect('}');
      }
      return { kind: 'symbol', name: `${base.name}'` };
    }
    return { kind: 'power', base, exponent: this.argument(false) };
  }

  /**
   * A LaTeX argument: a braced group, or one token; of a number only the first digit when `takesDigit`. Otherwise a whole
   * signed number, as in `2^-10`, or a bracket.
   */
  protected argument(takesDigit: boolean): Expression {
    return this.cursor.nested(() => {
      if (this.cursor.take('{')) {
        const inner = this.sum();
        this.cursor.expect('}');
        return inner;
      }
      if (takesDigit && this.cursor.peek().kind === 'number') {
        return numberOf(parseDecimal(this.cursor.takeDigit()));
      }
      if (this.cursor.take('-')) return { kind: 'negate', operand: this.argument(false) };
      if (this.cursor.take('+')) return this.argument(false);
      const base = this.primary();
      // Powers of powers group to the right.
      return !takesDigit && this.cursor.take('^')
        ? { kind: 'power', base, exponent: this.argument(false) }
        : base;
    });
  }

  /** A numeral, perhaps with an exponent (`1.5e3`) or in another base (`204_5`). */
  protected numeral(text: string): Expression {
    const exponentAt = text.search(/[eE]/);
    const digits = exponentAt < 0 ? text : text.slice(0, exponentAt);
    const isDecimal = digits.includes('.');
    if (exponentAt >= 0) {
      const exponent = Number(text.slice(exponentAt + 1));
      const ten = integer(10n);
      return times(numberOf(parseDecimal(digits), isDecimal), {
        kind: 'power',
        base: numberOf(ten),
        exponent: numberOf(integer(BigInt(exponent))),
      });
    }
    if (!this.cursor.take('_')) return numberOf(parseDecimal(digits), isDecimal);
    const base = namedBase(this.subscript());
    const value = base === undefined ? undefined : inBase(digits, base);
    if (value === undefined) throw new MathFault('syntax', 'no such number base');
    return numberOf(value);
  }

  /** What stands behind `_`, as text. */
  protected subscript(): string {
    if (!this.cursor.take('{')) return this.cursor.next().text;
    let name = '';
    for (let depth = 1; ;) {
      const token = this.cursor.next();
      if (token.kind === 'end') throw new MathFault('syntax', 'open subscript');
      if (token.kind === 'operator' && token.text === '{') depth += 1;
      if (token.kind === 'operator' && token.text === '}') depth -= 1;
      if (depth === 0) return name;
      name += token.text;
    }
  }
}

function single(kind: 'sum' | 'product', items: readonly Expression[]): Expression {
  const [first] = items;
  return first !== undefined && items.length === 1 ? first : { kind, items };
}

export function times(left: Expression, right: Expression): Expression {
  return left.kind === 'product'
    ? { kind: 'product', items: [...left.items, right] }
    : { kind: 'product', items: [left, right] };
}

/** The expression when it is a fraction of whole numbers between 0 and 1: the part of a mixed number. */
function properFraction(expression: Expression): Expression | undefined {
  if (expression.kind !== 'quotient') return undefined;
  const { over, under } = expression;
  if (over.kind !== 'number' || under.kind !== 'number') return undefined;
  if (over.value.under !== 1n || under.value.under !== 1n || over.value.over >= under.value.over)
    return undefined;
  return expression;
}

/** Digits (letters from ten on) in a base from 2 to 36, with at most one point. Undefined when a digit does not fit. */
export function inBase(digits: string, base: number): Rational | undefined {
  let value = 0n;
  let scale = 1n;
  let isFraction = false;
  for (const digit of digits.toLowerCase()) {
    if (digit === '.') {
      isFraction = true;
      continue;
    }
    const place = Number.parseInt(digit, 36);
    if (Number.isNaN(place) || place >= base) return undefined;
    value = value * BigInt(base) + BigInt(place);
    if (isFraction) scale *= BigInt(base);
  }
  return scale === 1n ? { over: value, under: ONE.under } : fraction(value, scale);
}
