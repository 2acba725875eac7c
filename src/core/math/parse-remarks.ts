// Reads what stands around a value: units, the modulus of a congruence, and harmless words. Words that change or hedge a claim are refused.

import type { Expression } from './expression.ts';
import { MathFault } from './limits.ts';
import { AtomParser } from './parse-atoms.ts';
import { combineUnits, powerUnit, type Unit, unitNamed } from './units.ts';
import { CLAIM_WORDS, LEADING_WORDS } from './words.ts';

/** Most words that may stand behind a value without being read. */
const REMARK_WORDS_MAX = 5;

export abstract class RemarkParser extends AtomParser {
  protected skipLeadingWords(): void {
    while (this.cursor.peek().kind === 'word' && LEADING_WORDS.has(this.cursor.peek().text))
      this.cursor.next();
  }

  /** Words behind a value that only name what was counted: `12 \text{ ways}`, `6 \text{ (in hours)}`, `(k \in \mathbb{Z})`. */
  protected remark(): void {
    if (this.cursor.isOperator('(') && this.cursor.isOperator('∈', 2)) {
      this.primary();
      return;
    }
    const isOpen =
      this.cursor.isOperator('(') &&
      !this.cursor.peek().isText &&
      this.cursor.peek(1).kind === 'word' &&
      this.cursor.take('(');
    let open = 0;
    let isUniversal = false;
    for (let words = 0; this.isRemark(words > 0); this.cursor.next()) {
      const token = this.cursor.peek();
      if (token.kind !== 'operator') words += 1;
      isUniversal = token.text === 'all' || token.text === 'every' || token.text === 'each';
      if (token.text === '(') open += 1;
      if (token.text === ')') open -= 1;
      // This bracket was opened before the remark.
      if (open < 0) break;
      if (CLAIM_WORDS.has(token.text) || words > REMARK_WORDS_MAX) throw new MathFault('syntax', 'prose');
    }
    if (isOpen) this.cursor.expect(')');
    // "for all x"
    if (isUniversal && this.cursor.peek().kind === 'symbol') {
      this.cursor.next();
      if (this.cursor.take('∈')) this.primary();
    }
  }

  /** `x ≡ 3 (mod 7)` gives x a residue class. Without a modulus it is a plain relation. */
  protected congruence(operands: readonly Expression[]): Expression {
    const [left, right] = operands;
    const isBracketed =
      this.cursor.isOperator('(') && this.cursor.peek(1).text === 'mod' && this.cursor.take('(');
    const token = this.cursor.peek();
    const hasModulus = token.text === 'mod' || token.text === 'pmod' || token.text === 'bmod';
    if (!hasModulus || left === undefined || right === undefined || operands.length !== 2) {
      throw new MathFault('syntax', 'congruence without modulus');
    }
    this.cursor.next();
    const modulus = this.argument(false);
    if (isBracketed) this.cursor.expect(')');
    const least: Expression = { kind: 'call', name: 'mod', items: [right, modulus] };
    const residue: Expression = { kind: 'call', name: 'residue', items: [least, modulus] };
    return { kind: 'relation', operands: [left, residue], signs: ['='] };
  }

  /** A word, or anything in prose but a number and "or". */
  private isRemark(isInside: boolean): boolean {
    const { kind, isText, text } = this.cursor.peek();
    if (kind === 'word') return true;
    if (kind === 'unit') return isInside || isText;
    return isText && (kind === 'symbol' || (kind === 'operator' && text !== ',' && text !== ';'));
  }

  protected isUnitLetter(): boolean {
    const token = this.cursor.peek();
    return token.isText && unitNamed(token.text, true) !== undefined;
  }

  protected unit(): Unit | undefined {
    let unit: Unit | undefined;
    let sign = 1;
    for (;;) {
      const start = this.cursor.at;
      const dimension = this.dimensionWord();
      const token = this.cursor.peek();
      const isUnit = token.kind === 'unit' || (token.kind === 'symbol' && token.isText);
      const found = isUnit ? unitNamed(token.text, true) : undefined;
      if (found === undefined) {
        this.cursor.rewind(start);
        return unit;
      }
      this.cursor.next();
      const raised = powerUnit(found, sign * (dimension === 1 ? this.unitExponent() : dimension));
      unit = unit === undefined ? raised : combineUnits(unit, raised);
      sign = this.cursor.take('/') || this.takeWord('per') ? -1 : 1;
      if (sign === 1) this.cursor.take('*');
    }
  }

  /** 2 for `square cm`, 3 for `cubic feet`, else 1. */
  private dimensionWord(): number {
    if (this.takeWord('square') || this.takeWord('sq')) return 2;
    return this.takeWord('cubic') || this.takeWord('cu') ? 3 : 1;
  }

  private takeWord(word: string): boolean {
    if (!this.cursor.is('word', word)) return false;
    this.cursor.next();
    return true;
  }

  private unitExponent(): number {
    if (this.takeWord('squared')) return 2;
    if (this.takeWord('cubed')) return 3;
    if (!this.cursor.take('^')) return 1;
    const exponent = this.argument(true);
    const operand = exponent.kind === 'negate' ? exponent.operand : exponent;
    if (operand.kind !== 'number' || operand.value.under !== 1n || operand.value.over > 9n) {
      throw new MathFault('syntax', 'exponent of a unit');
    }
    return Number(operand.value.over) * (exponent.kind === 'negate' ? -1 : 1);
  }
}
