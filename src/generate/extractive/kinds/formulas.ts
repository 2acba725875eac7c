// Symbols of a formula that the same sentence explains: "energy E=hf, where f is the frequency of the radiation". The formula
// stands in the question, so this kind alone may print one.

import { tidy } from '../phrases.ts';
import type { QuestionKind } from '../question-kind.ts';

const FORMULA = /(?<![\p{L}\d=])(?<left>\p{L})\s?=\s?(?<right>(?:\p{L}|\d)(?:\p{L}|[\d./·²³])*)(?=[\s,])/u;
const WHERE =
  /(?:where|and|,)\s(?<symbol>\p{L})\s(?:is|represents|stands for|corresponds to)\s(?:the\s)?(?<meaning>[\p{Ll}][\p{L}\s’'-]+?)(?=[,.;]|\s(?:and|in\s\p{L}+)\s|\s\(|$)/gu;
const MEANING_WORDS_MAX = 6;

export const formulaKind: QuestionKind = {
  name: 'formula',
  propose({ text }) {
    const formula = FORMULA.exec(text);
    const { left = '', right = '' } = formula?.groups ?? {};
    if (formula === null || right.length < 2) return [];
    const letters = new Set(`${left}${right}`);
    return [...text.matchAll(WHERE)].flatMap((match) => {
      const { symbol = '', meaning = '' } = match.groups ?? {};
      const words = tidy(meaning).split(' ').length;
      if (match.index < formula.index || !letters.has(symbol) || words > MEANING_WORDS_MAX || words < 2)
        return [];
      if (
        /\b(?:it|its|this|that|which|object|system|any|fixed|same|half|between|or)\b|\b\p{L}$/u.test(meaning)
      )
        return [];
      const start = match.index + match[0].lastIndexOf(meaning);
      return [
        {
          question: `In the formula ${left} = ${right}, what does the symbol ${symbol} stand for?`,
          answer: { start, end: start + meaning.length },
          // "frequency of the radiation" is a frequency.
          aliases: / of /u.test(meaning) ? [meaning.replace(/ of .*$/u, '')] : [],
          answerType: 'text',
        },
      ];
    });
  },
};
