// When something happened, and who did it: sentences whose main clause is in the past and says a year.

import { inverted, readClause } from '../clause.ts';
import type { Clause } from '../clause.ts';
import { nameAliases, personIn } from '../names.ts';
import { capitalised, tidy } from '../phrases.ts';
import type { Proposal, QuestionKind } from '../question-kind.ts';
import { textOf } from '../sentence.ts';
import type { Sentence } from '../sentence.ts';

const MONTH = '(?:January|February|March|April|May|June|July|August|September|October|November|December)';
const WHEN = new RegExp(
  String.raw`\b(?:(?:on|On)\s(?<day>${MONTH}\s\d{1,2},\s\d{4}|\d{1,2}\s${MONTH}\s\d{4})|(?:in|In)\s(?<month>${MONTH}\s(?:of\s)?\d{4})|(?:in|In)\s(?<year>1\d{3}|20[0-4]\d))(?![\d–-]|\s?(?:BC|AD|BCE|CE|s\b)|\sand\s\d|\sto\s\d|\sor\s\d|,\s\d)`,
  'u',
);
const SUBORDINATE =
  /[,;:]|\b(?:that|which|who|whose|where|when|because|although|while|if|since|until|after|before|whether|how)\b/u;
const CLAUSE_END =
  /[;:—]|,(?!\d)|\s(?:when|while|because|although|where|which|who|so that|just)\s|\sand\s(?=(?:later|then|was|were|is|became|has|had|won|it|he|she|they)\b)|\.?$/u;
const STANDS_ALONE =
  /^(?:die|begin|end|open|close|start|retire|abdicate|collapse|sink|explode|surrender|erupt|land|marry|resign)$/u;
const WORDS_MAX = 34;

export const eventKind: QuestionKind = {
  name: 'event',
  propose(sentence) {
    const when = WHEN.exec(sentence.text);
    const clause = readClause(sentence);
    if (when === null || clause === undefined) return [];
    const statement = restWithout(sentence, clause, when);
    if (statement === undefined) return [];
    return [
      ...whenQuestion(sentence, clause, when, statement),
      ...whoQuestion(sentence, clause, when, statement),
    ];
  },
};

/** What the main clause says behind its verb, without the date; undefined where the date belongs to another clause. */
function restWithout(sentence: Sentence, clause: Clause, when: RegExpExecArray): string | undefined {
  const { text } = sentence;
  const isOpening = clause.opening !== undefined && text.startsWith(`${clause.opening},`) && when.index === 0;
  if (isOpening) {
    if (clause.opening !== when[0]) return undefined;
    return upToEnd(text.slice(clause.restStart));
  }
  if (clause.opening !== undefined || when.index < clause.restStart) return undefined;
  const between = text.slice(clause.restStart, when.index);
  if (SUBORDINATE.test(between)) return undefined;
  const behind = text.slice(when.index + when[0].length);
  const more =
    /^\s(?:by|at|for|to|from|near|with|under|about)\s[^,;:—“”]+?(?=[,;:—.“]|\s(?:when|while|after|because|where|which|who|that)\s)/u.exec(
      behind,
    );
  const that = /^\s(?:that|how)\s[^,;:—“”]+?(?=[,;:—.“]|\s(?:when|while|because|which|who)\s)/u.exec(behind);
  const added = (that ?? more)?.[0] ?? '';
  if (that === null && /^\s(?:that|which|who|where)\s/u.test(behind.slice(added.length))) return between;
  return /\s(?:the|a|an|for|of|in|to|by|and|as)\s?$/u.test(added) ? between : `${between}${added}`;
}

function upToEnd(rest: string): string | undefined {
  // A list or an apposition behind the verb would be cut in two.
  const cut = rest.search(CLAUSE_END);
  const kept = rest.slice(0, cut < 0 ? rest.length : cut);
  return /\b(?:and|or|of|the|a|in|to|by|with|for)$/u.test(kept.trim()) ? undefined : kept;
}

