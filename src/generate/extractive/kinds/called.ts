// Terms that a text introduces by name: "The study of motion is called kinematics".

import { inside, insideUntil, longNounPhrase, nounPhraseEnd, tidy } from '../phrases.ts';
import type { Proposal, QuestionKind } from '../question-kind.ts';
import { textOf, tokenAt } from '../sentence.ts';
import type { Sentence, TokenSpan } from '../sentence.ts';
import { isTermPhrase, termAnswer, termQuestion } from './terms.ts';

const NAMING =
  /\s(?<be>is|are|was|were)\s(?:\w+ly\s)?(?:(?<also>also|sometimes|often|usually|generally|commonly|therefore|then)\s)*(?:called|known as|termed|referred to as|named)\s(?=[\p{L}“"])/gu;
const ALSO = /\b(?:also|sometimes|often|commonly|usually)\s/u;
const DESCRIBES =
  /\b(?:that|which|who|where|when|whose|of|for|between|from|in|at|with|by|to|than|per|on|around|about|into|below|above|\w{2,}est|most|least)\b/u;
const SUBORDINATE =
  /^(?:When|If|Because|Since|As|While|Although|Though|Once|After|Before|Where|In|On|At|For|With|Until)\b/u;
/** Four words are enough where they count, or name a field of study. */
const TELLING = /\d|\b\w{2,}est\b|\b(?:one|two|three|four|five|six|study|science|art)\b/u;
const DESCRIPTION_WORDS_MIN = 3;

export const calledKind: QuestionKind = {
  name: 'called',
  propose(sentence) {
    return [...sentence.text.matchAll(NAMING)].flatMap((match) => naming(sentence, match));
  },
};

function naming(sentence: Sentence, match: RegExpExecArray): readonly Proposal[] {
  const first = tokenAt(sentence, match.index + match[0].length);
  const span = namedTerm(sentence, first);
  if (span === undefined || !isTermPhrase(sentence, span) || isOneOfSeveral(sentence, span.last)) return [];
  const answer = termAnswer(sentence, span);
  const from = clauseStart(sentence, match.index);
  const description = insideUntil(sentence, from, match.index);
  if (from === 0 && SUBORDINATE.test(sentence.text)) return [];
  if (/[;:—]/u.test(description) || /\b(?:which|that|what|who|of|and|or)$/u.test(description)) return [];
  if (
    /^[ORXSC]/u.test(sentence.tags.slice(from)) ||
    isOrder(sentence, from) ||
    /^(?:another|one|some|most|many|both|each|a final|a second|a third|a useful)\b|\breality\b/iu.test(
      description,
    )
  )
    return [];
  // "Kinetic energy is also called energy of motion": the subject is a term itself.
  if (ALSO.test(match[0]) && !DESCRIBES.test(description))
    return from === 0 ? anotherName(sentence, match.index, answer) : [];
  return describes(description) ? [{ question: termQuestion(description), ...answer }] : [];
}

/** "Recall that …"; "Sounds below …" is an order for the library only. */
function isOrder(sentence: Sentence, from: number): boolean {
  const token = sentence.tokens[from];
  return token?.pos === 'VERB' && token.text.toLowerCase() === token.lemma;
}

/** Where the clause begins that ends at `end`: behind "whereas", "while", or "and" after a comma. */
function clauseStart(sentence: Sentence, end: number): number {
  const before = sentence.text.slice(0, end);
  const opening =
    /^(?:(?:Recall|Note|Notice|Remember) that|However,|In physics,|In general,|Therefore,|Thus,)\s/u.exec(
      before,
    )?.[0].length ?? 0;
  const joint = [...before.matchAll(/(?:,|;)\s(?:whereas|while|and|but)?\s?|\sand\s/gu)].findLast(
    ({ index }) => index > 0 && new RegExp(NAMING.source, 'u').test(before.slice(0, index + 1)),
  );
  const start = joint === undefined ? opening : joint.index + joint[0].length;
  return start === 0 ? 0 : tokenAt(sentence, start);
}

/** The term, without "of the object" behind it: whose it is was said before. */
function namedTerm(sentence: Sentence, first: number): TokenSpan | undefined {
  const head = nounPhraseEnd(sentence, first);
  if (head === undefined) return undefined;
  const isOwned =
    /^of$/u.test(sentence.tokens[head + 1]?.text ?? '') && /^[DO]$/u.test(sentence.tags[head + 2] ?? '');
  return isOwned ? { first, last: head } : longNounPhrase(sentence, first);
}

/** "called push, weight, and friction", "called pressure or P-waves". */
function isOneOfSeveral(sentence: Sentence, last: number): boolean {
  const behind = sentence.text.slice(sentence.tokens[last]?.end ?? 0).replace(/^\s\([^)]*\)/u, '');
  if (/^\sor\s/u.test(behind)) return true;
  if (/^,\sor\s/u.test(behind)) return !/^,\sor\s[\p{L}-]+(?:\s[\p{L}-]+)?[.,;]/u.test(behind);
  const next = /^,?\sand\s(?<rest>.*)$/u.exec(behind)?.groups?.['rest'];
  if (next !== undefined) return !/^(?:[^,;]*?\s)?(?:is|are|was|were|has|have|can|it|they)\s/u.test(next);
  return /^,\s\p{Ll}+,\s(?:and|or)\s/u.test(behind);
}

function anotherName(
  sentence: Sentence,
  end: number,
  answer: Omit<Proposal, 'question'>,
): readonly Proposal[] {
  const last = nounPhraseEnd(sentence, 0);
  if (last === undefined || (sentence.tokens[last]?.end ?? 0) < end || /^[OD]/u.test(sentence.tags))
    return [];
  return [{ question: `What is another name for ${inside(sentence, { first: 0, last })}?`, ...answer }];
}

/** Enough words, and something that tells the thing apart: "the perception of intensity" leaves open of what. */
function describes(description: string): boolean {
  const words = description.split(' ').length;
  if (words <= DESCRIPTION_WORDS_MIN || !DESCRIBES.test(description)) return false;
  return words > DESCRIPTION_WORDS_MIN + 1 || TELLING.test(description);
}

const APPOSED =
  /,\s(?:(?:also|commonly|often|sometimes|generally|usually)\s)?(?:known as|called|termed)\s(?=\p{L})/gu;

/** "The study of motion, known as kinematics, …": only behind the subject of the sentence. */
export const apposedKind: QuestionKind = {
  name: 'apposed-term',
  propose(sentence) {
    const [match] = sentence.text.matchAll(APPOSED);
    if (match === undefined) return [];
    const subject = longNounPhrase(sentence, 0, /^(?:of|in|for|between|from|by)$/u);
    if (subject === undefined || sentence.tokens[subject.last]?.end !== match.index) return [];
    const span = longNounPhrase(sentence, tokenAt(sentence, match.index + match[0].length));
    if (span === undefined || !isTermPhrase(sentence, span)) return [];
    const description = tidy(inside(sentence, subject));
    if (!describes(description) || /^[OP]/u.test(textOf(sentence, subject))) return [];
    return [{ question: termQuestion(description), ...termAnswer(sentence, span) }];
  },
};
