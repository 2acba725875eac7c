// Reads a whole answer: lists, equations and inequalities, sets, tuples, intervals, ratios, units and harmless words around a
// value. Words that change or hedge a claim are not dropped: with them the answer is prose and cannot be read.

import { cleanMath } from './clean.ts';
import { Cursor } from './cursor.ts';
import type { Expression, Joiner, RelationSign, SetOperator } from './expression.ts';
import { INPUT_CHARS_MAX, MathFault } from './limits.ts';
import { numberOf, times } from './parse-expression.ts';
import { RemarkParser } from './parse-remarks.ts';
import { integer } from './rational.ts';
import { tokenize } from './tokens.ts';
import { DOLLAR, type Unit } from './units.ts';
import { MULTIPLIERS } from './words.ts';

const RELATION_SIGNS: readonly RelationSign[] = ['=', '≠', '<', '>', '≤', '≥', '≈', '∈', '∉', '≡'];
const SET_OPERATORS: readonly SetOperator[] = ['∪', '∩', '∖'];
const SEPARATORS: ReadonlySet<string> = new Set([',', ';', 'and', '∪']);

/** The expression that an answer stands for. Throws `MathFault` when it cannot be read or is too large. */
export function parseAnswer(raw: string): Expression {
  if (raw.length > INPUT_CHARS_MAX) throw new MathFault('budget', 'answer too long');
  return new AnswerParser(new Cursor(tokenize(cleanMath(raw)))).answer();
}

class AnswerParser extends RemarkParser {
  /** A set builder is open: `|` and `:` separate. */
  #isBuilding = false;

  answer(): Expression {
    const result = this.items('');
    while (this.cursor.take('.') || this.cursor.take(',')) continue;
    if (this.cursor.peek().kind !== 'end') throw new MathFault('syntax', 'cannot read the rest');
    return result;
  }

  /** One or several relations up to the operator `close`. */
  private items(close: string): Expression {
    const items: Expression[] = [];
    const joiners = new Set<Joiner>();
    for (;;) {
      if (this.atEnd(close) && joiners.size > 0) break;
      items.push(this.relation());
      this.cursor.checkCount(items);
      const joiner = this.separator();
      if (joiner === undefined) break;
      joiners.add(joiner);
    }
    const [first] = items;
    if (first !== undefined && items.length === 1) return first;
    const joiner = joiners.has('or') ? 'or' : joiners.has('and') ? 'and' : 'comma';
    return { kind: 'list', items, joiner, isGrouped: false };
  }

  private atEnd(close: string): boolean {
    return (
      this.cursor.peek().kind === 'end' ||
      this.cursor.isOperator('.') ||
      (close !== '' && this.cursor.isOperator(close))
    );
  }

  /** `,`, `;`, `and`, `or`, `, and`; a union of inequalities is an "or". */
  private separator(): Joiner | undefined {
    let found: Joiner | undefined;
    for (;;) {
      const { kind, text } = this.cursor.peek();
      if (kind !== 'joiner' && !(kind === 'operator' && SEPARATORS.has(text))) return found;
      if (text === 'or' || text === '∪') found = 'or';
      else if (text === 'and') found = found === 'or' ? 'or' : 'and';
      else found ??= 'comma';
      this.cursor.next();
    }
  }

  private relation(): Expression {
    this.skipLeadingWords();
    const isMoney = this.cursor.take('＄');
    if (this.cursor.isOperator('≈') || this.cursor.isOperator('=')) this.cursor.next();
    const first = this.operand();
    const operands = [isMoney ? measured(first, DOLLAR) : first];
    const signs: RelationSign[] = [];
    for (;;) {
      const sign = this.relationSign();
      if (sign === undefined) break;
      signs.push(sign);
      operands.push(this.operand());
      this.cursor.checkCount(operands);
    }
    this.remark();
    if (signs.includes('≡')) return this.congruence(operands);
    return signs.length === 0 ? (operands[0] ?? first) : { kind: 'relation', operands, signs };
  }

  private relationSign(): RelationSign | undefined {
    let isNegated = false;
    if (this.cursor.is('command', 'not')) {
      this.cursor.next();
      isNegated = true;
    }
    const sign = RELATION_SIGNS.find((known) => this.cursor.isOperator(known));
    if (sign === undefined) return undefined;
    this.cursor.next();
    return isNegated ? (sign === '∈' ? '∉' : '≠') : sign;
  }

  private operand(): Expression {
    this.skipLeadingWords();
    const isMoney = this.cursor.take('＄');
    let left = withoutPoints(this.ratio());
    for (;;) {
      const operator = SET_OPERATORS.find((known) => this.cursor.isOperator(known));
      // "x < -2 ∪ x > 3" joins inequalities, not -2 and x.
      if (operator === undefined || !isSetLike(left)) break;
      this.cursor.next();
      left = { kind: 'set_operation', operator, left, right: this.ratio() };
    }
    // `3 \over 5` splits all that its group holds.
    if (this.cursor.is('command', 'over')) {
      this.cursor.next();
      left = { kind: 'quotient', over: left, under: this.ratio() };
    }
    if (this.cursor.take('＄')) return measured(left, DOLLAR);
    const multiplier = MULTIPLIERS.get(this.cursor.peek().text);
    if (multiplier !== undefined && this.cursor.peek().kind === 'word') {
      this.cursor.next();
      left = times(left, numberOf(integer(multiplier)));
    }
    const unit = this.unit();
    return unit === undefined ? (isMoney ? measured(left, DOLLAR) : left) : measured(left, unit);
  }

