// Tells the language of a passage by its commonest words. Good for a page, not for a sentence: it says "unknown" rather than
// guess.

/** Words that hardly a paragraph of the language goes without, and that few others share. */
const FUNCTION_WORDS: Readonly<Record<string, readonly string[]>> = {
  en: 'the of and is that with for are was this by which from be'.split(' '),
  de: 'der die und das ist nicht mit den von ein eine auf wird sich'.split(' '),
  fr: 'le les des est une dans que pour qui du sur avec pas cette'.split(' '),
  es: 'el los las una del que por con para como más esta fue son'.split(' '),
  it: 'il gli di che una della per con sono nel anche dei alla è'.split(' '),
  pt: 'os uma não do da em para com que são mais foi pelo ao'.split(' '),
  nl: 'het een van en dat niet zijn met voor wordt ook aan op bij'.split(' '),
};

export const LANGUAGES = Object.keys(FUNCTION_WORDS);

const READ_CHARS_MAX = 20_000;
const WORDS_MIN = 30;
/** Running text has four in ten; tables and formulas have fewer. */
const SHARE_MIN = 0.06;

/** The language that most of the words speak for; undefined where too few speak for any. */
export function languageOf(text: string): string | undefined {
  const words =
    text
      .slice(0, READ_CHARS_MAX)
      .toLowerCase()
      .match(/[\p{L}\p{M}]+/gu) ?? [];
  if (words.length < WORDS_MIN) return undefined;
  let best: { readonly language: string; readonly hits: number } | undefined;
  for (const [language, list] of Object.entries(FUNCTION_WORDS)) {
    const known = new Set(list);
    const hits = words.filter((word) => known.has(word)).length;
    if (best === undefined || hits > best.hits) best = { language, hits };
  }
  return best !== undefined && best.hits / words.length >= SHARE_MIN ? best.language : undefined;
}
