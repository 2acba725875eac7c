// Definitions turned round: "Power is the rate at which work is done" asks for the term.

import { insideUntil, longNounPhrase, nounPhraseEnd } from '../phrases.ts';
import type { QuestionKind } from '../question-kind.ts';
import { textOf } from '../sentence.ts';
import type { Sentence } from '../sentence.ts';
import { bare, isCircular, isTermPhrase, termAnswer, termQuestion } from './terms.ts';

const DEFINING =
  /^(?:(?:can|may) be )?(?:is|are|refers? to|defined as|is defined as|are defined as|be defined as)$/u;
const OPENING =
  /^(?:Generally|Recall that|Note that|In physics|In general|Remember that|Thus|Therefore|Basically),?\s/u;
/** Where the definition is over and something else is said. */
const END =
  /[;:—]|,?\s(?:which|whereas|while|because|since|although|though|so that|unless)\s|,\s(?:and|but)\s(?=(?:it|they|is|are|was|were|has|have|does|can|prevents|not|the|an?|in)\b)|,\s(?:so|such as|meaning|as|with|not|or|assuming|measured|usually|often|like|including|for|given|concerning|performed|named|represented|where)\s|\s(?:and|but)\s(?:it|they|is|are|was|were|has|have|does|can|in|prevents|causes|describes|involves|makes|includes|depends|acts|uses|occurs|consists|gives|allows|plays)\s|\s(?<!(?:just|is|are|acts?|looks?|behaves?|much|exactly) )like\s|\s(?:such as|that is,|i\.e\.|e\.g\.)|[,\s]+(?:in|as)\s*(?:[.,]|shown)|\.?$/gu;
const RELATIVE =
  /\b(?:that|which|who|where|when|whose|whom|how|why)\b|\b(?:used|designed|made|caused|produced|needed|required|exerted|experienced|applied|measured|traveled|stored|done|transferred|emitted|created|due) (?:to|for|by|of|from|in|when|at|on)\b/u;
/** Heads that class a thing instead of defining it. */
const WEAK_HEAD =
  /^(?:the|an?)\s(?:[\p{L}-]+\s)?(?:foundation|basis|cause|key|heart|source|result|consequence|characteristic|example|sum total|reason|fact|idea|topic|subject|goal|opposite|reverse|problem|most|best|first|second|third|fourth|last|only|same|main|major|case|theory|kind|type|form|familiar|analog|analogue|plural|winner|author|home|site|important|useful|great|good|very|clever|lot|few|number of|variety|series|set of|pair of|way|better|different|popular|common|famous|well-known|classic|thing|person|member|city|country|state|company|man|woman|river|island|book|novel|song|film|(?:vector|scalar)(?! quantity)|behavior|characteristic|unique|particular|special|field of|situation|statement|capital)\b/u;
const CLASS_HEAD =
  /^an?\s(?:[\p{L}-]+\s)?(?:type|kind|form|measure|property|field|series|set|pair|way|number)\b/u;
const WORDS_MIN = 5;
const WORDS_MAX = 32;

export const definitionKind: QuestionKind = {
  name: 'definition',
  propose(sentence) {
    const opening = OPENING.exec(sentence.text)?.[0].length ?? 0;
    const first = sentence.tokens.findIndex((token) => token.start >= opening);
    const span = longNounPhrase(sentence, first);
    if (span === undefined || !isTermPhrase(sentence, span) || isNamed(sentence, span.first, span.last))
      return [];
    let at = span.last + 1;
    if (sentence.tokens[at]?.text === '(') at = sentence.tokens.findIndex(({ text }) => text === ')') + 1;
    const from = definitionStart(sentence, at);
    if (from === undefined) return [];
    const tail = sentence.text.slice(sentence.tokens[from]?.start ?? 0);
    const start = sentence.text.length - tail.length;
    const cut = [...tail.matchAll(END)].find(
      (match) => match.index > 0 && !isInsideRelative(tail, match) && !isInBrackets(tail, match.index),
    );
    const description = insideUntil(sentence, from, start + (cut?.index ?? tail.length));
    if (!isDefinition(sentence, from, description)) return [];
    if (isCircular(textOf(sentence, bare(sentence, span)), description)) return [];
    return [{ question: termQuestion(description), ...termAnswer(sentence, span) }];
  },
};

