// Relations between two things that a sentence names: the highest mountain, the capital of a country, whom a thing is named
// after, what a word means.

import { readClause } from '../clause.ts';
import { nameAliases, personIn } from '../names.ts';
import { inside, nounPhraseEnd, tidy } from '../phrases.ts';
import type { Proposal, QuestionKind } from '../question-kind.ts';
import { textOf, tokenAt } from '../sentence.ts';
import type { Sentence } from '../sentence.ts';

const IDENTITY =
  /^\s(?:is|was)\s(?<what>the\s(?:\w+\s)?(?:capital|currency|official language|first|only|second|third|highest|largest|longest|oldest|deepest|tallest|smallest|fastest|hottest|coldest|lightest|heaviest|hardest|nearest|closest|biggest|most\s\w+|national\s\w+|chemical symbol|author|founder|inventor|lightest|densest|busiest|richest|\w+-largest|\w+-longest|\w+-highest|last)\s[^,;:—.]+)/u;
const NAMED_AFTER = /\b(?<be>is|are|was|were)\s(?:later\s)?named\s(?:after|for|in\shonou?r\sof)\s(?:the\s)?/u;
const MEANING =
  /\b(?:word|name|term)\s(?<word>[\p{L}-]+)(?:\s(?<come>comes|derives|stems)\sfrom\sthe\s(?<from>Latin|Greek|Arabic|French|German|Italian|Spanish|Old English|Persian|Sanskrit|Norse)[^.]*?)?,?\s(?:means|that means|meaning|which means|for)\s[“"']?(?<meaning>[\p{L}-]+(?:\s[\p{L}-]+){0,3})[”"']?(?=[.,;(])/u;
const AGENT =
  /^\s(?:first\s)?(?<deed>invented|discovered|founded|designed|painted|written|composed|built|developed|proposed|introduced|directed|created|established|formulated|isolated|coined)(?:\sin\s\d{4})?\sby\s(?:the\s)?/u;
const MADE =
  /^\s(?:mainly\s|mostly\s|entirely\s|only\s)?(?<made>made|composed)\s(?:up\s)?(?:entirely\s|mainly\s|mostly\s)?of\s(?<parts>[^,;:.—]+?)(?=[,;:.—]|\s(?:that|which|and\s(?:has|have|is|are))\s)/u;

/** "Mount Everest is the highest mountain on Earth". */
export const identityKind: QuestionKind = {
  name: 'identity',
  propose(sentence) {
    const last = nounPhraseEnd(sentence, 0);
    if (last === undefined || /^(?:O|D[^P]*$)/u.test(sentence.tags.slice(0, last + 1))) return [];
    const subject = textOf(sentence, { first: 0, last });
    const start = /^The\s/u.test(subject) ? 1 : 0;
    if (!/^\p{Lu}/u.test(sentence.tokens[start]?.text ?? '') || !/P/u.test(sentence.tags.slice(0, last + 1)))
      return [];
    const end = sentence.tokens[last]?.end ?? 0;
    const what = IDENTITY.exec(sentence.text.slice(end))?.groups?.['what'];
    if (what === undefined || /\s(?:and|but)\s(?:[^\s]+\s)?(?:is|was|has|it|are)\b/u.test(what)) return [];
    if (start === 0 && sentence.lowerCaseWords.has(sentence.tokens[0]?.text.toLowerCase() ?? '')) return [];
    const was = sentence.text.slice(end).startsWith(' was') ? 'was' : 'is';
    const person = personIn(sentence, { first: 0, last });
    const isPerson =
      /\b(?:person|woman|man|author|founder|inventor|president|king|queen|human|scientist|player|winner|composer|emperor|prime minister)\b/u.test(
        what,
      );
    if (isPerson && person === undefined) return [];
    return [
      {
        question: `${isPerson ? 'Who' : 'What'} ${was} ${tidy(what)}?`,
        answer: { start: sentence.tokens[start]?.start ?? 0, end },
        aliases: isPerson ? nameAliases(subject) : [],
        answerType: 'text',
      },
    ];
  },
};

export const namedAfterKind: QuestionKind = {
  name: 'named-after',
  propose(sentence) {
    const match = NAMED_AFTER.exec(sentence.text);
    if (match === null) return [];
    const from = tokenAt(sentence, match.index + match[0].length);
    const person = personIn(sentence, { first: from, last: Math.min(from + 7, sentence.tokens.length - 1) });
    if (person === undefined || /,/u.test(textOf(sentence, { first: from, last: person.first }))) return [];
    const subject = namedThing(sentence, match.index);
    return subject === undefined
      ? []
      : [proposalOfPerson(sentence, person, `After whom ${match.groups?.['be'] ?? 'is'} ${subject} named?`)];
  },
};

/** The subject of "named after": of the sentence, or of "the ampere (A), which is named". */
function namedThing(sentence: Sentence, end: number): string | undefined {
  const before = sentence.text.slice(0, end);
  const relative = /(?<thing>\bthe\s[\p{L}-]+(?:\s[\p{L}-]+)?)(?:\s\([^)]*\))?,\swhich\s$/u.exec(before)
    ?.groups?.['thing'];
  if (relative !== undefined) return relative;
  if (/[,;:]/u.test(tidy(before))) return undefined;
  const last = nounPhraseEnd(sentence, 0);
  if (last === undefined || sentence.tokens[last + 1]?.start !== end) return undefined;
  return sentence.tags.startsWith('O') ? undefined : inside(sentence, { first: 0, last });
}

