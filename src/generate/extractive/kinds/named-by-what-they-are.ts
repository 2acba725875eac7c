// Definitions the other way round, where the description is the subject: "The time for one oscillation is the period T". And
// what a quantity is proportional to, what a thing is caused by.

import { readClause } from '../clause.ts';
import { inside, longNounPhrase, nounPhraseEnd, tidy } from '../phrases.ts';
import type { Proposal, QuestionKind } from '../question-kind.ts';
import type { Sentence } from '../sentence.ts';
import { isCircular, isTermPhrase, termAnswer, termQuestion } from './terms.ts';

const QUANTITY_HEAD =
  /^the\s(?:\p{L}+\s){0,2}(?:rate|number|ratio|amount|time|distance|product|quantity|slope|area|point|angle|line|force|energy|work|change|difference|sum|study|tendency|ability|process|position|highest|lowest|location|part|region|measure|branch|length|height|width|speed|direction|magnitude|size)\s(?:of|at|for|from|between|that|an?|it|in|which|where|under|needed|required|through|along|by)\b/u;
const COPULA = /^(?:is|are)$/u;
const BEHIND =
  /^(?:[.;]|,\s(?:which|and|or|so|but|while|whereas|because|represented)\b|\s(?:and|but)\s|\s\(|\s?$)/u;

export const describedKind: QuestionKind = {
  name: 'described',
  propose(sentence) {
    const copula = sentence.tokens.findIndex(({ text }) => COPULA.test(text));
    if (copula < 4) return [];
    const description = inside(sentence, { first: 0, last: copula - 1 });
    if (
      !QUANTITY_HEAD.test(description) ||
      !/\b(?:of|between|at|for|from|that|which|where|an?)\b/u.test(description.slice(4))
    )
      return [];
    if (/[,;:]|\b(?:which|that)$/u.test(description) || description.split(' ').length < 5) return [];
    const span = longNounPhrase(sentence, copula + 1);
    if (
      span === undefined ||
      !/^[DN]/u.test(sentence.tags.slice(copula + 1)) ||
      !isTermPhrase(sentence, span)
    )
      return [];
    const last = sentence.tokens[span.last]?.end ?? 0;
    if (!BEHIND.test(sentence.text.slice(last))) return [];
    const answer = termAnswer(sentence, span);
    if (isCircular(sentence.text.slice(answer.answer.start, answer.answer.end), description)) return [];
    const isGraph = /^the\s(?:slope|area)\b/u.test(description);
    return [
      { question: isGraph ? `What does ${tidy(description)} give?` : termQuestion(description), ...answer },
    ];
  },
};

const RELATED =
  /^\s(?:always\s)?(?<how>(?:directly\s|inversely\s)?proportional|perpendicular|parallel|equal|equivalent)\sto\s(?<what>[^,;:.()]+?)(?=\s?[,;:.(]|\s(?:and|which|that|but|as|so|where|when)\s|$)/u;
const CAUSED =
  /^\s(?:usually\s)?(?<how>caused|produced|carried|transmitted|measured|determined|absorbed|generated)\sby\s(?<what>[^,;:.()]+?)(?=\s?[,;:.(]|\s(?:and|which|that|but|as|so|when|in|at)\s|$)/u;
const CLASSED =
  /^\s(?<class>an?\s(?:form|type|kind|measure|unit))\sof\s(?<what>[^,;:.()]+?)(?=\s?[,;:.(]|\s(?:and|that|which|in|used|but)\s|$)/u;
const EQUALLING = /^\s(?<what>[^,;:.()]+?)(?=\s?[,;:.(]|\s(?:and|which|but|as|so|where|when)\s|$)/u;
const WORDS_MAX = 7;
const NOT_ONE_THING =
  /^\d|\bfactors?\b|^(?:it|its|their|this|these|both)\b|\b(?:or|by|from|a combination|that|this|it|its|their)\b/u;

export const dependenceKind: QuestionKind = {
  name: 'dependence',
  propose(sentence) {
    const clause = readClause(sentence);
    if (clause === undefined || clause.opening !== undefined || !isKnown(clause.subject)) return [];
    const rest = sentence.text.slice(clause.restStart);
    const verb = sentence.tokens[clause.verb]?.text ?? '';
    const ask = (match: RegExpExecArray | null, question: string): Proposal[] =>
      match === null ? [] : proposal(sentence, clause.restStart, match, question);
    if (clause.form === 'be') {
      const related = RELATED.exec(rest);
      const caused = CAUSED.exec(rest);
      const classed = CLASSED.exec(rest);
      // Of a bare "pressure" or "frequency" it takes more to be proportional to anything.
      const isBare =
        !clause.subject.includes(' ') && related?.groups?.['how']?.includes('proportional') === true;
      return [
        ...ask(
          isBare ? null : related,
          `To what ${verb} ${clause.subject} ${related?.groups?.['how'] ?? ''}?`,
        ),
        ...ask(
          clause.subject.includes(' ') ? caused : null,
          `What ${verb} ${clause.subject} ${caused?.groups?.['how'] ?? ''} by?`,
        ),
        ...ask(classed, `What ${verb} ${clause.subject} ${classed?.groups?.['class'] ?? ''} of?`),
      ];
    }
    if (verb === 'equals') return ask(EQUALLING.exec(rest), `What does ${clause.subject} equal?`);
    return [];
  },
};

/** A subject that needs no text around it: a term, or a thing with what it is of. */
function isKnown(subject: string): boolean {
  return !/^the\s/u.test(subject)
    ? !/^(?:its|their|his|her|both|each|it|they)\b/u.test(subject)
    : /\s(?:of|between|for)\s/u.test(subject);
}

function proposal(sentence: Sentence, from: number, match: RegExpExecArray, question: string): Proposal[] {
  const what = match.groups?.['what'] ?? '';
  if (what.split(' ').length > WORDS_MAX || NOT_ONE_THING.test(what)) return [];
  const behind = sentence.text.slice(from + match.index + match[0].length);
  // "depends on the mass and the speed": half an answer.
  if (/^\s(?:and|or)\s(?!(?:is|are|has|have|can|in|it|they|acts?)\b)/u.test(behind)) return [];
  const start = from + match.index + match[0].lastIndexOf(what);
  const first = sentence.tokens.findIndex((token) => token.start === start);
  if (
    first < 0 ||
    nounPhraseEnd(sentence, first) === undefined ||
    !/^[DNAPU]/u.test(sentence.tags.slice(first))
  )
    return [];
  const article = /^the\s/u.exec(what)?.[0].length ?? 0;
  return [
    {
      question,
      answer: { start: start + article, end: start + what.length },
      aliases: [],
      answerType: 'text',
    },
  ];
}
