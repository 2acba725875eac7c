// Reads what stands between operators: numbers, symbols, functions, absolute bars.
// Brackets hold whole answers (lists, intervals), so they are read by the class that extends this one.

import type { Expression } from './expression.ts';
import { MathFault } from './limits.ts';
import { determinant } from './matrix.ts';
import { inBase, numberOf, times } from './parse-expression.ts';
import { StructureParser } from './parse-structures.ts';
import { integer } from './rational.ts';
import { namedBase } from './words.ts';

const NO_FACTORS = new Set(['end', 'choose', 'over', 'not', 'pmod', 'mod', 'bmod']);
const PREFIX_OPERATORS = new Set(['(', '[', '{', '\\{', '⟨', '⌊', '⌈', '|(']);
/** Followed by a bracket, these are functions, not factors. */
const FUNCTION_LETTERS = new Set(['f', 'g', 'h', 'F', 'G', 'H']);
const CALLED_WITH_SYMBOL = new Set([
  'p',
  'q',
  'r',
  'P',
  'Q',
  'R',
  'S',
  'T',
  'V',
  'phi',
  'varphi',
  'sigma',
  'tau',
  'Gamma',
]);

export abstract class AtomParser extends StructureParser {
  /** A bracket and what it holds; the opening operator has been taken. */
  protected abstract bracket(open: string): Expression;

  /** `]0, 1[` is open: there, `[` closes. */
  protected isOutward = false;

  protected startsFactor(): boolean {
    const token = this.cursor.peek();
    switch (token.kind) {
      case 'number':
      case 'constant':
      case 'function':
        return true;
      case 'symbol':
        return !this.isUnitLetter();
      case 'command':
        return !NO_FACTORS.has(token.text);
      case 'operator':
        // "(k ∈ ℤ)" behind a value is a remark.
        if (token.text === '(' && (this.cursor.isOperator('∈', 2) || this.cursor.peek(1).kind === 'word'))
          return false;
        if (token.text === '(' && this.cursor.peek(1).text === 'mod') return false;
        if (token.text === '[' && this.isOutward) return false;
        return PREFIX_OPERATORS.has(token.text) || (token.text === '|' && this.bars === 0 && this.opensBar());
      case 'end':
      case 'joiner':
      case 'number_set':
      case 'unit':
      case 'word':
        return false;
    }
  }

  /** A single letter in prose behind a value, `5 \text{ m}`. */
  protected abstract isUnitLetter(): boolean;

  /** Whether a `|` behind a value opens: there is another one, and no set builder around. */
  protected abstract opensBar(): boolean;

  protected primary(): Expression {
    return this.cursor.nested(() => this.atom());
  }

  private atom(): Expression {
    const token = this.cursor.next();
    switch (token.kind) {
      case 'number':
        return this.numeral(token.text);
      case 'symbol':
        return this.symbol(token.text);
      case 'constant':
        if (token.text === 'i' || token.text === 'e') return this.letterConstant(token.text);
        return { kind: 'constant', name: token.text === 'pi' ? 'pi' : 'infinity' };
      case 'number_set':
        return token.text === '∅' ? { kind: 'set', items: [] } : { kind: 'number_set', name: token.text };
      case 'function':
        return this.functionCall(token.text);
      case 'command':
        return this.command(token.text);
      case 'operator':
        return this.opened(token.text);
      case 'end':
      case 'joiner':
      case 'unit':
      case 'word':
        throw new MathFault('syntax', 'a value is missing');
    }
  }

  private letterConstant(name: 'i' | 'e'): Expression {
    if (this.cursor.isOperator('_')) return this.symbol(name);
    return this.counters.has(name) ? { kind: 'symbol', name } : { kind: 'constant', name };
  }

