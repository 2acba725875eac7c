// What can be told of a text without reading it: how long it is, how much of it is menus, repeats or damage. Shares are of
// characters, in [0, 1].

/** Scripts that are written without blanks between words. */
const UNSPACED = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}`;
const PIECES = new RegExp(
  String.raw`[${UNSPACED}]|(?![${UNSPACED}])[\p{L}\p{M}]+|\p{N}{1,3}|[^\s\p{L}\p{M}\p{N}]`,
  'gu',
);
const UNSPACED_LETTERS = new RegExp(`[${UNSPACED}]`, 'gu');

/** What stands on pages around the text, whatever the page is about. */
const PAGE_FURNITURE =
  /\b(?:all rights reserved|privacy policy|cookie (?:policy|settings|preferences)|(?:accept|use[sd]?|this site uses) (?:all )?cookies|terms (?:of (?:service|use)|and conditions)|skip to (?:main )?content|(?:sign|log) ?(?:in|up|out)\b.{0,20}(?:account|register|sign|log)|subscribe (?:to|now)|newsletter|click here|read more|share (?:this|on)|follow us|back to top|enable javascript|add to (?:cart|basket|wishlist)|related (?:posts|articles)|previous (?:post|article|page)|next (?:post|article|page)|leave a (?:comment|reply)|powered by|site ?map|advertisement|forgot (?:your )?password)\b|©|\(c\) (?:19|20)\d\d/iu;
/** Entries of a menu in one line. */
const MENU = /(?:[|»›·•→>]\s*[^|»›·•→>]{1,40}\s*){3,}/u;
const LINK_ONLY = /^(?:[-*+•]\s*)?(?:!?\[[^\]]*\]\([^)]*\)\s*)+$|^https?:\/\/\S+$/u;
const FURNITURE_WORDS_MAX = 25;

const DAMAGE = /\uFFFD|(?![\t\n\f\r])\p{Cc}|\p{Co}/gu;
/** UTF-8 that was read as Latin-1 or Windows-1252: "Ã©", "â€™". */
const MOJIBAKE = /[ÂÃ][\u0080-\u00BF]|â€[\u0080-\u2122\u009D]?|ï»¿/gu;
/** One lost character spoils the words around it. */
const DAMAGE_WEIGHT = 10;
const LONG_RUN = /[^\s/]{60,}/gu;

/** Words, single digits groups and marks: no more than what a tokenizer makes of the text. */
export function pieceCount(text: string): number {
  return text.match(PIECES)?.length ?? 0;
}

/** Share of the text in lines that belong to a page rather than to what it says. */
export function boilerplateShare(text: string): number {
  return shareOfLines(text, isBoilerplate);
}

/** Share of the text in lines that stood there before. */
export function repeatedShare(text: string): number {
  const seen = new Set<string>();
  return shareOfLines(text, (line) => {
    // A rule or a bracket is no line of its own.
    if (!/[\p{L}\p{N}]/u.test(line)) return false;
    const key = line.toLowerCase().replaceAll(/\s+/gu, ' ');
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}

/** Share of what is damaged: lost characters, wrong decoding, runs that no language has. */
export function garbledShare(text: string): number {
  const solid = text.replaceAll(/\s+/gu, '');
  if (solid === '') return 0;
  const spaced = text.replaceAll(UNSPACED_LETTERS, ' ');
  const damaged =
    lengthOf(text, DAMAGE) * DAMAGE_WEIGHT +
    lengthOf(text, MOJIBAKE) * DAMAGE_WEIGHT +
    lengthOf(spaced, LONG_RUN);
  return Math.min(1, damaged / solid.length);
}

/** Share of letters among all that is not white space. */
export function letterShare(text: string): number {
  const solid = text.replaceAll(/\s+/gu, '');
  return solid === '' ? 0 : lengthOf(solid, /[\p{L}\p{M}]/gu) / solid.length;
}

function isBoilerplate(line: string): boolean {
  if (LINK_ONLY.test(line) || MENU.test(line)) return true;
  return line.split(/\s+/u).length <= FURNITURE_WORDS_MAX && PAGE_FURNITURE.test(line);
}

function shareOfLines(text: string, counts: (line: string) => boolean): number {
  let all = 0;
  let counted = 0;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    all += line.length;
    if (line !== '' && counts(line)) counted += line.length;
  }
  return all === 0 ? 0 : counted / all;
}

function lengthOf(text: string, pattern: RegExp): number {
  let length = 0;
  for (const [match] of text.matchAll(pattern)) length += match.length;
  return length;
}
