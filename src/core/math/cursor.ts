// A place in a list of tokens, with the depth limit that every nested rule goes through.

import { DEPTH_MAX, ITEMS_MAX, MathFault } from './limits.ts';
import type { Token, TokenKind } from './token.ts';

const END: Token = { kind: 'end', text: '', isSpaced: false, isText: false };

export class Cursor {
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  get at(): number {
    return this.#at;
  }

  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? END;
  }

  next(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  /** Goes back to an earlier place. */
  rewind(at: number): void {
    this.#at = at;
  }

  is(kind: TokenKind, text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === kind && token.text === text;
  }

  isOperator(text: string, ahead = 0): boolean {
    return this.is('operator', text, ahead);
  }

  /** Takes the operator when it comes next. */
  take(text: string): boolean {
    if (!this.isOperator(text)) return false;
    this.#at += 1;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) throw new MathFault('syntax', `expected "${text}"`);
  }

  /** Takes the first digit off the number that comes next: `\frac12` is a half. `\frac 12e3` is typeset as 1/2 times e3. */
  takeDigit(): string {
    const token = this.peek();
    if (/e/i.test(token.text)) throw new MathFault('syntax', 'an exponent where one digit is taken');
    if (token.text.length === 1 || token.text.includes('.')) return this.next().text;
    this.#tokens[this.#at] = { ...token, text: token.text.slice(1), isSpaced: false };
    return token.text.charAt(0);
  }

  /** Runs one nested rule. */
  nested<T>(rule: () => T): T {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw new MathFault('budget', 'nested too deeply');
    const result = rule();
    this.#depth -= 1;
    return result;
  }

  checkCount(items: readonly unknown[]): void {
    if (items.length > ITEMS_MAX) throw new MathFault('budget', 'too many items');
  }
}
