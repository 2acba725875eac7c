// Lists with their number: "There are three main temperature scales: Celsius, Fahrenheit, and Kelvin".

import { tidy } from '../phrases.ts';
import type { QuestionKind } from '../question-kind.ts';

const COUNT = '(?<count>two|three|four|five|six|seven|eight)';
const ITEM = String.raw`(?:the\s)?[\p{L}][\p{L}’'-]*(?:\s[\p{L}’'-]+){0,3}`;
const ITEMS = String.raw`(?<items>${ITEM}(?:,\s${ITEM})*,?\sand\s${ITEM})`;
const THINGS = String.raw`(?<things>(?:[\p{L}-]+\s){0,3}[\p{L}-]+?s(?:\sof\s(?:[\p{L}-]+\s?){1,4})?)`;
const FORMS: readonly RegExp[] = [
  new RegExp(String.raw`^There\sare\s${COUNT}\s${THINGS}\s?[:—]\s?${ITEMS}\.?$`, 'u'),
  new RegExp(String.raw`^The\s${COUNT}\s${THINGS}\sare\s(?:called\s)?${ITEMS}(?:[.;]|$)`, 'u'),
  new RegExp(String.raw`^The\s${COUNT}\s${THINGS}\sare\s?:\s?${ITEMS}(?:[.;]|$)`, 'u'),
];
/** "The two wire coils" are those of one device; types, methods and parts of something are known to everybody. */
const SORT =
  /\b(?:of|main|basic|major|fundamental|types|kinds|methods|different|common|primary|official|classical)\b/u;
const WORD_NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

export const listKind: QuestionKind = {
  name: 'list',
  propose({ text }) {
    for (const form of FORMS) {
      const match = form.exec(text);
      const { count = '', things = '', items = '' } = match?.groups ?? {};
      if (match === null) continue;
      const parts = items.replace(/,?\sand\s/u, ', ').split(', ');
      // One item more or less, and the list was read wrongly.
      if (parts.length !== WORD_NUMBERS.indexOf(count)) return [];
      if (!SORT.test(things)) return [];
      const start = match.index + match[0].lastIndexOf(items);
      return [
        {
          question: `What are the ${count} ${tidy(things)}?`,
          answer: { start, end: start + items.length },
          aliases: [],
          answerType: 'list',
        },
      ];
    }
    return [];
  },
};
