// The clauses of a compound sentence, each to be read as a sentence of its own: "…, and the boiling point of water is
// 373.15 K". What does not stand alone is found out later, as it is for whole sentences.

import { tokenAt } from './sentence.ts';
import type { Sentence } from './sentence.ts';

export interface ClausePart {
  readonly sentence: Sentence;
  /** Where it begins in the whole sentence. */
  readonly offset: number;
}

const JOINT =
  /(?:,|;)\s(?:and|but|while|whereas|so|although|because|since|though)\s|;\s|:\s|\s(?:because|although|whereas|when|while|since)\s|—/gu;
const OPENING = /^(?:Although|Though|While|When|Because|Since|After|Before|Whereas|As)\s/u;
/** What leads to a statement and is no part of it. */
const LEAD =
  /^(?:(?:Recall|Note|Notice|Remember|Keep in mind) that\s|(?:However|Thus|Therefore|In fact|In general|In physics|For example|Generally|Conversely|Similarly|Finally|Also|Furthermore|In other words|Specifically|Hence|Mathematically|Physically),\s)/u;
const TOKENS_MIN = 4;

/** The sentence itself, then its clauses in order. */
export function clausesOf(sentence: Sentence): ClausePart[] {
  const { text } = sentence;
  const starts: number[] = [];
  const ends: number[] = [];
  const opening = OPENING.exec(text);
  const comma = opening === null ? -1 : text.search(/,\s(?!\d)/u);
  if (opening !== null && comma > 0) {
    starts.push(opening[0].length, comma + 2);
    ends.push(comma, text.length);
  }
  const lead = LEAD.exec(text)?.[0].length ?? 0;
  if (lead > 0) {
    starts.push(lead);
    ends.push(text.length);
  }
  const joints = [...text.matchAll(JOINT)].filter(({ index }) => !isInBrackets(text, index));
  for (const [index, joint] of joints.entries()) {
    starts.push(joint.index + joint[0].length);
    ends.push(joints[index + 1]?.index ?? text.length);
  }
  const parts = starts.flatMap((start, index) => partOf(sentence, start, ends[index] ?? text.length));
  return [{ sentence, offset: 0 }, ...parts];
}

function partOf(sentence: Sentence, start: number, end: number): ClausePart[] {
  const first = tokenAt(sentence, start);
  const behind = sentence.tokens.findIndex((token) => token.start >= end);
  const last = behind < 0 ? sentence.tokens.length : behind;
  const offset = sentence.tokens[first]?.start;
  if (first < 0 || offset === undefined || last - first < TOKENS_MIN) return [];
  const tokens = sentence.tokens
    .slice(first, last)
    .map((token) => ({ ...token, start: token.start - offset, end: token.end - offset }));
  const part: Sentence = {
    text: sentence.text.slice(offset, end),
    start: sentence.start + offset,
    tokens,
    tags: sentence.tags.slice(first, last),
    block: sentence.block,
    lowerCaseWords: sentence.lowerCaseWords,
  };
  return [{ sentence: part, offset }];
}

function isInBrackets(text: string, at: number): boolean {
  const before = text.slice(0, at);
  return before.lastIndexOf('(') > before.lastIndexOf(')');
}
