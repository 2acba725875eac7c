// Whether a question can be understood by a reader who has seen no document: every "the" says which, no pronoun points out of
// the question, nothing refers to a figure, an example or a listener.

import type { AnalysedToken } from '../../ports/text-analysis.ts';
import { nounPhraseEnd } from './phrases.ts';
import type { Sentence } from './sentence.ts';

const BANNED: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:we|us|our|ours|you|your|yours|i|me|my|let|let’s|let's|ourselves|yourself)\b/iu,
    'speaks to a reader',
  ],
  [
    /\b(?:this|these|those|here|there(?! (?:is|are|was|were)\b)|such(?! as\b| that\b)|aforementioned|former|latter|respectively)\b/iu,
    'points back',
  ],
  [
    /\b(?:figures?|(?<!periodic )tables?|equations?|examples?|sections?|chapters?|videos?|simulations?|textbooks?|activity|exercise|student|students|question|illustrations?|diagrams? (?:above|below)|shown|as seen|previous(?:ly)?|following|preceding|discussed|mentioned|described (?:above|below|earlier)|earlier in)\b/iu,
    'refers to the text',
  ],
  [
    /\b(?:today|now|recent(?:ly)?|current(?:ly)? (?=known|being)|nowadays|yesterday|tomorrow|so far|to date|as of)\b/iu,
    'depends on when it is asked',
  ],
  [
    /\b(?:something|things?|stuff|somewhere|someone|etc|and so on|a lot|the other|major step|there were several|above|earlier)\b(?! earth| sea| the| a | its| ground| zero| \d)/iu,
    'is vague',
  ],
  [/[=×∝Δ√^_{}\\⋅·∼≈<>|[\]“”"…~→←∑αβγθλμωφψσρτΩ]/u, 'holds a formula or a quotation'],
  [/(?<![\p{L}.'’°º-]|[°º]\s)(?![aAI]\b)\p{L}(?![\p{L}\d.'’-])/u, 'holds a symbol'],
  [/ [,.;)]|\( |\b(?:in|by|see|of|to|with|from|at|and|or|the|a|an|is|are)[,;)]/u, 'has a gap'],
];
/** In a question about an event these stand for somebody or something named before it. */
const STRAY = /\b(?:it|they|them|he|him|she|her|hers|one|ones)\b/iu;
const OF_TERM =
  /^What (?:is|are) (?:the (?:term|name|study|branch|art|science|practice|field)|another)\b|^Which \w+ states\b/u;
const PRONOUN = /\b(?:it|its|itself|they|them|their|he|him|his|she|her|one another|each other)\b/giu;
const ONE_INTRODUCED = /\b(?:an?|any|each|every|one)\s/u;
const SOME_INTRODUCED =
  /\b(?:two|three|several|many|people)\b|(?<!\b(?:that|which|who)\s)\b\p{Ll}{2,}[^s\s]s\b/u;
const NAME = /(?<=[\p{Ll}\d,] )\p{Lu}\p{Ll}+/u;

/** Nouns of which everybody knows which one is meant. */
const UNIQUE = new Set(
  'periodic meter metre kilogram second ampere coulomb watt newton joule kelvin volt tesla pascal hertz ohm farad henry weber becquerel sievert decibel body atom proton positron neutron neutrino electron photon sun earth moon universe world sky atmosphere equator sea ocean ground horizon ear eye brain heart human past present future surroundings environment public internet ussr night day morning evening spring summer autumn winter right left north south east west poles nucleus population arctic antarctic baltic middle bible press weather air skin stomach lungs liver kidneys spine retina cornea bloodstream century renaissance netherlands nobel'.split(
    ' ',
  ),
);
const RESTRICTING_WORD =
  /^(?:of|that|which|who|whom|whose|where|when|why|how|for|between|from|at|in|on|by|with|without|within|against|around|behind|under|over|inside|outside|per|above|below|beyond|across|along|through|into|than|needed|during|required|used|given|both|just)$/u;
/** In a question about an event "the summit without oxygen" is still some summit. */
const TELLING_WORD = /^(?:of|that|which|who|whom|whose|where|between|for|from|across)$/u;
/** "What are the three states of matter?" */
const COUNTED = /^What are the$/u;
/** "to" tells apart only what lies between two things: "the distance to the Sun". */
const TOWARDS =
  /^(?:distance|path|approach|way|response|solution|ability|line|ratio|tendency|relation|relationship|reaction|proportion|opposition|resistance|connection|angle|right|key|time|journey|road|route|force|change|desire|need|attempt|entrance|gateway|door|answer)s?$/u;
