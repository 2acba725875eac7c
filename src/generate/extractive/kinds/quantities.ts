// Numbers with their units, and counts: "The longest wavelength of visible light is about 780 nm". A number whose power of
// ten has lost its mark in the source ("3.00 × 108 m/s") is no number: such sentences are passed over.

import { inverted, readClause } from '../clause.ts';
import type { Clause } from '../clause.ts';
import { tidy } from '../phrases.ts';
import type { Proposal, QuestionKind } from '../question-kind.ts';
import type { Sentence } from '../sentence.ts';

const NUMBER = String.raw`(?:[−–-]?\d{1,3}(?:,\d{3})+|[−–-]?\d+)(?:\.\d+)?`;
const SCALE = String.raw`(?:\s(?:hundred|thousand|million|billion|trillion))?`;
const UNIT =
  '(?:percent|per cent|%|°\\s?[CF]|º[CF]|degrees?(?: (?:Celsius|Fahrenheit))?|kelvins?|K|kilomet(?:er|re)s?(?: per (?:hour|second))?|(?:square |cubic )?(?:kilo|centi|milli|nano)?met(?:er|re)s?(?: per second)?|km(?:/[hs])?|m/s2|m/s|cm|mm|nm|m|miles?(?: per hour)?|mph|feet|inches|light[- ]years?|years?|months?|weeks?|days?|hours?|minutes?|seconds?|ms|kilograms?|kg|grams?|g|tonnes?|metric tons?|tons?|pounds?|lit(?:er|re)s?|millilit(?:er|re)s?|mL|L|kHz|MHz|GHz|Hz|hertz|joules?|kJ|MJ|J|kilowatts?|megawatts?|watts?|kW|MW|GW|W|volts?|kV|V|amperes?|ohms?|N|newtons?|eV|keV|MeV|GeV|dB|decibels?|hectares?|acres?|dollars|euros|Pa|kPa|hPa|atmospheres?|calories|kilocalories|bits?|bytes?|kilobytes?|megabytes?|u|atomic mass units|astronomical units?|parsecs?|lumens?|lux|newton-meters|tesla|coulombs?)';
const ABOUT = String.raw`(?<about>(?:about|approximately|roughly|around|nearly|almost|some)\s|exactly\s|only\s|just\s)?`;
const QUANTITY = String.raw`${ABOUT}(?<value>${NUMBER}${SCALE}\s?${UNIT})(?![\p{L}\d/·⋅^])(?!\s?(?:[-–×]|to\s\d|or\s\d|and\s\d|per\s|times))`;
const BROKEN = /×\s?10|10\s?[−–-]\s?\d|\d\s×|[=≈]/u;

/** "The N of X is Q", "The N of X was Q". */
const IS = new RegExp(String.raw`^\s(?:equal\sto\s)?${QUANTITY}(?<behind>[^.]*)\.?$`, 'u');
const DIMENSION = new RegExp(
  String.raw`^\s${QUANTITY}\s(?<dimension>tall|high|long|wide|deep|thick|old|across|in\s(?:diameter|length|height|width|depth|area))(?=[\s,.;]|$)`,
  'u',
);
const HAS = new RegExp(
  String.raw`^\s(?:an?|the)\s(?<what>(?:[\p{L}-]+\s){0,3}(?:mass|weight|length|height|width|depth|diameter|radius|area|population|capacity|volume|temperature|speed|frequency|wavelength|charge|density|thickness|age|lifespan|half-life|melting point|boiling point|power|output|range|span|range|duration|pressure|concentration|gestation period))\sof\s${QUANTITY}`,
  'u',
);
const ACTION = new RegExp(String.raw`^\s${QUANTITY}(?<behind>(?:(?!\sand\s)[^,;:.—])*)`, 'u');
const WEIGHING: Readonly<Record<string, string>> = {
  weigh: 'How much',
  last: 'How long',
  cost: 'How much',
  measure: 'How much',
};
const DIMENSIONS: Readonly<Record<string, string>> = {
  tall: 'tall',
  high: 'high',
  long: 'long',
  wide: 'wide',
  deep: 'deep',
  thick: 'thick',
  old: 'old',
  across: 'wide',
  'in length': 'long',
  'in height': 'high',
  'in width': 'wide',
  'in depth': 'deep',
};
const COUNTING =
  /^\s(?:a\stotal\sof\s|exactly\s)?(?<count>\d{1,3}(?:,\d{3})+|\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|twenty|twenty-four|thirty|fifty)\s(?<noun>(?:[\p{Ll}-]+\s){0,2}?[\p{Ll}-]+s|people|teeth|children|feet|men|women)(?<behind>(?:\s(?:on|in|of|at|per|for)\s[^,;:.—]*)?)(?=[,;:.—]|\sand\s|\swith\s|$)/u;
const COUNTED_VERB = /^(?:has|have|had|contains?|contained|comprises?|consists?|consisted)$/u;

export const quantityKind: QuestionKind = {
  name: 'quantity',
  propose(sentence) {
    if (BROKEN.test(sentence.text)) return [];
    const clause = readClause(sentence);
    if (clause === undefined || clause.form === 'other') return [];
    const rest = sentence.text.slice(clause.restStart);
    if (clause.form === 'be') return dimension(sentence, clause, rest) ?? measured(sentence, clause, rest);
    return possessed(sentence, clause, rest) ?? acted(sentence, clause, rest);
  },
};

function answerOf(clause: Clause, match: RegExpExecArray): Omit<Proposal, 'question'> {
  const value = match.groups?.['value'] ?? '';
  const start = clause.restStart + match[0].indexOf(value);
  return { answer: { start, end: start + value.length }, aliases: [], answerType: 'quantity' };
}