/** Index of the token that the definition begins with, when what stands at `at` defines. */
function definitionStart(sentence: Sentence, at: number): number | undefined {
  for (const length of [4, 3, 2, 1]) {
    const words = sentence.tokens
      .slice(at, at + length)
      .map(({ text }) => text)
      .join(' ');
    if (DEFINING.test(words)) return at + length;
  }
  return undefined;
}

/** The cut belongs to the definition where a relative clause just began: "a quantity which, …". */
function isInsideRelative(tail: string, match: RegExpExecArray): boolean {
  // "… that surrounds an object and acts on another": still the same relative clause.
  if (
    /^\sand\s\w+s\s/u.test(match[0]) &&
    /\b(?:that|which|who|where|when)\b/u.test(tail.slice(0, match.index))
  )
    return !/^\sand\s(?:is|are|was|were|has)\s/u.test(match[0]);
  return (
    /\b(?:at|in|to|of|by|for|from|on|through|with|during|under|over|into|after|upon)$/u.test(
      tail.slice(0, match.index),
    ) && /which/u.test(match[0])
  );
}

function isInBrackets(tail: string, at: number): boolean {
  const before = tail.slice(0, at);
  return before.lastIndexOf('(') > before.lastIndexOf(')');
}

function isDefinition(sentence: Sentence, from: number, description: string): boolean {
  const words = description.split(' ').length;
  if (words < WORDS_MIN || words > WORDS_MAX) return false;
  if (/\b(?:that|which)\s\w+$|\bthat\s\w+s\s(?:its|their)\b/u.test(description)) return false;
  if (/^(?:how|the extent)\s/u.test(description)) return true;
  const article = /^(?:the|an?)(?=\s)/u.exec(description)?.[0];
  if (article === undefined) return isBareDefinition(sentence, from, description);
  if (/^an?\s(?:unique|particular|special|certain)\b/u.test(description)) return false;
  if (CLASS_HEAD.test(description))
    return RELATIVE.test(description) && !/^an?\s(?:measure|property|field)\b/u.test(description);
  if (WEAK_HEAD.test(description)) return false;
  const head = nounPhraseEnd(sentence, from);
  if (head === undefined) return false;
  return article === 'the'
    ? /\b(?:of|that|which|where|when|at|in|between|by|for|from|to|a|an)\b/u.test(description.slice(4))
    : RELATIVE.test(description) || /\b(?:of|between|for|with|in)\b/u.test(description);
}

/** "Radiation is heat transfer by electromagnetic waves", "Electromagnets are magnets made by …": a noun, then what sort. */
function isBareDefinition(sentence: Sentence, from: number, description: string): boolean {
  const head = nounPhraseEnd(sentence, from);
  if (head === undefined || head - from > 2 || !/^[NA]/u.test(sentence.tags.slice(from))) return false;
  if (
    /^(?:particular|special|one|all|part|most|many|some|any|such|more|less|very|important|essential|due|equal|similar|proportional|common|known|always|never|often|usually|called)\b/u.test(
      description,
    )
  )
    return false;
  const behind = sentence.tokens[head + 1]?.text ?? '';
  return /^(?:that|which|who|in|by|with|made|between|caused|produced|due|from|moving|divided|multiplied|over|of)$/u.test(
    behind,
  );
}

/** Terms are common nouns: what a name names is asked for elsewhere. */
function isNamed(sentence: Sentence, first: number, last: number): boolean {
  for (let index = first; index <= last; index += 1) {
    const word = sentence.tokens[index]?.text ?? '';
    if (
      /^\p{Lu}/u.test(word) &&
      (index > first || sentence.tags[index] === 'P') &&
      !sentence.lowerCaseWords.has(word.toLowerCase())
    )
      return index === first ? !/^(?:The|An?)$/u.test(word) : true;
  }
  return false;
}
