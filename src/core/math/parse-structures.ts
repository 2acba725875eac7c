// Reads the LaTeX commands with a structure of their own: fractions, roots, binomials, decorations, matrices and systems, sums with
// bounds.

import type { Expression } from './expression.ts';
import { MathFault } from './limits.ts';
import { determinant } from './matrix.ts';
import { ExpressionParser, numberOf } from './parse-expression.ts';
import { integer, ZERO } from './rational.ts';

export abstract class StructureParser extends ExpressionParser {
  /** Symbols that count in a sum: there, `i` is no imaginary unit. */
  protected readonly counters = new Set<string>();

  /** Cells of a matrix or rows of a system, up to `\end`. */
  protected abstract cell(): Expression;

  protected command(name: string): Expression {
    switch (name) {
      case 'frac':
      case 'tfrac':
      case 'dfrac':
      case 'cfrac': {
        const over = this.argument(true);
        return { kind: 'quotient', over, under: this.argument(true) };
      }
      case 'sqrt':
        return this.root();
      case 'binom':
      case 'tbinom':
      case 'dbinom': {
        const top = this.argument(true);
        return { kind: 'call', name: 'binomial', items: [top, this.argument(true)] };
      }
      case 'overline':
      case 'bar':
      case 'hat':
      case 'tilde':
      case 'dot':
        return this.decorated(name);
      case 'begin':
        return this.environment();
      case 'sum':
      case 'prod':
      case 'int':
      case 'iint':
      case 'oint':
      case 'lim':
      case 'limsup':
      case 'liminf':
        return this.series(name);
      default:
        throw new MathFault('syntax', `cannot read "\\${name}"`);
    }
  }

  private root(): Expression {
    let index: Expression = numberOf(integer(2n));
    if (this.cursor.take('[')) {
      index = this.sum();
      this.cursor.expect(']');
    }
    const operand = this.cursor.isOperator('{') ? this.argument(true) : this.argument(false);
    return { kind: 'call', name: 'root', items: [operand, index] };
  }

  /** `\overline{AB}` is AB; `\bar{x}` another symbol than x. */
  private decorated(name: string): Expression {
    const operand = this.argument(true);
    if (operand.kind === 'symbol' && operand.name.length === 1) {
      // The conjugate of z is written with either.
      return { kind: 'symbol', name: `${name === 'overline' ? 'bar' : name} ${operand.name}` };
    }
    return operand;
  }

  /** `\begin{name}` rows `\end{name}`. */
  private environment(): Expression {
    const name = this.environmentName();
    if (name === 'array' && this.cursor.isOperator('{')) {
      this.cursor.next();
      this.subscriptRest();
    }
    const rows: Expression[][] = [[]];
    let isCellOpen = false;
    for (;;) {
      const row = rows.at(-1) ?? [];
      if (this.cursor.is('command', 'end')) break;
      if (this.cursor.take('\\\\')) {
        rows.push([]);
        isCellOpen = false;
      } else if (this.cursor.take('&')) isCellOpen = false;
      else {
        if (isCellOpen) throw new MathFault('syntax', 'cannot read a matrix');
        row.push(this.cell());
        isCellOpen = true;
      }
      this.cursor.checkCount(row);
      this.cursor.checkCount(rows);
    }
    this.cursor.next();
    this.environmentName();
    return this.environmentValue(
      name,
      rows.filter((row) => row.length > 0),
    );
  }

  private environmentValue(name: string, rows: readonly (readonly Expression[])[]): Expression {
    const width = rows[0]?.length ?? 0;
    if (width === 0 || rows.some((row) => row.length !== width))
      throw new MathFault('syntax', 'ragged matrix');
    if (name.includes('vmatrix')) return determinant(rows);
    const isSystem =
      name === 'cases' || name.startsWith('align') || name.startsWith('gather') || name === 'equation';
    if (isSystem && width === 1) return { kind: 'list', items: rows.flat(), joiner: 'and', isGrouped: false };
    if (name.endsWith('matrix') || name === 'array' || name === 'cases') return { kind: 'matrix', rows };
    throw new MathFault('syntax', 'cannot read this environment');
  }

  private environmentName(): string {
    this.cursor.expect('{');
    return this.subscriptRest().replace('*', '');
  }

  /** The text of tokens up to the closing brace. */
  private subscriptRest(): string {
    let name = '';
    while (!this.cursor.take('}')) {
      const token = this.cursor.next();
      if (token.kind === 'end') throw new MathFault('syntax', 'open brace');
      name += token.text;
    }
    return name;
  }

  /** `\sum_{k=1}^{n} body`. Limits and integrals are kept as they look: they can only be compared as text. */
  private series(operator: string): Expression {
    let variable = '';
    let from: Expression = numberOf(ZERO);
    let to: Expression = from;
    for (;;) {
      if (this.cursor.take('_')) {
        const isBraced = this.cursor.take('{');
        if (this.cursor.peek().kind === 'symbol' || this.cursor.is('constant', 'i')) {
          variable = this.cursor.next().text;
          if (!this.cursor.take('=') && !this.cursor.take('→'))
            throw new MathFault('syntax', 'sum without start');
        }
        if (isBraced) {
          from = this.sum();
          this.cursor.expect('}');
        } else from = this.argument(true);
      } else if (this.cursor.take('^')) to = this.argument(true);
      else break;
    }
    this.counters.add(variable);
    const body = this.product();
    this.counters.delete(variable);
    return { kind: 'series', operator, variable, from, to, body };
  }
}