const MARKED =
  /^(?!(?:forest|interest|harvest|request|contest|protest|guest|quest|chest|nest|vest|priest|conquest|arrest|honest|modest|test|rest|west|pest)$)(?:only|same|most|least|net|total|\w{2,}est)$/iu;

/** Why `question` cannot stand alone; undefined when it can. `question` is its analysis. */
export function whyNotSelfContained(question: Sentence): string | undefined {
  const { text } = question;
  for (const [pattern, why] of BANNED) {
    const found = pattern.exec(text);
    if (found !== null) return `${why}: "${found[0].trim()}"`;
  }
  const stray = OF_TERM.test(text) ? null : STRAY.exec(text);
  if (stray !== null) return `a pronoun points out of it: "${stray[0]}"`;
  for (const pronoun of text.matchAll(PRONOUN)) {
    // "the time it takes a sample to decay": stands for nothing.
    if (/^it\s(?:takes|took|is|was|would)\b/iu.test(text.slice(pronoun.index))) continue;
    const before = text.slice(0, pronoun.index);
    const isPerson = /^(?:he|him|his|she|her)$/iu.test(pronoun[0]);
    const isKnown =
      (NAME.test(before) && !isOfSeveral(pronoun[0])) || (!isPerson && isIntroduced(pronoun[0], before));
    if (!isKnown) return `a pronoun points out of it: "${pronoun[0]}"`;
  }
  return looseReference(question);
}

function isOfSeveral(pronoun: string): boolean {
  return /^(?:they|them|their|one another|each other)$/iu.test(pronoun);
}

/** Whether something was named before that the pronoun can stand for. */
function isIntroduced(pronoun: string, before: string): boolean {
  return isOfSeveral(pronoun)
    ? SOME_INTRODUCED.test(before) || ONE_INTRODUCED.test(before)
    : ONE_INTRODUCED.test(before);
}

/** A "the …" that nothing in the question, and no common knowledge, tells apart. */
function looseReference(question: Sentence): string | undefined {
  const { tokens, tags } = question;
  const isOfTerm = OF_TERM.test(question.text) || /^(?:What|To what|In what unit|How)\b/u.test(question.text);
  for (const [index, token] of tokens.entries()) {
    if (token.text.toLowerCase() !== 'the') continue;
    if (
      COUNTED.test(question.text.slice(0, token.end)) &&
      /^(?:two|three|four|five|six|seven|eight)$/u.test(tokens[index + 1]?.text ?? '')
    )
      continue;
    const last = nounPhraseEnd(question, index);
    if (last === undefined) continue;
    const words = tokens.slice(index + 1, last + 1);
    const head = tokens[last];
    if (head === undefined) continue;
    if (tags.slice(index + 1, last + 1).includes('P')) continue;
    if (
      words.some(
        ({ text, lemma }) => UNIQUE.has(lemma) || UNIQUE.has(text.toLowerCase()) || MARKED.test(text),
      )
    )
      continue;
    if (words.some(({ text }) => /^['’]s?$|['’]s$/u.test(text))) continue;
    const next = tokens[last + 1]?.text ?? '';
    const nextTag = tags[last + 1] ?? '';
    // "the ions produced by …", "the work a charge can do", "the space occupied by …".
    if (next === 'to' && TOWARDS.test(head.lemma)) continue;
    if ((isOfTerm ? RESTRICTING_WORD : TELLING_WORD).test(next) || /[DO]/u.test(nextTag)) continue;
    // "… was the tower completed": there the participle is the verb of the question.
    const isSubject = /^(?:is|are|was|were|did|does|do)$/iu.test(tokens[index - 1]?.text ?? '');
    if (isSubject && !/^(?:of|for|between|from|that|which|who)$/u.test(next)) return loose(words);
    if (nextTag === 'V' && /(?:ing|ed|en)$/u.test(next)) continue;
    if (nextTag === 'R' && /[AVI]/u.test(tags[last + 2] ?? '')) continue;
    const wasIntroduced = tokens
      .slice(0, index)
      .some(
        (earlier) => earlier.lemma === head.lemma || earlier.text.toLowerCase() === head.text.toLowerCase(),
      );
    if (!wasIntroduced) return loose(words);
  }
  return undefined;
}

function loose(words: readonly AnalysedToken[]): string {
  return `which one is meant is not said: "the ${words.map(({ text }) => text).join(' ')}"`;
}
