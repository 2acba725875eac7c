// Multiple choice: one option, by its letter or by its text. Two different options in one answer are hedging, whichever of
// them is right.

import type { JsonObject } from '../json.ts';
import { echoesPrompt, normalizeText } from '../normalize.ts';
import { plainText } from '../plain-text.ts';
import { isDenial, isHedge } from './hedging.ts';
import { readOptions } from './options.ts';
import { CORRECT, incorrect, undecided, unusable } from './verifier.ts';
import type { Verdict, Verifier, VerifierInput } from './verifier.ts';

const ANSWER_CHARS_MAX = 2_000;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** "(b)", "option b", "the answer is b." */
const LOWER_CASE =
  /[([]\s*([a-z])\s*[)\]]|(?<!\p{L})(?:option|choice|letter|answer\s+is|answer:)\s+([a-z])(?=\s*(?:$|[.,;:)\]]))/gu;

const OTHER = incorrect('another option');

export const choiceVerifier: Verifier = {
  name: 'choice',
  summary:
    'Compares the chosen option of a multiple-choice question, by letter or by the text of the option.',
  reads: 'answer',
  fallback: 'line',
  parseOptions(options: JsonObject): JsonObject {
    return readOptions(options, {});
  },
  verify({ answer, groundTruth, choices, promptText }: VerifierInput): Verdict {
    const quick = compareLetters(answer, groundTruth.answer, choices);
    if (quick !== undefined) return quick;
    const truth = truthIndex(groundTruth.answer, choices);
    if (typeof truth !== 'number') return truth;
    if (answer.length > ANSWER_CHARS_MAX) return incorrect('too long to name one option');
    const chosen = chosenIndex(answer, choices, promptText);
    if (typeof chosen !== 'number') return chosen;
    return chosen === truth ? CORRECT : OTHER;
  },
};

/** Two bare letters, where no option's own text may be a letter: most of all answers, and no pattern is needed. */
function compareLetters(answer: string, truth: string, choices: readonly string[]): Verdict | undefined {
  if (answer.length !== 1 || truth.length !== 1) return undefined;
  const chosen = LETTERS.indexOf(answer);
  const wanted = LETTERS.indexOf(truth);
  if (chosen < 0 || wanted < 0 || wanted >= choices.length) return undefined;
  for (const choice of choices) if (!isMoreThanALetter(choice)) return undefined;
  return chosen === wanted ? CORRECT : OTHER;
}

