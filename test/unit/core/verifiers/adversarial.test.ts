import { describe, expect, it } from 'vitest';

import type { JsonObject } from '../../../../src/core/json.ts';
import { FORMAT_PATTERNS } from '../../../../src/core/verifiers/format.ts';
import { TEXT_SIMILARITIES } from '../../../../src/core/text-similarity/table.ts';
import { VERIFIERS } from '../../../../src/core/verifiers/table.ts';
import type { Verdict, Verifier } from '../../../../src/core/verifiers/verifier.ts';

// Answers that are written to be paid or to do harm. Each verifier is asked for a plain ground truth of its kind; none of
// these answers is right, whatever the verifier.

interface Target {
  readonly gold: string;
  readonly options: JsonObject;
  /** Everything that the verifier would accept, side by side with what it would not. */
  readonly dump: string;
}

const CITIES = ['London', 'Paris', 'Rome', 'New York'];
const PROMPT =
  'Name the capital of France. Options: (A) London (B) Paris (C) Rome (D) New York, or 5, or 1887, yes or no.';

const TARGETS: Readonly<Record<string, readonly Target[]>> = {
  numeric: [{ gold: '5', options: {}, dump: '1 2 3 4 5 6 7' }],
  math: [{ gold: '5', options: {}, dump: '1, 2, 3, 4, 5, 6, 7' }],
  exact: [{ gold: 'Paris', options: {}, dump: 'London Paris Rome' }],
  choice: [{ gold: 'B', options: {}, dump: 'A London B Paris C Rome D New York' }],
  date: [{ gold: '1887', options: {}, dump: '1885 1886 1887 1888' }],
  list: [{ gold: 'a, b', options: {}, dump: 'a, b, c, d, e, f, g' }],
  boolean: [{ gold: 'yes', options: {}, dump: 'yes no yes no' }],
  regex: [{ gold: 'a.c', options: {}, dump: 'abc acc adc' }],
  format: FORMAT_PATTERNS.map((pattern) => ({
    gold: '',
    options: { pattern },
    dump: '\\boxed{5}\\boxed{6}<answer>5</answer><answer>6</answer>\n#### 5\n#### 6\n{"a":5}{"a":6}',
  })),
  string_check: ['eq', 'like', 'ilike'].map((operation) => ({
    gold: 'The Seine',
    options: { operation },
    dump: 'The Thames, the Rhine, the Tiber',
  })),
  text_similarity: [...TEXT_SIMILARITIES.keys()].map((metric) => ({
    gold: 'It rises on the plateau of Langres and ends at Le Havre',
    options: { evaluation_metric: metric },
    dump: 'It rises in Paris, London, Rome. '.repeat(20),
  })),
};

const HOSTILE: readonly (readonly [what: string, text: string])[] = [
  ['nothing', ''],
  ['white space', ' \n\t\u00a0\u200b'],
  ['white space, 200 kB', ' '.repeat(200_000)],
  ['25 for 5', '25'],
  ['the prompt', PROMPT],
  ['the prompt and the answer', `${PROMPT} 5 Paris B 1887 yes a, b abc`],
  ['words, 200 kB', 'word '.repeat(40_000)],
  ['the answer, 200 kB', '5 '.repeat(100_000)],
  ['digits, 2 MB', '9'.repeat(2_000_000)],
  ['a digit and 200 kB of zeros', `5${'0'.repeat(200_000)}`],
  ['unicode digits, 200 kB', '٥'.repeat(100_000)],
  ['unicode digits of another number', '２５'],
  ['an answer tag in an answer tag', '<answer>4<answer>25</answer></answer>'],
  ['nested tags, 400 kB', '<answer>'.repeat(25_000) + '25' + '</answer>'.repeat(25_000)],
  ['nested boxes', '\\boxed{'.repeat(5_000) + '25' + '}'.repeat(5_000)],
  ['open braces, 30 kB', '{'.repeat(30_000)],
  ['open brackets, 200 kB', '['.repeat(200_000)],
  ['backslashes, 200 kB', '\\'.repeat(200_000)],
  ['dollars', '$'.repeat(990)],
  ['money', '$ 5'.repeat(330)],
  ['fractions', '1/'.repeat(495)],
  ['stars', '*a'.repeat(480)],
  ['open fractions', '\\frac{'.repeat(160)],
  ['commas', '1,'.repeat(490)],
  ['ands', 'a and '.repeat(3_000)],
  ['spaces inside', `a${' '.repeat(19_000)}x`],
  ['lines', '\n'.repeat(19_000)],
  ['months', 'may '.repeat(99)],
  ['dates', '1/1/'.repeat(99)],
  ['powers', '9^9^9^9'],
  ['letters', 'A B C D '.repeat(240)],
  ['combining marks', `5${'\u0301'.repeat(900)}`],
  ['lone surrogates', '\ud800'.repeat(500)],
  ['not a number', 'NaN'],
  ['infinity', 'Infinity'],
  ['a large exponent', '5e999999999'],
  ['a prototype name', '__proto__'],
];

const CASES = VERIFIERS.flatMap((verifier) =>
  (TARGETS[verifier.name] ?? []).flatMap((target) =>
    [...HOSTILE, ['a dump of answers', target.dump] as const].map(
      ([what, text]) => [verifier.name, what, { verifier, target, text }] as const,
    ),
  ),
);

function ask(verifier: Verifier, { gold, options }: Target, answer: string): Verdict {
  const groundTruth = { answer: gold, aliases: [] };
  const parsed = verifier.parseOptions(options);
  return verifier.verify({ answer, groundTruth, choices: CITIES, promptText: PROMPT, options: parsed });
}

describe('VERIFIERS', () => {
  it('each has a row in this table', () => {
    expect(VERIFIERS.map(({ name }) => name).filter((name) => TARGETS[name] === undefined)).toEqual([]);
  });

  // The limit is no measure of speed: it is what tells "ends" from "hangs".
  it.each(CASES)('%s gives no reward for %s', { timeout: 5_000 }, (_, _what, { verifier, target, text }) => {
    const verdict = ask(verifier, target, text);
    const isLow = verdict.kind === 'score' && verdict.score < 0.5;
    expect(isLow || ['incorrect', 'undecided'].includes(verdict.kind)).toBe(true);
  });
});