  private ratio(): Expression {
    const first = this.sum();
    if (this.#isBuilding || !this.cursor.isOperator(':')) return first;
    const items = [first];
    let isClock = false;
    while (this.cursor.take(':')) {
      // "12:05" is a time of day; nobody writes a ratio with a leading zero.
      isClock ||= /^0\d$/.test(this.cursor.peek().text);
      items.push(this.sum());
    }
    return { kind: 'ratio', items, isClock };
  }

  protected bracket(open: string): Expression {
    switch (open) {
      case '{':
        return this.braces();
      case '\\{':
        return this.set();
      case '(':
      case '[':
      case ']':
      case '⟨':
        return this.tuple(open);
      default:
        throw new MathFault('syntax', `"${open}" out of place`);
    }
  }

  protected cell(): Expression {
    return this.relation();
  }

  private braces(): Expression {
    if (this.cursor.take('}')) return this.primary();
    const inner = this.cursor.nested(() => this.items('}'));
    if (this.cursor.is('command', 'choose')) {
      this.cursor.next();
      const items = [inner, this.sum()];
      this.cursor.expect('}');
      return { kind: 'call', name: 'binomial', items };
    }
    this.cursor.expect('}');
    return inner.kind === 'list' ? { ...inner, isGrouped: true } : inner;
  }

  private tuple(open: string): Expression {
    const wasOutward = this.isOutward;
    this.isOutward = open === ']';
    const inner = this.cursor.nested(() => this.items(')'));
    this.isOutward = wasOutward;
    const close = this.cursor.next();
    if (close.kind !== 'operator' || !')]⟩['.includes(close.text))
      throw new MathFault('syntax', 'open bracket');
    const left = open === ']' ? '(' : open;
    const right = close.text === '[' ? ')' : close.text;
    const isRound = left === '(' && right === ')';
    const isSquare = left === '[' && right === ']';
    if (inner.kind === 'list' && !inner.isGrouped)
      return { kind: 'tuple', open: left, close: right, items: inner.items };
    if (!isRound && !isSquare) throw new MathFault('syntax', 'brackets that do not match');
    return inner;
  }

  private set(): Expression {
    if (this.cursor.take('\\}')) return { kind: 'set', items: [] };
    const wasBuilding = this.#isBuilding;
    this.#isBuilding = this.isBuilder();
    const first = this.cursor.nested(() => this.items('\\}'));
    if (this.#isBuilding && (this.cursor.take('|') || this.cursor.take(':'))) {
      this.#isBuilding = wasBuilding;
      const condition = this.cursor.nested(() => this.items('\\}'));
      this.cursor.expect('\\}');
      return { kind: 'condition_set', condition };
    }
    this.#isBuilding = wasBuilding;
    this.cursor.expect('\\}');
    return { kind: 'set', items: first.kind === 'list' ? first.items : [first] };
  }

  /** Whether the open set is `{x | …}` or `{x ∈ ℝ : …}`: a symbol comes first and a bar or colon follows it. */
  private isBuilder(): boolean {
    if (this.cursor.peek().kind !== 'symbol') return false;
    if (this.cursor.isOperator('|', 1) || this.cursor.isOperator(':', 1)) return true;
    return (
      this.cursor.isOperator('∈', 1) && (this.cursor.isOperator('|', 3) || this.cursor.isOperator(':', 3))
    );
  }

  protected opensBar(): boolean {
    if (this.#isBuilding) return false;
    for (let ahead = 1; ahead < 40; ahead += 1) {
      const token = this.cursor.peek(ahead);
      if (token.kind === 'end') return false;
      if (token.kind === 'operator' && token.text === '|') return ahead > 1;
    }
    return false;
  }
}

function isSetLike({ kind }: Expression): boolean {
  const isKnown = kind === 'tuple' || kind === 'set' || kind === 'number_set' || kind === 'condition_set';
  return isKnown || kind === 'set_operation' || kind === 'symbol';
}

/** `\mathbb{R} - \{2\}`, where the minus takes a set away. */
function withoutPoints(expression: Expression): Expression {
  const [left, taken] = expression.kind === 'sum' ? expression.items : [];
  if (left === undefined || taken?.kind !== 'negate' || taken.operand.kind !== 'set') return expression;
  return { kind: 'set_operation', operator: '∖', left, right: taken.operand };
}

function measured(operand: Expression, unit: Unit): Expression {
  return { kind: 'measured', operand, unit };
}
