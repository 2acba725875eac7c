// Units and symbols of quantities, where a text states them: "The SI unit of force is the newton (N)".

import { inside, longNounPhrase, tidy } from '../phrases.ts';
import type { Proposal, QuestionKind } from '../question-kind.ts';
import type { Sentence } from '../sentence.ts';
import { tokenAt } from '../sentence.ts';

const UNIT_OF =
  /^(?:The|Its)\s(?<system>SI |metric |standard |base |common |basic )?units?\s(?:of|for)\s(?<quantity>(?:the\s)?[\p{L}\s-]+?)\s(?:is|are)\s(?:called\s)?(?:the\s)?(?<unit>[\p{L}][\p{L}·⋅\s/-]*?)(?:\s\((?:abbreviated\s)?(?<symbol>[^()\s]{1,8})\))?(?=[,.;]|\sand\s|$)/u;
const MEASURED =
  /^(?<quantity>[\p{L}][\p{L}\s’'-]*?)\s(?:Δ?\p{L}\s)?(?:is|are)\s(?:usually\s|often\s|also\s)?(?:measured|expressed|given)\sin\s(?:units\sof\s|the\s)?(?<unit>\p{L}{3,}(?:\s(?:per|of)\s[\p{L}\s]+?)?)(?:\s\((?<symbol>[^()\s]{1,8})\))?(?=[,.;]|\sand\s|\swhere\s|$)/u;
const HAS_UNITS =
  /^(?<quantity>[\p{L}][\p{L}\s’'-]*?)\s(?:has|have)\s(?:the\s)?(?:SI\s)?units?\sof\s(?<unit>\p{L}[\p{L}\d·⋅/]*(?:\sper\s\p{L}+)?)(?=\s?(?:[,.;(]|\sand\s|$))/u;
const SYMBOL =
  /^(?<quantity>The\s[\p{L}\s’'-]+?|[\p{L}\s’'-]+?)\s(?:is|are)\s(?:given\sthe\ssymbol|represented\sby(?:\sthe\s(?:symbol|letter|Greek\sletter))?|denoted\s(?:by|as)|symbolized\sby)\s(?<symbol>[\p{L}](?![\p{L}\d]))/u;

export const unitKind: QuestionKind = {
  name: 'unit',
  propose(sentence) {
    const of = UNIT_OF.exec(sentence.text);
    if (of !== null) return unitOf(of);
    const measured = MEASURED.exec(sentence.text) ?? HAS_UNITS.exec(sentence.text);
    return measured === null ? [] : measuredIn(sentence, measured);
  },
};

function unitOf(match: RegExpExecArray): readonly Proposal[] {
  const { system = '', quantity = '' } = match.groups ?? {};
  // "The unit of power is the diopter" speaks of lenses only: a bare unit needs a quantity that says more.
  if (system !== 'SI ' && !tidy(quantity).includes(' ')) return [];
  if (/^(?:the )?(?:same|different)/u.test(match.groups?.['unit'] ?? '') || /\sand\s/u.test(quantity))
    return [];
  return [{ question: `What is the ${system}unit of ${tidy(quantity)}?`, ...unitAnswer(match) }];
}

function measuredIn(sentence: Sentence, match: RegExpExecArray): readonly Proposal[] {
  const quantity = match.groups?.['quantity'] ?? '';
  const span = longNounPhrase(sentence, 0, /^(?:of|for)$/u);
  if (span === undefined || /^(?:this|that|these|it|they|both|each|all)\b/iu.test(quantity)) return [];
  const end = sentence.tokens[tokenAt(sentence, quantity.length - 1)]?.end;
  if (end !== quantity.length || /^(?:terms|the same|same|different)/u.test(match.groups?.['unit'] ?? ''))
    return [];
  const last = tokenAt(sentence, quantity.length - 1);
  return [
    {
      question: `In what unit ${/\s(?:are|have)\s/u.test(match[0]) ? 'are' : 'is'} ${inside(sentence, { first: 0, last })} measured?`,
      ...unitAnswer(match),
    },
  ];
}

function unitAnswer(match: RegExpExecArray): Omit<Proposal, 'question'> {
  const { unit = '', symbol } = match.groups ?? {};
  const start = match.index + match[0].indexOf(unit, match[0].search(/\s(?:is|are|has|have)\s/u));
  const aliases = symbol === undefined ? [] : [symbol];
  const singular =
    /^\p{L}+s$/u.test(unit) && !/(?:ss|hertz|siemens)$/iu.test(unit) ? unit.slice(0, -1) : undefined;
  if (singular !== undefined) aliases.push(singular);
  else if (/s\sper\s/u.test(unit)) aliases.push(unit.replace(/s(?=\sper\s)/u, ''));
  else if (unit.includes(' m/') || unit.includes('⋅')) aliases.push(unit.replace(/\s|⋅/gu, '·'));
  const spelled = spelledOut(unit);
  if (spelled !== undefined) aliases.push(spelled);
  return { answer: { start, end: start + unit.length }, aliases, answerType: 'text' };
}

const NAMES: Readonly<Record<string, string>> = {
  m: 'meter',
  s: 'second',
  kg: 'kilogram',
  N: 'newton',
  C: 'coulomb',
  J: 'joule',
  V: 'volt',
  rad: 'radian',
};

/** "m/s" is "meters per second". */
function spelledOut(unit: string): string | undefined {
  const { over = '', under = '' } = /^(?<over>\p{L}+)\/(?<under>\p{L}+)$/u.exec(unit)?.groups ?? {};
  const [above, below] = [NAMES[over], NAMES[under]];
  return above === undefined || below === undefined ? undefined : `${above}s per ${below}`;
}

export const symbolKind: QuestionKind = {
  name: 'symbol',
  propose(sentence) {
    const match = SYMBOL.exec(sentence.text);
    const { quantity, symbol } = match?.groups ?? {};
    if (match === null || quantity === undefined || symbol === undefined) return [];
    const last = tokenAt(sentence, quantity.length - 1);
    if (longNounPhrase(sentence, 0)?.last !== last) return [];
    const end = match.index + match[0].length;
    return [
      {
        question: `Which symbol stands for ${inside(sentence, { first: 0, last })}?`,
        answer: { start: end - symbol.length, end },
        aliases: [],
        answerType: 'text',
      },
    ];
  },
};
