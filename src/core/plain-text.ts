// Takes the mark-up off a short answer: LaTeX around words and numbers, Markdown emphasis, quotes, a closing full stop. What
// it does not know stays as it is, so that the reader of the result can refuse it.

import { collapseSpace, foldUnicode } from './normalize.ts';

const WORD_COMMANDS =
  /\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathit|mathsf|mbox|operatorname|emph|boxed|fbox|underline)\s*\{([^{}]*)\}/gu;
const FRACTION = /\\[dtc]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}/gu;
const SHORT_FRACTION = /\\[dtc]?frac\s*(\d)\s*(\d)/gu;
const SIMPLE_NUMBER = /^[-+]?\d+$/u;

/** The words and numbers of `answer`, with its mark-up taken off. Meant for short answers: cost is linear, a few times over. */
export function plainText(answer: string): string {
  let text = foldUnicode(answer);
  if (text.includes('\\') || text.includes('{')) text = withoutLatex(text);
  if (text.includes('$')) text = withoutMathDollars(text);
  if (/[*_`]/u.test(text)) text = withoutMarkdown(text);
  return trimQuotes(collapseSpace(text));
}

function withoutLatex(text: string): string {
  let result = text
    .replace(/\\[()[\]]/gu, ' ')
    .replace(/(?<=\d)(?:\{,\}|,\\!|\\,)\s*(?=\d{3})/gu, ',')
    .replace(/\\[!]/gu, '')
    .replace(/\\(?:[,;: ]|quad|qquad|left|right)(?![a-zA-Z])|~/gu, ' ')
    .replace(/\\([%$&#_])/gu, '$1')
    .replace(/\^\s*\{?\s*\\circ\s*\}?|\\degree(?![a-zA-Z])/gu, '°')
    .replace(/\\(?:times|cdot)(?![a-zA-Z])/gu, '×')
    .replace(/\\approx(?![a-zA-Z])/gu, '≈')
    .replace(/\\pm(?![a-zA-Z])/gu, '±')
    .replace(/\\mu(?![a-zA-Z])\s*/gu, 'μ')
    .replace(/\\Omega(?![a-zA-Z])/gu, 'Ω')
    .replace(/\\(?:text)?(?:euro|pounds)(?![a-zA-Z])(?:\{\})?/gu, (name) =>
      name.includes('euro') ? '€' : '£',
    );
  // Nested mark-up comes off layer by layer; more than four layers is nobody's short answer.
  for (let layer = 0; layer < 4 && result.includes('{'); layer += 1) {
    const before = result;
    result = result
      .replace(WORD_COMMANDS, '$1')
      .replace(FRACTION, (_, over: string, under: string) => fraction(over, under))
      .replace(/\^\s*\{\s*([-+]?\d+)\s*\}/gu, '^$1');
    if (result === before) break;
  }
  return result.replace(SHORT_FRACTION, ' $1/$2');
}

/** A leading space keeps "5\frac{1}{2}" apart as five and a half. Brackets keep what is not a plain number in one piece. */
function fraction(over: string, under: string): string {
  const top = over.trim();
  const bottom = under.trim();
  return SIMPLE_NUMBER.test(top) && SIMPLE_NUMBER.test(bottom)
    ? ` ${top}/${bottom}`
    : ` (${top})/(${bottom})`;
}

/** "$18$" is a formula and "$18" is money: a closing dollar touches what it closes and no digit follows it. */
function withoutMathDollars(text: string): string {
  return text.replace(/\$\$([^$]+)\$\$/gu, '$1').replace(/\$(?!\s)([^$]+)(?<!\s)\$(?!\d)/gu, '$1');
}

function withoutMarkdown(text: string): string {
  return text
    .replace(/\*\*|__|`+/gu, '')
    .replace(/(?<![\p{L}\p{N}*])\*(?=\S)([^*]+)(?<=\S)\*(?![\p{L}\p{N}*])/gu, '$1')
    .replace(/(?<![\p{L}\p{N}_])_(?=\S)([^_]+)(?<=\S)_(?![\p{L}\p{N}_])/gu, '$1');
}

function trimQuotes(text: string): string {
  let start = 0;
  let end = text.length;
  if (/(?:\.|\p{L}!)$/u.test(text)) end -= 1;
  while (end - start >= 2 && (text[start] === '"' || text[start] === "'") && text[end - 1] === text[start]) {
    start += 1;
    end -= 1;
  }
  if (text[end - 1] === '.' && end - start > 1) end -= 1;
  return text.slice(start, end).trim();
}