/** "approximately" is part of what is asked when the text does not claim more. */
function roughly(match: RegExpExecArray): string {
  return /^(?:exactly|only|just)?\s?$/u.test(match.groups?.['about'] ?? '') ? '' : 'approximately ';
}

function approximately(match: RegExpExecArray): string {
  return roughly(match) === '' ? '' : 'approximate ';
}

/** "the approximate length of the river". */
function approximated(subject: string, about: string): string {
  if (about === '') return subject;
  return subject.startsWith('the ')
    ? `the approximate ${subject.slice('the '.length)}`
    : `${about}${subject}`;
}

function openingOf(clause: Clause): string {
  return clause.opening === undefined ? '' : `${clause.opening}, `;
}

function asked(clause: Clause, question: string): string {
  const opening = openingOf(clause);
  return opening === '' ? question : `${opening}${question.charAt(0).toLowerCase()}${question.slice(1)}`;
}

function dimension(sentence: Sentence, clause: Clause, rest: string): Proposal[] | undefined {
  const match = DIMENSION.exec(rest);
  if (match === null) return undefined;
  const be = sentence.tokens[clause.verb]?.text ?? 'is';
  const name = (match.groups?.['dimension'] ?? '').replace(/\s+/gu, ' ');
  const word = DIMENSIONS[name];
  const about = roughly(match);
  const question =
    word === undefined
      ? `What ${be} the ${approximately(match)}${name.replace(/^in /u, '')} of ${clause.subject}?`
      : `${about === '' ? 'How' : 'Approximately how'} ${word} ${be} ${clause.subject}?`;
  return [{ question: asked(clause, question), ...answerOf(clause, match) }];
}

function measured(sentence: Sentence, clause: Clause, rest: string): Proposal[] {
  const match = IS.exec(rest);
  if (match === null) return [];
  const behind = match.groups?.['behind'] ?? '';
  if (!/^(?:\s(?:at|in|on|for)\s[^,;:()]+|,.*|\s\([^)]*\).*|;.*)?$/u.test(behind)) return [];
  // "The temperature is 30 °C" measures nothing that a reader could look up; "the boiling point of water" does.
  if (!/\s(?:of|between|for|in|on)\s/u.test(clause.subject) && clause.subject.split(' ').length < 4)
    return [];
  if (/\b(?:chance|probability|result|answer|value)\b/u.test(clause.subject)) return [];
  const be = sentence.tokens[clause.verb]?.text ?? 'is';
  const where = /^\s(?:at|in|on|for)\s[^,;:()]+/u.exec(behind)?.[0] ?? '';
  return [
    {
      question: asked(
        clause,
        `What ${be} ${approximated(clause.subject, roughly(match))}${where.trimEnd()}?`,
      ),
      ...answerOf(clause, match),
    },
  ];
}

function possessed(sentence: Sentence, clause: Clause, rest: string): Proposal[] | undefined {
  const match = HAS.exec(rest);
  const verb = sentence.tokens[clause.verb]?.text ?? '';
  if (match === null || !/^(?:has|have|had)$/u.test(verb)) return undefined;
  const be = verb === 'had' ? 'was' : 'is';
  return [
    {
      question: asked(
        clause,
        `What ${be} the ${approximately(match)}${match.groups?.['what'] ?? ''} of ${clause.subject}?`,
      ),
      ...answerOf(clause, match),
    },
  ];
}

function acted(sentence: Sentence, clause: Clause, rest: string): Proposal[] {
  const verb = sentence.tokens[clause.verb];
  const opening = WEIGHING[verb?.lemma ?? ''];
  const match = ACTION.exec(rest);
  if (verb === undefined || opening === undefined || match === null) return [];
  const behind = match.groups?.['behind'] ?? '';
  if (!/^(?:\s(?:at|in|on|for)\s.*)?$/u.test(behind)) return [];
  const question = inverted(sentence, clause, behind);
  if (
    question === undefined ||
    (isTooBare(clause.subject) && !/^an? (?:hour|day|year|week|month|minute|century)$/u.test(clause.subject))
  )
    return [];
  const about = roughly(match);
  return [
    {
      question: asked(
        clause,
        about === '' ? `${opening} ${question}?` : `Approximately ${opening.toLowerCase()} ${question}?`,
      ),
      ...answerOf(clause, match),
    },
  ];
}

/** "A match lasts 90 minutes", "each player has 16 pieces": of which game? */
function isTooBare(subject: string): boolean {
  return /^an?\s\S+$|^(?:each|both|every|all|the last)\b/u.test(subject);
}

export const countKind: QuestionKind = {
  name: 'count',
  propose(sentence) {
    const clause = readClause(sentence);
    const verb = sentence.tokens[clause?.verb ?? -1];
    if (clause === undefined || verb === undefined || !COUNTED_VERB.test(verb.text)) return [];
    const of = verb.text.startsWith('consist') ? ' of' : '';
    const rest = sentence.text.slice(clause.restStart);
    if (!rest.startsWith(of)) return [];
    const match = COUNTING.exec(rest.slice(of.length));
    if (match === null) return [];
    const { count = '', noun = '', behind = '' } = match.groups ?? {};
    if (new RegExp(`^${UNIT}$`, 'u').test(noun)) return [];
    const question = inverted(sentence, clause, `${of}${behind}`);
    if (question === undefined || isTooBare(clause.subject)) return [];
    const start = clause.restStart + of.length + match[0].indexOf(count);
    return [
      {
        question: asked(clause, `How many ${tidy(noun)} ${question}?`),
        answer: { start, end: start + count.length },
        aliases: [],
        answerType: 'number',
      },
    ];
  },
};
