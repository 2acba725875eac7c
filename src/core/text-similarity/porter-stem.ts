// Stems of English words: Porter's algorithm (Program 14.3, 1980) with the extensions that NLTK has made its default, since METEOR
// is defined by NLTK's stems. It knows no other language.

const VOWELS: ReadonlySet<string> = new Set(['a', 'e', 'i', 'o', 'u']);

const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ['sky', 'sky'],
  ['skies', 'sky'],
  ['dying', 'die'],
  ['lying', 'lie'],
  ['tying', 'tie'],
  ['news', 'news'],
  ['innings', 'inning'],
  ['inning', 'inning'],
  ['outings', 'outing'],
  ['outing', 'outing'],
  ['cannings', 'canning'],
  ['canning', 'canning'],
  ['howe', 'howe'],
  ['proceed', 'proceed'],
  ['exceed', 'exceed'],
  ['succeed', 'succeed'],
]);

/** Suffix → what takes its place where the rest has a measure above 0. The first that fits is the only one tried. */
const DERIVED = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['izer', 'ize'],
  ['bli', 'ble'],
  ['alli', 'al'],
  ['entli', 'ent'],
  ['eli', 'e'],
  ['ousli', 'ous'],
  ['ization', 'ize'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['alism', 'al'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['aliti', 'al'],
  ['iviti', 'ive'],
  ['biliti', 'ble'],
  ['fulli', 'ful'],
] as const;
const QUALITIES = [
  ['icate', 'ic'],
  ['ative', ''],
  ['alize', 'al'],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ful', ''],
  ['ness', ''],
] as const;
const ENDINGS = 'al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize'.split(' ');

/** @param word in lower case */
export function porterStem(word: string): string {
  const irregular = IRREGULAR.get(word);
  if (irregular !== undefined) return irregular;
  if (word.length <= 2) return word;
  return withoutFinalE(
    withoutEnding(withoutSuffix(derived(withFinalI(withoutPast(withoutPlural(word)))), QUALITIES)),
  );
}

/** Step 1a. */
function withoutPlural(word: string): string {
  if (word.endsWith('ies')) return cut(word, word.length === 4 ? 1 : 2);
  if (word.endsWith('sses')) return cut(word, 2);
  return word.endsWith('s') && !word.endsWith('ss') ? cut(word, 1) : word;
}

/** Step 1b. */
function withoutPast(word: string): string {
  if (word.endsWith('ied')) return cut(word, word.length === 4 ? 1 : 2);
  if (word.endsWith('eed')) return measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
  const suffix = ['ed', 'ing'].find((each) => word.endsWith(each) && hasVowel(cut(word, each.length)));
  if (suffix === undefined) return word;
  const stem = cut(word, suffix.length);
  if (/(?:at|bl|iz)$/u.test(stem)) return `${stem}e`;
  if (endsDouble(stem)) return /[lsz]$/u.test(stem) ? stem : cut(stem, 1);
  return measure(stem) === 1 && endsShort(stem) ? `${stem}e` : stem;
}

/** Step 1c, only after a consonant that is not the whole word. */
function withFinalI(word: string): string {
  if (!word.endsWith('y')) return word;
  const stem = cut(word, 1);
  return stem.length > 1 && consonants(stem).at(-1) === true ? `${stem}i` : word;
}

/** Step 2; "alli" goes first, and its result through the step again. */
function derived(word: string): string {
  if (word.endsWith('alli') && measure(cut(word, 4)) > 0) return derived(cut(word, 2));
  const isRuled = DERIVED.some(([suffix]) => word.endsWith(suffix));
  if (isRuled || !word.endsWith('logi')) return withoutSuffix(word, DERIVED);
  // The "l" belongs to the stem, so that "geo" counts as "archaeo" does.
  return measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
}

/** Steps 2 and 3. */
function withoutSuffix(word: string, rules: readonly (readonly [string, string])[]): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix));
  if (rule === undefined) return word;
  const stem = cut(word, rule[0].length);
  return measure(stem) > 0 ? stem + rule[1] : word;
}

/** Step 4. */
function withoutEnding(word: string): string {
  const ending = ENDINGS.find((each) => word.endsWith(each));
  if (ending === undefined) return word;
  const stem = cut(word, ending.length);
  if (measure(stem) <= 1) return word;
  return ending === 'ion' && !/[st]$/u.test(stem) ? word : stem;
}

/** Step 5. */
function withoutFinalE(word: string): string {
  let rest = word;
  if (word.endsWith('e')) {
    const stem = cut(word, 1);
    const m = measure(stem);
    if (m > 1 || (m === 1 && !endsShort(stem))) rest = stem;
  }
  return rest.endsWith('ll') && measure(cut(rest, 1)) > 1 ? cut(rest, 1) : rest;
}

function cut(word: string, count: number): string {
  return word.slice(0, word.length - count);
}

/** For each letter whether it is a consonant; a "y" is one where the letter before it is none. */
function consonants(word: string): readonly boolean[] {
  const flags: boolean[] = [];
  for (const letter of word) {
    if (VOWELS.has(letter)) flags.push(false);
    else flags.push(letter !== 'y' || flags.at(-1) !== true);
  }
  return flags;
}

/** Porter's m: how often consonants follow vowels. */
function measure(stem: string): number {
  const flags = consonants(stem);
  return flags.filter((isConsonant, at) => isConsonant && at > 0 && flags[at - 1] === false).length;
}

function hasVowel(stem: string): boolean {
  return consonants(stem).includes(false);
}

function endsDouble(stem: string): boolean {
  return stem.length >= 2 && stem.at(-1) === stem.at(-2) && consonants(stem).at(-1) === true;
}

/** Ends in consonant, vowel, consonant (not w, x, y), or is a vowel and a consonant. */
function endsShort(stem: string): boolean {
  const flags = consonants(stem);
  if (stem.length === 2) return flags[0] === false && flags[1] === true;
  const [first, second, third] = flags.slice(-3);
  return first === true && second === false && third === true && !/[wxy]$/u.test(stem);
}
