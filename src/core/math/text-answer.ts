// Answers in words: `\text{odd}`, "no solution", `(E)`. Compared by their letters, without fonts and punctuation.

/** Spellings of one claim, each as `textKey` gives it. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['no solution', 'no solutions', 'there is no solution', 'there are no solutions'],
  ['no real solution', 'no real solutions'],
  ['does not exist', 'dne', 'the limit does not exist'],
  ['all real numbers', 'all reals', 'all real number', 'every real number', 'real numbers'],
  ['yes', 'true'],
  ['no', 'false'],
];

/** Letters, digits and inner punctuation of an answer; fonts, dollar signs, brackets around it and the last period removed. */
export function textKey(raw: string): string {
  let text = raw;
  if (text.includes('\\')) {
    text = text
      .replaceAll(
        /\\(?:text|mathrm|mathbf|mathit|textbf|textit|textrm|mbox|operatorname|mathsf|texttt)\b\s*/g,
        '',
      )
      .replaceAll(/\\(?:left|right|quad|qquad|displaystyle)\b|\\[,;:! ]/g, ' ');
  }
  text = text
    .replaceAll(/[${}*"`]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  text = text.replace(/^[(\s]+(?=[^()]*\)\.?$)/, '').replace(/[.)!\s]+$/, '');
  return text.replace(/^(?:it|this|the answer) is (?=\S)/i, '').replace(/^(?:an?|the) (?=\S)/i, '');
}

/** Whether two answers in words say the same. Single letters keep their case: a and A may be two symbols. */
export function isSameText(truth: string, answer: string): boolean {
  const [a, b] = [textKey(truth), textKey(answer)];
  if (a === '' || b === '') return false;
  if (a === b) return true;
  if (a.length === 1 || b.length === 1) return false;
  if (a.replaceAll(' ', '') === b.replaceAll(' ', '')) return true;
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x === y || SYNONYMS.some((spellings) => spellings.includes(x) && spellings.includes(y));
}

/** Whether an answer that cannot be read as maths is words: enough letters, and no LaTeX command but a font. */
export function isText(raw: string): boolean {
  const key = textKey(raw);
  const letters = key.replaceAll(/[^\p{L}]/gu, '').length;
  return letters >= 2 && letters * 4 >= key.length && key.length <= 400 && !key.includes('\\');
}

/** What some words stand for: `all` real numbers, or `none` at all. */
export function setInWords(raw: string): 'all' | 'none' | undefined {
  const key = textKey(raw).toLowerCase();
  if (/^(?:all |every |any )real(?:s| numbers?)?$/.test(key) || key === 'real numbers') return 'all';
  return /^(?:there (?:is|are) )?no (?:real )?solutions?$|^empty set$/.test(key) ? 'none' : undefined;
}