  private opened(text: string): Expression {
    switch (text) {
      case '|':
      case '|(':
      case '‖': {
        this.bars += 1;
        const operand = this.sum();
        this.bars -= 1;
        if (!this.cursor.take(text) && !this.cursor.take('|)')) this.cursor.expect('|');
        return { kind: 'call', name: 'abs', items: [operand] };
      }
      case '⌊':
      case '⌈': {
        const operand = this.sum();
        this.cursor.expect(text === '⌊' ? '⌋' : '⌉');
        return { kind: 'call', name: text === '⌊' ? 'floor' : 'ceil', items: [operand] };
      }
      default: {
        const bars = this.bars;
        this.bars = 0;
        const result = this.bracket(text);
        this.bars = bars;
        return result;
      }
    }
  }

  private symbol(letter: string): Expression {
    let name = letter;
    if (this.cursor.take('_')) {
      const subscript = this.subscript();
      const base = namedBase(subscript);
      const value =
        base !== undefined && base > 10 && /^[A-Z]$/.test(letter) ? inBase(letter, base) : undefined;
      if (value !== undefined) return numberOf(value);
      name = `${letter}_${subscript}`;
    }
    while (this.cursor.take("'")) name += "'";
    if (FUNCTION_LETTERS.has(letter) && this.takesInverse()) name += '^-1';
    return this.isCalled(letter)
      ? { kind: 'call', name, items: this.callArguments() }
      : { kind: 'symbol', name };
  }

  private isCalled(letter: string): boolean {
    if (!this.cursor.isOperator('(')) return false;
    if (FUNCTION_LETTERS.has(letter)) return true;
    return (
      CALLED_WITH_SYMBOL.has(letter) &&
      this.cursor.peek(1).kind === 'symbol' &&
      this.cursor.isOperator(')', 2)
    );
  }

  /** `f^{-1}` before a bracket is the inverse function. */
  private takesInverse(): boolean {
    const braced = ['^', '{', '-', '1', '}', '('];
    if (!braced.every((text, ahead) => this.cursor.peek(ahead).text === text)) return false;
    for (let taken = 1; taken < braced.length; taken += 1) this.cursor.next();
    return true;
  }

  private callArguments(): readonly Expression[] {
    const bracket = this.primary();
    return bracket.kind === 'tuple' ? bracket.items : [bracket];
  }

  /** `\sin^2 x`, `\log_2 8`, `\max(1, 2)`. Without brackets a function takes the factors up to the next function. */
  private functionCall(name: string): Expression {
    if (name === 'sqrt') return this.command('sqrt');
    let base: Expression | undefined = name === 'lg' ? numberOf(integer(10n)) : undefined;
    let exponent: Expression | undefined;
    for (;;) {
      if (this.cursor.take('_')) base = this.argument(true);
      else if (this.cursor.take('^')) exponent = this.argument(true);
      else break;
    }
    const items = this.functionArguments();
    const isInverse =
      exponent?.kind === 'negate' && exponent.operand.kind === 'number' && exponent.operand.value.over === 1n;
    const meaning = name === 'lg' ? 'log' : isInverse ? `a${name}` : name;
    const call: Expression = {
      kind: 'call',
      name: meaning,
      items: base === undefined ? items : [...items, base],
    };
    const [matrix] = items;
    if (name === 'det' && matrix?.kind === 'matrix') return determinant(matrix.rows);
    return exponent === undefined || isInverse ? call : { kind: 'power', base: call, exponent };
  }

  private functionArguments(): readonly Expression[] {
    const token = this.cursor.peek();
    if (
      token.kind === 'operator' &&
      PREFIX_OPERATORS.has(token.text) &&
      token.text !== '|(' &&
      token.text !== '⌊'
    ) {
      const bracket = this.primary();
      return bracket.kind === 'tuple' || bracket.kind === 'set' || bracket.kind === 'list'
        ? bracket.items
        : [bracket];
    }
    if (this.cursor.take('-')) return [{ kind: 'negate', operand: this.functionFactors() }];
    return [this.functionFactors()];
  }

  private functionFactors(): Expression {
    let argument = this.power();
    while (this.startsFactor() && this.cursor.peek().kind !== 'function' && !this.cursor.isOperator('(')) {
      argument = times(argument, this.power());
    }
    return argument;
  }
}
