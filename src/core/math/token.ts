// What a token is, and the patterns that cut text into them. The patterns are sticky: they match at one place and nowhere else.

export type TokenKind =
  | 'number'
  | 'symbol'
  | 'constant'
  | 'function'
  | 'operator'
  | 'command'
  | 'joiner'
  | 'unit'
  | 'word'
  | 'number_set'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** White space stands before it. */
  readonly isSpaced: boolean;
  /** Written as prose: `\text{m}`. */
  readonly isText: boolean;
}

export const DIGITS = /\d+(?:\.\d+)?|\.\d+/y;
export const GROUPED = /\d{1,3}(?:,\d{3})+(?!\d|,\d)(?:\.\d+)?/y;
export const EXPONENT = /(?:[eE][+-]?\d{1,6})(?![\d.A-Za-z^])/y;
export const LETTERS = /[A-Za-z]+/y;
export const RELATIONS = /<=|>=|!=|<>|==|=>|->|=<|\*\*|\.\.\.|~=/y;
export const PAIRED: Readonly<Record<string, string>> = {
  '<=': '≤',
  '=<': '≤',
  '>=': '≥',
  '!=': '≠',
  '<>': '≠',
  '==': '=',
  '=>': '→',
  '->': '→',
  '**': '^',
  '...': '…',
  '~=': '≈',
};
