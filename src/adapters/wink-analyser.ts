// Sentences, parts of speech and dates by wink-nlp and chrono-node: pure JavaScript, no download, no key. The one file
// that knows these libraries; what is done with their findings is the extractive generator's business.

import { casual as chrono } from 'chrono-node/en';
import type { ParsedResult } from 'chrono-node';
import model from 'wink-eng-lite-web-model';
import winkNLP from 'wink-nlp';
import type { Detail, ItsFunction, WinkMethods } from 'wink-nlp';

import type {
  AnalysedEntity,
  AnalysedSentence,
  AnalysedToken,
  TextAnalyser,
} from '../ports/text-analysis.ts';

/** The library takes these full stops for the end of a sentence. */
const ABBREVIATION =
  /(?:^|[\s([])(?:[Ff]igs?|[Ee]qs?|[Cc]h|[Ss]ec|[Nn]o|[Vv]ol|pp?|vs|cf|ca|approx|e\.g|i\.e|St|Mt|Dr|Mrs?|Ms|Prof|Jr|Sr|Gen|Col|Capt|Lt|al)\.\s*$/u;
/** Words that open a sentence and never follow an initial. */
const OPENER =
  /^(?:The|This|These|It|Its|In|A|An|When|For|If|We|That|There|As|At|On|Thus|However|Therefore|So|Here|Note|Notice|Since|One)$/u;
/** Readings that lean on today's date are refused, so this day is never seen; it keeps the library off the clock. */
const ANY_DAY = new Date(Date.UTC(2000, 0, 1));

/** An analyser; it holds the language model (some 50 MB), so one is enough for a process. */
export function createWinkAnalyser(): TextAnalyser {
  const wink = winkNLP(model, ['sbd', 'pos', 'ner']);
  return {
    analyse: (text) => analyse(wink, text),
    dateIn: (text) => {
      for (const result of chrono.parse(text, ANY_DAY)) {
        const iso = isoDate(result);
        // The library counts the "on" in front among the date.
        const lead = /^on\s+/iu.exec(result.text)?.[0].length ?? 0;
        if (iso !== undefined)
          return { iso, start: result.index + lead, end: result.index + result.text.length };
      }
      return undefined;
    },
  };
}

/** A place in the tokens of a whole text: from `first` to `last`, both included. */
interface TokenRange {
  first: number;
  last: number;
}

function analyse(wink: WinkMethods, text: string): AnalysedSentence[] {
  if (text.trim() === '') return [];
  const doc = wink.readDoc(text);
  // Functions that know no `this`, whatever their declaration says.
  const its: Readonly<Record<'pos' | 'lemma' | 'span' | 'detail', Property>> = wink.its;
  const words = doc.tokens().out();
  const tags = column<string>(doc.tokens(), its.pos);
  const lemmas = column<string>(doc.tokens(), its.lemma);
  const tokens = placed(words, text).map((place, index): AnalysedToken => ({
    ...place,
    pos: tags[index] ?? 'X',
    lemma: lemmas[index] ?? place.text,
  }));
  const ranges: TokenRange[] = [];
  for (const [first = 0, last = 0] of column<number[]>(doc.sentences(), its.span)) {
    const previous = ranges.at(-1);
    if (previous !== undefined && isUnfinished(tokens, previous, text)) previous.last = last;
    else ranges.push({ first, last });
  }
  const sentences = ranges.flatMap((range) => splitAtUnits(tokens, range));
  const spans = column<number[]>(doc.entities(), its.span);
  const entities = column<Detail>(doc.entities(), its.detail).map(({ type }, index): AnalysedEntity => {
    const [first = 0, last = 0] = spans[index] ?? [];
    return { kind: type, first, last };
  });
  return sentences.flatMap((range) => sentenceOf(range, tokens, entities, text));
}

type Property = (...parts: never[]) => unknown;

/** One property of every member of a collection. The library's types know neither `its.lemma` nor what `out` gives. */
function column<T>(collection: { out<U>(its: ItsFunction<U>): U[] | string[] }, property: Property): T[] {
  return collection.out(property as ItsFunction<T>) as T[];
}

/** The library gives words without their offsets: found again in order, each is where it must be. */
function placed(words: readonly string[], text: string): { text: string; start: number; end: number }[] {
  let from = 0;
  return words.map((word) => {
    const start = text.indexOf(word, from);
    if (start < 0) throw new Error(`the analysis of a text has a word that is not in it: "${word}"`);
    from = start + word.length;
    return { text: word, start, end: from };
  });
}

function isUnfinished(tokens: readonly AnalysedToken[], { first, last }: TokenRange, text: string): boolean {
  return ABBREVIATION.test(text.slice(tokens[first]?.start ?? 0, tokens[last]?.end ?? 0));
}

/** "… is 273 K. The boiling point …": the library takes the unit for the initial of a name. */
function splitAtUnits(tokens: readonly AnalysedToken[], { first, last }: TokenRange): TokenRange[] {
  const parts: TokenRange[] = [];
  let from = first;
  for (let at = first; at < last; at += 1) {
    if (!/^\p{L}\.$/u.test(tokens[at]?.text ?? '') || !OPENER.test(tokens[at + 1]?.text ?? '')) continue;
    parts.push({ first: from, last: at });
    from = at + 1;
  }
  return [...parts, { first: from, last }];
}

function sentenceOf(
  { first, last }: TokenRange,
  tokens: readonly AnalysedToken[],
  entities: readonly AnalysedEntity[],
  text: string,
): AnalysedSentence[] {
  const own = tokens.slice(first, last + 1).filter((token) => token.text.trim() !== '');
  const [opening] = own;
  const closing = own.at(-1);
  if (opening === undefined || closing === undefined) return [];
  const inside = entities.filter((entity) => entity.first >= first && entity.last <= last);
  return [
    {
      text: text.slice(opening.start, closing.end),
      start: opening.start,
      end: closing.end,
      tokens: own,
      entities: inside.flatMap(({ kind, first: from, last: to }) => {
        const at = own.findIndex((token) => token.start === tokens[from]?.start);
        return at < 0 ? [] : [{ kind, first: at, last: at + to - from }];
      }),
    },
  ];
}

/** Only what the text itself says: a date without its year, or counted from today, is none. */
function isoDate({ start, end, text }: ParsedResult): string | undefined {
  if (!/\d{4}/u.test(text)) return undefined;
  if (end !== undefined && end !== null) return undefined;
  const year = start.get('year');
  const month = start.get('month');
  if (!start.isCertain('year') || !start.isCertain('month') || year === null || month === null)
    return undefined;
  const day = start.get('day');
  const parts = [String(year).padStart(4, '0'), String(month).padStart(2, '0')];
  if (start.isCertain('day') && day !== null) parts.push(String(day).padStart(2, '0'));
  return parts.join('-');
}
