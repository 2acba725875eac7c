// Cuts LaTeX or plain maths into tokens. Knows spelling, not grammar: it never fails on an unknown word, it names it.

import {
  FUNCTIONS,
  GREEK,
  IGNORED_COMMANDS,
  IGNORED_WITH_ARGUMENT,
  OPERATOR_COMMANDS,
  SERIES_COMMANDS,
  STRUCTURE_COMMANDS,
  TEXT_COMMANDS,
  TRANSPARENT_COMMANDS,
} from './commands.ts';
import { lettersMeaning } from './letters.ts';
import { MathFault, TOKENS_MAX } from './limits.ts';
import {
  DIGITS,
  EXPONENT,
  GROUPED,
  LETTERS,
  PAIRED,
  RELATIONS,
  type Token,
  type TokenKind,
} from './token.ts';

/** Tokens of cleaned text. Throws `MathFault` (budget) beyond `TOKENS_MAX`. */
export function tokenize(text: string): Token[] {
  return new Tokenizer(text, false).run();
}

class Tokenizer {
  readonly #text: string;
  readonly #isText: boolean;
  readonly #tokens: Token[] = [];
  #at = 0;
  #isSpaced = false;
  #brackets = 0;

  constructor(text: string, isText: boolean) {
    this.#text = text;
    this.#isText = isText;
  }

  run(): Token[] {
    while (this.#at < this.#text.length) this.#step();
    return this.#tokens;
  }

  #step(): void {
    const character = this.#text.charAt(this.#at);
    if (
      character === ' ' ||
      character === '\n' ||
      character === '\t' ||
      character === '\r' ||
      character === '~'
    ) {
      this.#at += 1;
      this.#isSpaced = true;
    } else if (character === '\\') this.#command();
    else if ((character >= '0' && character <= '9') || character === '.') this.#number();
    else if ((character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')) {
      const run = this.#match(LETTERS) ?? '';
      const following = this.#text.slice(this.#at, this.#at + 9);
      for (const [kind, text] of lettersMeaning(run, following, this.#isText)) this.#push(kind, text);
    } else if (character === '$' || character === '`') {
      this.#at += 1;
      this.#isSpaced = true;
    } else this.#operator(character);
  }

  #push(kind: TokenKind, text: string): void {
    if (this.#tokens.length >= TOKENS_MAX) throw new MathFault('budget', 'too many tokens');
    this.#tokens.push({ kind, text, isSpaced: this.#isSpaced, isText: this.#isText });
    this.#isSpaced = false;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #number(): void {
    // "1,000" is one number, but "(12,102)" is a pair.
    const grouped = this.#brackets === 0 ? this.#match(GROUPED) : undefined;
    const digits = grouped?.replaceAll(',', '') ?? this.#match(DIGITS);
    if (digits === undefined) {
      if (this.#text.startsWith('...', this.#at)) {
        this.#at += 3;
        this.#push('symbol', '…');
        return;
      }
      this.#at += 1;
      if (this.#text.slice(this.#at).trim() !== '') this.#push('operator', '.');
      return;
    }
    this.#push('number', digits + (this.#match(EXPONENT) ?? ''));
  }

  #operator(character: string): void {
    const paired = this.#match(RELATIONS);
    const operator = paired === undefined ? character : (PAIRED[paired] ?? paired);
    if (paired === undefined) this.#at += character.length;
    if (operator === '…') {
      this.#push('symbol', operator);
      return;
    }
    if (operator === '(' || operator === '[') this.#brackets += 1;
    else if ((operator === ')' || operator === ']') && this.#brackets > 0) this.#brackets -= 1;
    this.#push('operator', operator);
  }

  #command(): void {
    this.#at += 1;
    const name = this.#match(LETTERS);
    if (name === undefined) {
      this.#escaped();
      return;
    }
    if (name === 'left' || name === 'right') this.#sizedDelimiter(name);
    else this.#named(name);
  }

  /** A backslash and a sign: `\{`, `\%`, `\,`, `\\`. */
  #escaped(): void {
    const character = this.#text.charAt(this.#at);
    this.#at += 1;
    if (character === '{' || character === '}') {
      this.#brackets += character === '{' ? 1 : this.#brackets > 0 ? -1 : 0;
      this.#push('operator', `\\${character}`);
    } else if (character === '\\') this.#push('operator', '\\\\');
    else if (character === '%' || character === '&' || character === '_' || character === '#') {
      this.#push('operator', character === '&' ? 'and' : character);
    } else if (character === '$') this.#push('operator', '＄');
    else if (character === '|') this.#push('operator', '‖');
    else this.#isSpaced = true;
  }

  #sizedDelimiter(name: 'left' | 'right'): void {
    this.#isSpaced = true;
    while (this.#text.charAt(this.#at) === ' ') this.#at += 1;
    const next = this.#text.charAt(this.#at);
    if (next === '.') this.#at += 1;
    else if (next === '|') {
      this.#at += 1;
      this.#push('operator', name === 'left' ? '|(' : '|)');
    }
  }

  #named(name: string): void {
    const operator = OPERATOR_COMMANDS.get(name);
    if (operator !== undefined) {
      if (operator === 'and' || operator === 'or') this.#push('joiner', operator);
      else this.#push('operator', operator);
    } else if (IGNORED_COMMANDS.has(name)) this.#isSpaced = true;
    else if (FUNCTIONS.has(name) && name !== 'sqrt') this.#push('function', FUNCTIONS.get(name) ?? name);
    else if (GREEK.has(name)) this.#push('symbol', name);
    else if (name === 'pi') this.#push('constant', 'pi');
    else if (name === 'infty') this.#push('constant', 'infinity');
    else if (name === 'emptyset' || name === 'varnothing') this.#push('number_set', '∅');
    else if (
      name === 'ldots' ||
      name === 'dots' ||
      name === 'cdots' ||
      name === 'dotsc' ||
      name === 'dotsb'
    ) {
      this.#push('symbol', '…');
    } else if (SERIES_COMMANDS.has(name) || STRUCTURE_COMMANDS.has(name)) this.#push('command', name);
    else if (TEXT_COMMANDS.has(name)) this.#styled(name, this.#argument());
    else if (/^[RZQN]$/.test(name)) this.#push('number_set', name);
    else if (name === 'mathbb' || name === 'Bbb') this.#push('number_set', this.#argument().trim());
    else if (IGNORED_WITH_ARGUMENT.has(name)) this.#argument();
    else if (TRANSPARENT_COMMANDS.has(name)) this.#isSpaced = true;
    else this.#unknown(name);
  }

  /** `\quadx` is `\quad x`; any other unknown command is a word. */
  #unknown(name: string): void {
    const known = /^(?:qquad|quad|cdot|times|leq|geq|pi|pm|sin|cos|tan|ln|log)(?=[A-Za-z])/.exec(name)?.[0];
    if (known === undefined) {
      this.#push('word', name);
      return;
    }
    this.#at -= name.length - known.length;
    this.#named(known);
  }

