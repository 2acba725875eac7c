// The main clause of a sentence, as far as questions need it: an opening phrase, the subject right in front of its verb, and
// the rest. Sentences of another build have no reading here, and so no question.

import { NAME_PARTICLE } from './names.ts';
import { inside, longNounPhrase, tidy } from './phrases.ts';
import { textOf } from './sentence.ts';
import type { Sentence, TokenSpan } from './sentence.ts';

export interface Clause {
  /** "In the United States"; undefined when the sentence begins with its subject. */
  readonly opening: string | undefined;
  /** As it stands inside a question; what a pronoun stands for, where that is known. */
  readonly subject: string;
  readonly subjectSpan: TokenSpan;
  /** Index of the finite verb. */
  readonly verb: number;
  readonly form: 'be' | 'past' | 'present' | 'other';
  /** Offset in the sentence of what follows the verb. */
  readonly restStart: number;
}

const BE = /^(?:is|are|was|were)$/u;
const CONNECTOR =
  /^(?:However|Later|Moreover|Furthermore|Finally|Eventually|Today|Then|Thus|Also|Initially|Historically)$/u;
/** Past forms that are spelled like nothing else. */
const PAST =
  /(?:ed|wrote|began|became|took|led|built|won|got|made|gave|found|came|went|saw|sold|sent|fought|brought|taught|thought|bought|held|left|lost|met|rose|fell|grew|drew|flew|chose|broke|spoke|stood|struck|swam|ran|sang|sank|spent|shot|set|put)$/u;
const SET_AND_PUT = /^(?:set|put|cut|read)$/u;

/** Reads the main clause; undefined when the sentence is built otherwise. */
export function readClause(sentence: Sentence): Clause | undefined {
  const { tokens, tags } = sentence;
  let at = 0;
  let opening: string | undefined;
  if (
    tags.startsWith('I') ||
    /^(?:In|On|At|By|During|Since|After|Before|From|For|With|Under)$/u.test(tokens[0]?.text ?? '')
  ) {
    const comma = tokens.findIndex(({ text }) => text === ',');
    if (comma < 0 || comma > 9) return undefined;
    // A date holds a comma of its own: "On November 12, 2014, the …".
    const isDate = /^\d{4}$/u.test(tokens[comma + 1]?.text ?? '') && tokens[comma + 2]?.text === ',';
    const end = isDate ? comma + 2 : comma;
    if (tags.slice(1, end).includes('V') || tags.slice(1, end).includes('X')) return undefined;
    opening = textOf(sentence, { first: 0, last: end - 1 });
    at = end + 1;
  } else if (CONNECTOR.test(tokens[0]?.text ?? '')) {
    at = tokens[1]?.text === ',' ? 2 : 1;
  }
  const span =
    longNounPhrase(sentence, at, /^(?:of|in|for|on|between|from|and)$/u) ?? pronounAt(sentence, at);
  if (span === undefined) return undefined;
  let verb = span.last + 1;
  // Years behind a name: "Nicolaus Copernicus (1473–1543) first had the idea".
  if (tokens[verb]?.text === '(')
    verb = tokens.findIndex(({ text }, index) => index > verb && text === ')') + 1;
  while (tags[verb] === 'R') verb += 1;
  const token = tokens[verb];
  if (token === undefined || !/[VX]/u.test(tags[verb] ?? '')) return undefined;
  // "The test named Trinity was conducted": the first verb is none of the main clause.
  const clauseRest =
    sentence.text
      .slice(token.end)
      .split(/[,;:]|\b(?:that|which|who|where|when|how|why|whether|and|but|because|if)\b/u)[0] ?? '';
  if (tags[verb] === 'V' && /\s(?:is|are|was|were|has|had)\s/u.test(clauseRest)) return undefined;
  // "had run", "has been": more than one word of verb, and no question is made of it.
  if (/^(?:has|have|had)$/u.test(token.text) && /^[RT]*[VX]/u.test(tags.slice(verb + 1))) return undefined;
  if (/^(?:one|another|most|many|some|this|these|that|those|such)\b/iu.test(textOf(sentence, span)))
    return undefined;
  return {
    opening,
    subject: subjectText(sentence, span),
    subjectSpan: span,
    verb,
    form: formOf(token.text, token.lemma),
    restStart: token.end,
  };
}

function pronounAt(sentence: Sentence, at: number): TokenSpan | undefined {
  return sentence.tags[at] === 'O' ? { first: at, last: at } : undefined;
}

function subjectText(sentence: Sentence, span: TokenSpan): string {
  if (sentence.referent !== undefined && span.first === span.last && sentence.tags[span.first] === 'O')
    return sentence.referent;
  if (
    sentence.referent !== undefined &&
    /^the$/iu.test(sentence.tokens[span.first]?.text ?? '') &&
    span.last === span.first + 1
  )
    return sentence.referent;
  const text = inside(sentence, span);
  const second = text.split(' ').find((word) => /^\p{Ll}/u.test(word)) ?? '';
  const isRole =
    !NAME_PARTICLE.test(second) &&
    /^(?:\p{Lu}\p{Ll}+\s)?\p{Ll}+\s\p{Lu}\p{Ll}+/u.test(text) &&
    sentence.tags[span.first] !== 'D';
  return isRole && /^[PA]N+P/u.test(sentence.tags.slice(span.first)) ? `the ${text}` : text;
}

function formOf(text: string, lemma: string): Clause['form'] {
  if (BE.test(text)) return 'be';
  if (SET_AND_PUT.test(text)) return 'other';
  if (PAST.test(text) && text !== lemma) return 'past';
  if (/^(?:has|have|had|can|could|may|might|will|would|must|should|does|do|did|be|been)$/u.test(text))
    return text === 'had' ? 'past' : text === 'has' || text === 'have' ? 'present' : 'other';
  return text === lemma || text.endsWith('s') ? 'present' : 'other';
}

/** Whether a plural verb belongs to the subject. */
export function isPlural(sentence: Sentence, { verb }: Clause): boolean {
  const { text = '', lemma = '' } = sentence.tokens[verb] ?? {};
  return /^(?:are|were|have)$/u.test(text) || (text === lemma && !/^(?:is|was|has)$/u.test(text));
}

/** The statement as a question after "when", "in which year": auxiliary, subject, verb in its base form. */
export function inverted(sentence: Sentence, clause: Clause, rest: string): string | undefined {
  const verb = sentence.tokens[clause.verb];
  if (verb === undefined) return undefined;
  const tail = tidy(rest);
  const adverb = sentence.tokens
    .slice(clause.subjectSpan.last + 1, clause.verb)
    .filter((token) => token.pos === 'ADV' && /^(?:first|officially|formally|finally)$/u.test(token.text))
    .map(({ text }) => `${text} `)
    .join('');
  if (clause.form === 'be') return `${verb.text} ${clause.subject} ${tail}`.trim();
  if (clause.form === 'past') return `did ${clause.subject} ${adverb}${baseForm(verb)} ${tail}`.trim();
  if (clause.form === 'present')
    return `${isPlural(sentence, clause) ? 'do' : 'does'} ${clause.subject} ${baseForm(verb)} ${tail}`.trim();
  return undefined;
}

const BASES: Readonly<Record<string, string>> = {
  founded: 'found',
  had: 'have',
  has: 'have',
  lay: 'lie',
  bore: 'bear',
};

function baseForm({ text, lemma }: { readonly text: string; readonly lemma: string }): string {
  return BASES[text] ?? lemma.toLowerCase();
}
