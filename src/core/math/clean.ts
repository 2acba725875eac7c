// Brings the many ways to write one character down to one: unicode maths, double escapes, digit grouping. Runs before the
// tokenizer and must not change what an expression says.

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ';
const SUPERSCRIPT_MEANINGS = '0123456789+-n';
const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉';

/** Characters with a plain or LaTeX spelling. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ...pairs('−–—‒―﹣－', '-'),
  ...pairs('×⋅·∙•✕', '*'),
  ...pairs('÷∕⁄', '/'),
  ...pairs('＋', '+'),
  ...pairs('＝', '='),
  ...pairs('（', '('),
  ...pairs('）', ')'),
  ...pairs('［', '['),
  ...pairs('］', ']'),
  ...pairs('，、', ','),
  ...pairs('；', ';'),
  ...pairs('：∶', ':'),
  ...pairs('。．', '.'),
  ...pairs('％', '%'),
  ...pairs('⩽≦', '≤'),
  ...pairs('⩾≧', '≥'),
  ...pairs('′’', "'"),
  ...pairs('∣', '|'),
  ...pairs('\u00a0\u2009\u202f\u2002\u2003\u3000', ' '),
  ...pairs('\u200b\u200c\u200d\u2060\ufeff\u2061', ''),
  ...pairs('“”"∴', ''),
  ...pairs('º', '°'),
  ['∞', '\\infty '],
  ['π', '\\pi '],
  ['√', '\\sqrt '],
  ['∛', '\\sqrt[3] '],
  ['∅', '\\emptyset '],
  ['ℝ', '\\mathbb{R}'],
  ['ℤ', '\\mathbb{Z}'],
  ['ℕ', '\\mathbb{N}'],
  ['ℚ', '\\mathbb{Q}'],
  ['ℂ', '\\mathbb{C}'],
  ['∧', ' and '],
  ['∨', ' or '],
  ['…', '\\ldots '],
  ['½', '\\frac{1}{2}'],
  ['⅓', '\\frac{1}{3}'],
  ['⅔', '\\frac{2}{3}'],
  ['¼', '\\frac{1}{4}'],
  ['¾', '\\frac{3}{4}'],
  ['⅕', '\\frac{1}{5}'],
  ['⅙', '\\frac{1}{6}'],
  ['⅛', '\\frac{1}{8}'],
]);

const CURRENCIES: ReadonlyMap<string, string> = new Map([
  ['€', 'euros'],
  ['£', 'sterling'],
  ['¥', 'yen'],
  ['₹', 'rupees'],
  ['¢', 'cents'],
  ['元', 'yuan'],
]);

const GREEK_LETTERS = 'αβγδεζηθικλμνξρστυφχψωΓΔΘΛΞΠΣΦΨΩ';
const GREEK_NAMES =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega';

function pairs(from: string, to: string): [string, string][] {
  return Array.from(from, (character) => [character, to]);
}

/** `100^\circ\text{C}` and "212 degrees Fahrenheit" are temperatures, and no multiples of an angle. */
const SCALE =
  /(?:\^\s*\{?\s*\\circ\s*\}?|\^?\s*[°∘]|\s*\bdegrees?\b)\s*(?:\\(?:text|mathrm)\s*\{\s*)?([CF]|[Cc]elsius|[Ff]ahrenheit)(?![A-Za-z(^_])\s*\}?/g;
const SCALES: Readonly<Record<string, string>> = { C: 'celsius', F: 'fahrenheit' };

/** One spelling for each character; plain ASCII comes back as it is. */
export function cleanMath(raw: string): string {
  let text = raw;
  // eslint-disable-next-line no-control-regex -- the ASCII test is the point
  if (/[^\x00-\x7f]/.test(text)) text = spellOut(text);
  if (text.includes(' x ')) text = text.replaceAll(/(?<=\d) x (?=\d)/g, '*');
  if (text.endsWith('!')) text = text.replace(/(\.\d+)!$/, '$1');
  if (text.includes('.m.') || text.includes('.M.')) text = text.replaceAll(/\b([AaPp])\.([Mm])\./g, '$1$2');
  if (text.includes('\\\\')) text = unescapeTwice(text);
  if (/circ|egree|[°∘]/.test(text))
    text = text.replaceAll(SCALE, (_, scale: string) => ` \\text{${SCALES[scale] ?? scale}} `);
  if (text.includes('overline') || text.includes('dot') || text.includes('bar'))
    text = text.replaceAll(REPEATING, repeatingFraction);
  if (text.includes('...') || text.includes('dots')) text = text.replaceAll(TRAILING, repeatingFraction);
  if (SPACED_GROUPS.test(text)) text = text.replaceAll(' ', '');
  if (text.includes('!') || text.includes('{,}') || text.includes('~') || text.includes('\\'))
    text = joinDigitGroups(text);
  return text;
}

function spellOut(text: string): string {
  // "m²" marks a unit as nothing else does.
  const marked = text.replaceAll(/(?<![A-Za-z\\])([kcdm]?m)([²³])/g, ' \\text{$1}$2');
  const priced = marked
    .replaceAll(/([€£¥₹])\s?(\d[\d.,]*\d|\d)/g, '$2$1')
    .replaceAll(/[€£¥₹¢元]/g, (sign) => ` \\text{${CURRENCIES.get(sign) ?? ''}} `);
  const greek = GREEK_NAMES.split(' ');
  let result = '';
  let raised = '';
  for (const character of priced) {
    const superscript = SUPERSCRIPTS.indexOf(character);
    if (superscript >= 0) {
      raised += SUPERSCRIPT_MEANINGS[superscript] ?? '';
      continue;
    }
    if (raised !== '') {
      result += `^{${raised}}`;
      raised = '';
    }
    const subscript = SUBSCRIPTS.indexOf(character);
    const letter = GREEK_LETTERS.indexOf(character);
    if (subscript >= 0) result += `_${subscript}`;
    else if (letter >= 0) result += `\\${greek[letter] ?? ''} `;
    else result += SPELLINGS.get(character) ?? digitOf(character) ?? character;
  }
  return raised === '' ? result : `${result}^{${raised}}`;
}

/** ASCII for a decimal digit of another script: full-width, Arabic-Indic, Persian, Devanagari, Bengali. */
function digitOf(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  for (const zero of [0xff10, 0x660, 0x6f0, 0x966, 0x9e6]) {
    if (code >= zero && code < zero + 10) return String(code - zero);
  }
  return undefined;
}

/** `\\frac` for `\frac`, when the whole text is written so: a lone `\name` anywhere means that `\\` is a row break. */
function unescapeTwice(text: string): string {
  if (!/\\\\[A-Za-z]/.test(text)) return text;
  if (/(?<!\\)\\(?:\\\\)*[A-Za-z]/.test(text)) return text;
  return text.replaceAll('\\\\', '\\');
}

const REPEATING = /(\d{0,20})\.(\d{0,20})\\(?:overline|dot|bar)\s?\{?(\d{1,20})\}?/g;
/** At least three times the same digits before the dots. */
const TRAILING = /(\d{0,20})\.(\d{0,12}?)(\d{1,6}?)\3{2,6}(?:\.\.\.|\\[lc]?dots)/g;
/** `12 345` and nothing else. */
const SPACED_GROUPS = /^\s?-?\d{1,3}(?: \d{3}){1,6}\s?$/;

/** `0.1\overline{6}` is a fraction: what stands before the repeated digits, and those. */
function repeatingFraction(_match: string, whole: string, fixed: string, repeated: string): string {
  const start = `${whole}${fixed}`;
  const over = BigInt(`${start}${repeated}`) - BigInt(start === '' ? '0' : start);
  const under = (10n ** BigInt(repeated.length) - 1n) * 10n ** BigInt(fixed.length);
  return `(${over}/${under})`;
}

/** `1{,}000`, `1,\!000`, `1\,000` are one number wherever they stand; `0{,}5` has a decimal comma. */
function joinDigitGroups(text: string): string {
  return text
    .replaceAll(/(\d)(?:\{,\}|, ?\\!|\\!,|\\,|\\!|\\;|\\ |~) ?(?=\d{3}(?!\d))/g, '$1')
    .replaceAll(/(\d)\{,\}(?=\d)/g, '$1.');
}