function whenQuestion(
  sentence: Sentence,
  clause: Clause,
  when: RegExpExecArray,
  statement: string,
): readonly Proposal[] {
  const { day, month, year } = when.groups ?? {};
  const written = day ?? month ?? year ?? '';
  const asked = inverted(sentence, clause, statement);
  const verb = sentence.tokens[clause.verb]?.lemma ?? '';
  if (/\b(?:1\d{3}|20\d{2})\b/u.test(tidy(statement))) return [];
  if (tidy(statement) === '' && clause.form === 'past' && !STANDS_ALONE.test(verb)) return [];
  if (asked === undefined || clause.form === 'present' || asked.split(' ').length > WORDS_MAX) return [];
  if (
    /^(?:is|are)\b/u.test(asked) ||
    /^(?:was|were)\s.*\s\w+ing\b.*/u.test(asked) ||
    asked.split(' ').length < 4
  )
    return [];
  const opening =
    day !== undefined ? 'On what date' : month !== undefined ? 'In which month and year' : 'In which year';
  const start = when.index + when[0].length - written.length;
  return [
    {
      question: `${opening} ${asked}?`,
      answer: { start, end: start + written.length },
      aliases: [],
      answerType: 'date',
    },
  ];
}

function whoQuestion(
  sentence: Sentence,
  clause: Clause,
  when: RegExpExecArray,
  statement: string,
): readonly Proposal[] {
  const verb = sentence.tokens[clause.verb];
  if (verb === undefined) return [];
  // Prizes are shared more often than a text says.
  if (/\b(?:Prize|Award|Medal|Oscar)\b/u.test(statement)) return [];
  const date = when[0].charAt(0).toLowerCase() + when[0].slice(1);
  const person = personIn(sentence, clause.subjectSpan);
  const isWholeSubject =
    person?.last === clause.subjectSpan.last && !textOf(sentence, clause.subjectSpan).includes(' and ');
  if (person !== undefined && isWholeSubject && /^(?:past|be)$/u.test(clause.form)) {
    const deed = tidy(statement);
    if (deed.split(' ').length < 3 || (clause.form === 'be' && /^\w+ing\b/u.test(deed))) return [];
    const adverb = sentence.tokens[clause.verb - 1]?.text === 'first' ? 'first ' : '';
    const question = capitalised(`who ${adverb}${verb.text} ${deed} ${date}?`);
    // The date first where the deed is a clause of its own: "Who showed in 1820 that …".
    const that = deed.search(/\bthat\s/u);
    const early = that === 0 ? capitalised(`who ${adverb}${verb.text} ${date} ${deed}?`) : question;
    return [whoProposal(sentence, person, early)];
  }
  return agentQuestion(sentence, clause, statement);
}

/** "The theory of relativity was developed by Albert Einstein in 1905": asks for the agent. */
function agentQuestion(sentence: Sentence, clause: Clause, statement: string): readonly Proposal[] {
  if (clause.form !== 'be') return [];
  const by = /\sby\s/u.exec(statement);
  if (by === null) return [];
  const from = sentence.text.indexOf(statement.slice(0, by.index + by[0].length), clause.restStart);
  const at = sentence.tokens.findIndex((token) => token.start >= from + by.index + by[0].length);
  if (from < 0 || at < 0) return [];
  const person = personIn(sentence, { first: at, last: Math.min(at + 6, sentence.tokens.length - 1) });
  if (
    person === undefined ||
    /,|\sand\s/u.test(sentence.text.slice(from, sentence.tokens[person.first]?.start ?? 0))
  )
    return [];
  if (
    /^\s(?:and|,)/u.test(
      sentence.text.slice(
        sentence.tokens[person.last]?.end ?? 0,
        (sentence.tokens[person.last]?.end ?? 0) + 5,
      ),
    )
  )
    return [];
  const done = tidy(statement.slice(0, by.index));
  if (done.split(' ').length > 8) return [];
  const be = sentence.tokens[clause.verb]?.text ?? 'was';
  return [whoProposal(sentence, person, `By whom ${be} ${clause.subject} ${done}?`)];
}

function whoProposal(
  sentence: Sentence,
  person: { readonly first: number; readonly last: number },
  question: string,
): Proposal {
  const name = textOf(sentence, person);
  return {
    question,
    answer: { start: sentence.tokens[person.first]?.start ?? 0, end: sentence.tokens[person.last]?.end ?? 0 },
    aliases: nameAliases(name),
    answerType: 'text',
  };
}
