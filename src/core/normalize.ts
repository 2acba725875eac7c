// Text normal forms shared by verifiers. They may forget how something was written, never what was written: superscripts
// do not melt into digits, a decimal point is not punctuation, and a minus sign stays.

/** How much `normalizeText` remembers. */
export interface TextForm {
  readonly caseSensitive: boolean;
  readonly keepPunctuation: boolean;
  readonly keepArticles: boolean;
}

export const LOOSE_TEXT: TextForm = { caseSensitive: false, keepPunctuation: false, keepArticles: false };

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉';

/** "U.S." and "don't": marks inside a word. */
const MARKS_IN_WORDS = /(?<=\p{L})(?:['.](?=\p{L})|_(?=\d))/gu;

/** Punctuation, but not inside a number ("3.5", "1/2", ".5"), not its sign, and not in "C#", "50%", "AT&T", "a@b". */
const LOOSE_MARKS =
  /(?!(?<=\d)[.,:/](?=\d))(?!(?<![\p{L}\p{N}])[.-](?=\.?\d))(?!(?<=\p{L})#)(?![%&@])\p{P}/gu;

const ARTICLES = /(?<![\p{L}\p{N}])(?:a|an|the)(?![\p{L}\p{N}])/giu;

/** The form in which two short texts are compared. A step that would leave nothing is not done. */
export function normalizeText(text: string, form: TextForm): string {
  let result = collapseSpace(foldUnicode(text));
  if (!form.caseSensitive) result = result.toLowerCase();
  if (!form.keepPunctuation) {
    const bare = collapseSpace(result.replace(MARKS_IN_WORDS, '').replace(LOOSE_MARKS, ' '));
    if (bare !== '') result = bare;
  }
  if (!form.keepArticles) {
    const bare = collapseSpace(result.replace(ARTICLES, ' '));
    if (bare !== '') result = bare;
  }
  return result;
}

/**
 * Compatibility form (NFKC) with ASCII digits, quotes and minus signs, without invisible characters. NFKC alone would
 * read "10²" as "102" and "5½" as "51⁄2", so powers, indices and vulgar fractions are spelled out first.
 */
export function foldUnicode(text: string): string {
  if (isAscii(text)) return text;
  return text
    .replace(/\p{Cf}/gu, '')
    .replace(/([⁺⁻]?)([⁰¹²³⁴-⁹]+)/gu, (_, sign: string, digits: string) => {
      return `^${sign === '⁻' ? '-' : ''}${placesIn(SUPERSCRIPTS, digits)}`;
    })
    .replace(/[₀-₉]+/gu, (digits) => `_${placesIn(SUBSCRIPTS, digits)}`)
    .replace(/(?<=\d)(?=[¼-¾⅐-⅞↉])/gu, ' ')
    .normalize('NFKC')
    .replace(/[⁄∕]/gu, '/')
    .replace(/[−‐‑﹣]/gu, '-')
    .replace(/[‘’ʼ′]/gu, "'")
    .replace(/[“”]/gu, '"')
    .replace(/(?![0-9])\p{Nd}/gu, asciiDigit);
}

/** One space for each run of white space, none at the ends. */
export function collapseSpace(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

/**
 * Whether `answer` repeats the question. Such an answer holds every option and every number of the prompt, so it must not
 * be searched for the right one. Short prompts do not count: "5?" is in many honest answers.
 */
export function echoesPrompt(answer: string, promptText: string): boolean {
  if (answer.length < 12 || promptText.length < 12) return false;
  const question = collapseSpace(promptText);
  return question.length >= 12 && collapseSpace(answer).includes(question);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 126) return false;
  return true;
}

function placesIn(alphabet: string, digits: string): string {
  let result = '';
  for (const digit of digits) result += String(alphabet.indexOf(digit));
  return result;
}

/** Decimal digits of any script stand in runs of ten that begin at a multiple of ten from the first of their run. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String(code - zero);
}
