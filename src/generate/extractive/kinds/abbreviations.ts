// Abbreviations behind what they abbreviate: "magnetic resonance imaging (MRI)". Only where the letters are the initials.

import type { QuestionKind } from '../question-kind.ts';

const SHORT = /\((?:abbreviated\s(?:as\s)?)?(?<short>\p{Lu}[\p{Lu}]{1,6})s?\)/gu;
const STANDS =
  /\b(?<short>\p{Lu}{2,7})\)?,?\s(?:which\s)?stands\sfor\s(?:the\s)?(?<long>[\p{L}][\p{L}\s-]+?)(?=[,.;)])/u;
const SMALL = /^(?:of|the|and|for|by|in|on|to|a)$/iu;

export const abbreviationKind: QuestionKind = {
  name: 'abbreviation',
  propose({ text }) {
    const stated = STANDS.exec(text);
    if (stated?.groups !== undefined && stated !== null) {
      const { short = '', long = '' } = stated.groups;
      const start = stated.index + stated[0].length - long.length;
      if (initialsFit(long.split(/[\s-]+/u), short)) return [proposal(short, start, start + long.length)];
    }
    const found = [];
    for (const match of text.matchAll(SHORT)) {
      const short = match.groups?.['short'] ?? '';
      const start = longFormStart(text.slice(0, match.index).trimEnd(), short);
      if (start !== undefined)
        found.push(proposal(short, start, text.slice(0, match.index).trimEnd().length));
    }
    return found;
  },
};

function proposal(short: string, start: number, end: number) {
  return {
    question: `What does the abbreviation ${short} stand for?`,
    answer: { start, end },
    aliases: [],
    answerType: 'text' as const,
  };
}

/** Where the words begin whose initials are `short`; they end where `before` ends. */
function longFormStart(before: string, short: string): number | undefined {
  const words = [...before.matchAll(/[\p{L}]+/gu)];
  for (let count = short.length; count <= short.length + 3 && count <= words.length; count += 1) {
    const own = words.slice(-count);
    const [first] = own;
    if (first === undefined) return undefined;
    const long = before.slice(first.index);
    if (/[,.;:()]/u.test(long) || SMALL.test(first[0])) continue;
    if (
      initialsFit(
        own.map(([word]) => word),
        short,
      )
    )
      return first.index;
  }
  return undefined;
}

function initialsFit(words: readonly string[], short: string): boolean {
  const all = words.map((word) => word.charAt(0).toUpperCase()).join('');
  const telling = words
    .filter((word) => !SMALL.test(word))
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
  return all === short || telling === short;
}
