// Laws by what they state, phenomena by when they occur: the subject of the sentence is what is asked for.

import { insideUntil, nounPhraseEnd, tidy } from '../phrases.ts';
import type { Proposal, QuestionKind } from '../question-kind.ts';
import { textOf } from '../sentence.ts';
import type { Sentence } from '../sentence.ts';
import { isTermPhrase, termAnswer } from './terms.ts';

const STATING = /^\s(?:\([^)]*\)\s)?(?:states?|says?)\sthat,?\s/u;
const LAW = /(?<kind>laws?|principles?|theorems?|rules?|postulates?|theory|hypothesis|doctrine)\b/iu;
const OCCURRING = /^\s(?:occurs|happens|takes place|results|arises)\s(?:only\s)?(?<when>when|if)\s/u;
/** "According to Newton’s first law of motion, any object …". */
const ACCORDING =
  /^According\sto\s(?<law>(?:the\s)?[\p{L}’'\s–-]{4,50}?\b(?<kind>law|principle|theorem|rule)(?:\sof\s[\p{Ll}\s]+?)?),\s(?<statement>[^;:=]+)$/u;
const WORDS_MIN = 6;
const WORDS_MAX = 36;

export const lawKind: QuestionKind = {
  name: 'law',
  propose(sentence) {
    const according = ACCORDING.exec(sentence.text);
    if (according !== null) return accordingTo(sentence, according);
    const last = lawEnd(sentence.text);
    const match = STATING.exec(sentence.text.slice(last));
    if (match === null) return [];
    const end = sentence.tokens.findIndex((token) => token.end === last);
    if (end < 0) return [];
    const span = { first: 0, last: end };
    const kind = LAW.exec(textOf(sentence, span))?.groups?.['kind']?.toLowerCase();
    if (
      kind === undefined ||
      /^(?:this|that|these|it|a|an|one|another|his|her|recall|note|remember|according)\b/iu.test(
        sentence.text,
      )
    )
      return [];
    const statement = tidy(sentence.text.slice(last + match[0].length));
    if (statement.split(' ').length < WORDS_MIN || statement.split(' ').length > WORDS_MAX) return [];
    if (/[=;]/u.test(statement) || sentence.text.startsWith('The law')) return [];
    return [{ question: `Which ${kind} states that ${statement}?`, ...termAnswer(sentence, span) }];
  },
};

function accordingTo(sentence: Sentence, match: RegExpExecArray): readonly Proposal[] {
  const { law = '', kind = '' } = match.groups ?? {};
  const statement = tidy(match.groups?.['statement'] ?? '');
  const words = statement.split(' ').length;
  if (words < WORDS_MIN || words > WORDS_MAX || /^(?:this|these|that|it|the same)\b/u.test(statement))
    return [];
  const start = 'According to '.length;
  const first = sentence.tokens.findIndex((token) => token.start === start);
  const last = sentence.tokens.findIndex((token) => token.end === start + law.length);
  if (first < 0 || last < 0) return [];
  return [{ question: `Which ${kind} states that ${statement}?`, ...termAnswer(sentence, { first, last }) }];
}

/** End of "Newton's second law of motion", "The work–energy theorem": all before the verb. */
function lawEnd(text: string): number {
  return /^[^,;:()]{4,60}?(?=\s(?:\([^)]*\)\s)?(?:states?|says?)\sthat)/u.exec(text)?.[0].length ?? 0;
}

export const occurrenceKind: QuestionKind = {
  name: 'occurrence',
  propose(sentence) {
    const last = nounPhraseEnd(sentence, 0);
    if (last === undefined || !isTermPhrase(sentence, { first: 0, last })) return [];
    const end = sentence.tokens[last]?.end ?? 0;
    const match = OCCURRING.exec(sentence.text.slice(end));
    if (match === null) return [];
    const from = sentence.tokens.findIndex((token) => token.start >= end + match[0].length);
    const clause = insideUntil(sentence, from, sentence.text.search(/[;:]|,\s(?:which|so|as|and)\s|\.?$/u));
    if (clause.split(' ').length < WORDS_MIN) return [];
    return [
      {
        question: `What is the term for what occurs ${match.groups?.['when'] ?? 'when'} ${clause}?`,
        ...termAnswer(sentence, { first: 0, last }),
      },
    ];
  },
};
