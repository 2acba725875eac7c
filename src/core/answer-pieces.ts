// Cuts plain text with maths in it into pieces and says which of them can be part of an expression. Knows no grammar: what the
// pieces make together is decided by the walk over them.

type Kind =
  | 'space'
  | 'number'
  | 'letter'
  | 'prefix'
  | 'operator'
  | 'open'
  | 'close'
  | 'joiner'
  | 'comma'
  | 'other';

export interface Piece {
  readonly kind: Kind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const PIECES = /\\[A-Za-z]+|\\[^\sA-Za-z]|\d+(?:[.,/:]\d+)*|\.\d+|\p{L}+|\s+|./gu;
const FUNCTIONS = /^(?:ln|log|lg|exp|sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|sqrt|gcd|lcm|max|min)$/;

/** The pieces of `text`, which begins at `from` in a longer one. */
export function piecesOf(text: string, from: number): Piece[] {
  return Array.from(text.matchAll(PIECES), (found): Piece => {
    const [piece] = found;
    return {
      kind: kindOf(piece),
      text: piece,
      start: from + found.index,
      end: from + found.index + piece.length,
    };
  });
}

function kindOf(piece: string): Kind {
  if (/^\s/.test(piece)) return 'space';
  if (/^[.\d]?\d/.test(piece)) return 'number';
  if (/^\\(?:text|mbox|textbf|quad|qquad|begin|end|right)$/.test(piece)) return 'other';
  if (/^\\(?:cdot|times|div|pm|mp|le|leq|ge|geq|lt|gt|ne|neq|approx|cup|cap|in)$|^mod$/.test(piece))
    return 'operator';
  if (/^\\[A-Za-z]/.test(piece) || FUNCTIONS.test(piece) || /^[√∛±|⌊⌈]$/.test(piece)) return 'prefix';
  if (/^(?:and|or)$/.test(piece)) return 'joiner';
  if (/^[A-Za-zα-ωπ∞²³°]$/.test(piece)) return 'letter';
  if (/^[-−+*/^_=<>≤≥≠≈×÷·∈∪∩]$/.test(piece)) return 'operator';
  if ('([{'.includes(piece)) return 'open';
  if (')]}'.includes(piece)) return 'close';
  return piece === ',' ? 'comma' : 'other';
}