/** Whether it begins with a digit or with two letters, so that no mark-up around a lone letter can be meant. */
function isMoreThanALetter(choice: string): boolean {
  const first = choice.charCodeAt(0);
  return (first >= 48 && first <= 57) || (isLetter(first) && isLetter(choice.charCodeAt(1)));
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

/** Where the ground truth stands among the options. */
function truthIndex(truth: string, choices: readonly string[]): number | Verdict {
  const letter = letterAlone(plainText(truth));
  const byText = indexByText(optionText(truth), choices);
  if (letter !== undefined && byText !== undefined && letter !== byText) {
    return unusable('the ground truth is the letter of one option and the text of another');
  }
  const index = letter ?? byText ?? letterWithText(plainText(truth), choices);
  if (index === undefined) return unusable('the ground truth is none of the options');
  if (typeof index !== 'number') return unusable('the ground truth names two options');
  return choices.length > 0 && index >= choices.length
    ? unusable('the ground truth is none of the options')
    : index;
}

function chosenIndex(answer: string, choices: readonly string[], promptText: string): number | Verdict {
  const text = plainText(answer);
  const alone = letterAlone(text);
  if (alone !== undefined) return withinChoices(alone, choices);
  const whole = optionText(answer);
  const byText = indexByText(whole, choices);
  if (byText !== undefined) return byText;
  if (echoesPrompt(answer, promptText)) return incorrect('repeats the prompt');
  const pair = letterWithText(text, choices);
  if (pair !== undefined) return typeof pair === 'number' ? withinChoices(pair, choices) : pair;
  const words = text.toLowerCase().match(/[\p{L}']+/gu) ?? [];
  const mentions = new Set([...lettersMentioned(text, choices), ...textsMentioned(whole, choices)]);
  if (mentions.size > 1) return incorrect('names several options');
  if (words.some(isHedge)) return incorrect('hedges between options');
  const [only] = mentions;
  if (only === undefined) return undecided('names no option');
  return words.some(isDenial) ? undecided('a denial rather than a choice') : withinChoices(only, choices);
}

function withinChoices(index: number, choices: readonly string[]): number | Verdict {
  return choices.length === 0 || index < choices.length ? index : incorrect('no such option');
}

/** "B", "b", "(B)", "[B]", "B.", "B)", "option B", "Choice (B)". */
function letterAlone(text: string): number | undefined {
  const match = /^(?:(?:option|choice|answer)\s*:?\s*)?[([]?\s*([A-Za-z])\s*[)\]]?\s*[.:]?$/iu.exec(text);
  return match === null ? undefined : LETTERS.indexOf((match[1] ?? '').toUpperCase());
}

/** "B. Paris", "(B) Paris", "B: Paris", "B - Paris": the letter counts when the text is that option's, or no option's. */
function letterWithText(text: string, choices: readonly string[]): number | Verdict | undefined {
  const match =
    /^(?:(?:option|choice)\s+)?(?:[([]\s*([A-Za-z])\s*[)\]]|([A-Za-z])\s*(?:[.):]|\s[-–—]))\s*(\S.*)$/su.exec(
      text,
    );
  if (match === null) return undefined;
  const index = LETTERS.indexOf((match[1] ?? match[2] ?? '').toUpperCase());
  const rest = match[3] ?? '';
  const named = indexByText(optionText(rest), choices);
  if (named === index) return index;
  if (named !== undefined) return incorrect('the letter of one option with the text of another');
  return undefined;
}

/** Articles stay: "A. Paris" is not "Paris", and its letter may be the wrong one. */
function optionText(text: string): string {
  return normalizeText(plainText(text), { caseSensitive: false, keepPunctuation: false, keepArticles: true });
}

/** The only option with this text; two options with the same text have none. */
function indexByText(text: string, choices: readonly string[]): number | undefined {
  let found: number | undefined;
  for (const [index, choice] of choices.entries()) {
    if (text === '' || optionText(choice) !== text) continue;
    if (found !== undefined) return undefined;
    found = index;
  }
  return found;
}

/**
 * Capital letters that stand alone. "A" and "I" are also words: before a word in lower case they are, unless that joins
 * options or speaks of one ("A and B", "A is right").
 */
function lettersMentioned(text: string, choices: readonly string[]): readonly number[] {
  const found: number[] = [];
  const count = choices.length === 0 ? LETTERS.length : choices.length;
  for (const match of text.matchAll(LOWER_CASE)) {
    const index = LETTERS.indexOf((match[1] ?? match[2] ?? '').toUpperCase());
    if (index < count) found.push(index);
  }
  for (const match of text.matchAll(/(?<![\p{L}\p{N}'’.])([A-Z])(?![\p{L}\p{N}'’]|\.\p{L})/gu)) {
    const letter = match[1] ?? '';
    const index = LETTERS.indexOf(letter);
    const before = text.slice(0, match.index);
    const after = text.slice(match.index + 1);
    const isMarked =
      /(?:[([]|\b(?:option|choice|answer|is|be|pick|choose|select|letter|and|or|not)\s*:?\s*)$/iu.test(
        before,
      ) || /^\s*(?:[)\].:,;]|$)/u.test(after);
    const isWord = letter === 'A' || letter === 'I';
    if (isWord && /^\s+(?!(?:and|or|nor|but|not|is|was|are|option|choice)(?!\p{L}))\p{Ll}/u.test(after))
      continue;
    if (index < count || isMarked) found.push(index);
  }
  return found;
}

/** Options whose text is in the answer as whole words; a longer option covers the shorter one inside it. */
function textsMentioned(whole: string, choices: readonly string[]): readonly number[] {
  const texts = choices.map((choice, index) => ({ text: optionText(choice), index }));
  texts.sort((a, b) => b.text.length - a.text.length);
  const found: number[] = [];
  let rest = ` ${whole} `;
  let last = '';
  for (const { text, index } of texts) {
    // One letter or digit is too little to be found inside a sentence.
    if (text.length < 2 || (text !== last && !rest.includes(` ${text} `))) continue;
    found.push(index);
    rest = rest.replaceAll(` ${text} `, '  ');
    last = text;
  }
  return found;
}
