// Who did what, where the deed tells the person apart without a date; and where a person was from.

import { readClause } from '../clause.ts';
import { NATIONALITY, nameAliases, personAt, personIn } from '../names.ts';
import { tidy } from '../phrases.ts';
import type { Proposal, QuestionKind } from '../question-kind.ts';
import { textOf, tokenAt } from '../sentence.ts';
import type { Sentence, TokenSpan } from '../sentence.ts';

const DEED =
  /^(?:discovered|invented|proposed|explained|showed|developed|demonstrated|found|derived|formulated|realized|recognized|suggested|predicted|coined|designed|built|founded|wrote|painted|composed|introduced|established|created|measured|proved|observed|devised|isolated|published|discovers?|invents?)$/u;
const RELATIVE = /(?:\s\([^)]*\))?,\swho\s(?:first\s)?(?<verb>\p{L}+)\s(?<deed>[^,;:—.]+)/u;
const END = /[,;:—]|\s(?:when|while|after|because|which|who)\s|\.?$/u;
const WORDS_MIN = 4;
const WORDS_MAX = 30;

export const deedKind: QuestionKind = {
  name: 'deed',
  propose(sentence) {
    return relativeDeed(sentence) ?? mainDeed(sentence);
  },
};

/** "Hans Christian Oersted, who found that …". */
function relativeDeed(sentence: Sentence): Proposal[] | undefined {
  const match = RELATIVE.exec(sentence.text);
  const { verb = '', deed = '' } = match?.groups ?? {};
  if (match === null || !DEED.test(verb)) return undefined;
  const last = tokenAt(sentence, match.index) - (sentence.text[match.index] === ',' ? 1 : 1);
  const person = personEndingAt(sentence, last);
  return person === undefined ? undefined : ask(sentence, person, `${verb} ${tidy(deed)}`);
}

function personEndingAt(sentence: Sentence, last: number): TokenSpan | undefined {
  for (let first = Math.max(0, last - 4); first < last; first += 1) {
    if (NATIONALITY.test(sentence.tokens[first]?.text ?? '')) continue;
    const person = personAt(sentence, first);
    if (person?.last === last) return person;
  }
  return undefined;
}

function mainDeed(sentence: Sentence): Proposal[] {
  const clause = readClause(sentence);
  const verb = sentence.tokens[clause?.verb ?? -1]?.text ?? '';
  if (clause?.form !== 'past' || !DEED.test(verb)) return [];
  const person = personIn(sentence, clause.subjectSpan);
  if (person?.last !== clause.subjectSpan.last || textOf(sentence, clause.subjectSpan).includes(' and '))
    return [];
  const rest = sentence.text.slice(clause.restStart);
  // A date is asked with its question elsewhere; without the date the deed may be another one.
  if (/\b(?:1\d{3}|20\d{2})\b/u.test(sentence.text.replace(/\([^)]*\)/gu, ''))) return [];
  return ask(sentence, person, `${verb} ${tidy(rest.slice(0, rest.search(END)))}`);
}

function ask(sentence: Sentence, person: TokenSpan, deed: string): Proposal[] {
  const words = deed.split(' ').length;
  if (words < WORDS_MIN || words > WORDS_MAX || /\b(?:of|the|a|in|to|by|and|with|for|using)$/u.test(deed))
    return [];
  return [
    {
      question: `Who ${deed}?`,
      answer: {
        start: sentence.tokens[person.first]?.start ?? 0,
        end: sentence.tokens[person.last]?.end ?? 0,
      },
      aliases: nameAliases(textOf(sentence, person)),
      answerType: 'text',
    },
  ];
}

const ORIGIN = /\b(?<nation>\p{Lu}\p{Ll}+)\s(?<role>(?:\p{Ll}+\sand\s)?\p{Ll}+),?\s(?=\p{Lu})/gu;
const APPOSED_ORIGIN =
  /^(?:\s\([^)]*\))?,\san?\s(?<nation>\p{Lu}\p{Ll}+)\s(?<role>(?:\p{Ll}+\sand\s)?\p{Ll}+)(?=[.,;]|\s(?:who|whose|and|in|of|from|at|by|with|for|on)\b)/u;
const ROLE =
  /(?:ist|er|or|ian|ect|man|woman|poet|monk|chemist|king|queen|surgeon|pilot|chef|judge|nurse|architect|astronaut)$/u;

export const nationalityKind: QuestionKind = {
  name: 'nationality',
  propose(sentence) {
    const found: Proposal[] = [];
    for (const match of sentence.text.matchAll(ORIGIN)) {
      const person = personAt(sentence, tokenAt(sentence, match.index + match[0].length));
      if (person !== undefined) found.push(...nationality(sentence, match, match.index, person));
    }
    for (let first = 0; first < sentence.tokens.length; first += 1) {
      const person = personAt(sentence, first);
      const end = sentence.tokens[person?.last ?? -1]?.end;
      if (person === undefined || end === undefined) continue;
      const match = APPOSED_ORIGIN.exec(sentence.text.slice(end));
      if (match !== null)
        found.push(
          ...nationality(sentence, match, end + match[0].lastIndexOf(match.groups?.['nation'] ?? ''), person),
        );
    }
    return found;
  },
};

function nationality(
  sentence: Sentence,
  match: RegExpExecArray,
  start: number,
  person: TokenSpan,
): Proposal[] {
  const { nation = '', role = '' } = match.groups ?? {};
  if (!NATIONALITY.test(nation) || nation === 'New' || !ROLE.test(role)) return [];
  return [
    {
      question: `What was the nationality of the ${role} ${textOf(sentence, person)}?`,
      answer: { start, end: start + nation.length },
      aliases: [],
      answerType: 'text',
    },
  ];
}