  /** The raw `{…}` that follows, or the next character. */
  #argument(): string {
    while (this.#text.charAt(this.#at) === ' ') this.#at += 1;
    if (this.#text.charAt(this.#at) === '*') this.#at += 1;
    if (this.#text.charAt(this.#at) !== '{') return this.#text.charAt(this.#at++);
    const start = this.#at + 1;
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text.charAt(this.#at);
      if (character === '\\') this.#at += 1;
      else if (character === '{') depth += 1;
      else if (character === '}') {
        depth -= 1;
        if (depth === 0) {
          this.#at += 1;
          return this.#text.slice(start, this.#at - 1);
        }
      }
    }
    return this.#text.slice(start);
  }

  /** `\mathbf{R}` is the set of reals; other fonts say nothing. */
  #styled(font: string, content: string): void {
    const isSet = font === 'mathbf' && /^[RZQNC]$/.test(content);
    if (isSet) this.#push('number_set', content);
    else this.#prose(content);
  }

  /** Words inside maths. Nested prose commands are rare enough to be one level deep here. */
  #prose(content: string): void {
    const plain = content.includes('\\') ? content.replaceAll(/\\[A-Za-z]+|[\\{}]/g, ' ') : content;
    for (const token of new Tokenizer(plain, true).run()) {
      if (this.#tokens.length >= TOKENS_MAX) throw new MathFault('budget', 'too many tokens');
      this.#tokens.push(token);
    }
    this.#isSpaced = true;
  }
}