export const agentKind: QuestionKind = {
  name: 'agent',
  propose(sentence) {
    const clause = readClause(sentence);
    if (clause?.form !== 'be' || clause.opening !== undefined) return [];
    const match = AGENT.exec(sentence.text.slice(clause.restStart));
    if (match === null) return [];
    const from = tokenAt(sentence, clause.restStart + match[0].length);
    const person = personIn(sentence, { first: from, last: Math.min(from + 6, sentence.tokens.length - 1) });
    if (person === undefined) return [];
    const gap = textOf(sentence, { first: from, last: person.first });
    const behind = sentence.text.slice(sentence.tokens[person.last]?.end ?? 0);
    if (/,|\band\b/u.test(gap) || /^(?:,?\sand\s|,\s\p{Lu})/u.test(behind)) return [];
    const be = sentence.tokens[clause.verb]?.text ?? 'was';
    return [
      proposalOfPerson(sentence, person, `By whom ${be} ${clause.subject} ${match.groups?.['deed'] ?? ''}?`),
    ];
  },
};

/** "The word centripetal means center seeking". */
export const meaningKind: QuestionKind = {
  name: 'meaning',
  propose(sentence) {
    const match = MEANING.exec(sentence.text);
    const { word, meaning } = match?.groups ?? {};
    if (
      match === null ||
      word === undefined ||
      meaning === undefined ||
      /^(?:that|which|it|itself)$/u.test(word)
    )
      return [];
    const origin = match.groups?.['from'];
    if (origin === undefined && match[0].includes(' for ')) return [];
    const start = match.index + match[0].lastIndexOf(meaning);
    return [
      {
        question:
          origin === undefined
            ? `What does the word ${word} mean literally?`
            : `The word ${word} comes from ${origin}. What did the original mean?`,
        answer: { start, end: start + meaning.length },
        aliases: [],
        answerType: 'text',
      },
    ];
  },
};

export const madeOfKind: QuestionKind = {
  name: 'made-of',
  propose(sentence) {
    const clause = readClause(sentence);
    if (clause?.form !== 'be' || clause.opening !== undefined) return [];
    const match = MADE.exec(sentence.text.slice(clause.restStart));
    const parts = match?.groups?.['parts'];
    if (match === null || parts === undefined || parts.split(' ').length > 5) return [];
    const start = clause.restStart + match.index + match[0].lastIndexOf(parts);
    const be = sentence.tokens[clause.verb]?.text ?? 'is';
    const made = match.groups?.['made'] ?? 'made';
    return [
      {
        question: `What ${be} ${clause.subject} ${made} of?`,
        answer: { start, end: start + parts.length },
        aliases: [],
        answerType: 'text',
      },
    ];
  },
};

function proposalOfPerson(
  sentence: Sentence,
  person: { readonly first: number; readonly last: number },
  question: string,
): Proposal {
  return {
    question,
    answer: { start: sentence.tokens[person.first]?.start ?? 0, end: sentence.tokens[person.last]?.end ?? 0 },
    aliases: nameAliases(textOf(sentence, person)),
    answerType: 'text',
  };
}
