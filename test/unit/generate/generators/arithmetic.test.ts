// Sums of numbers that passages state: which numbers, which sums, and that none is asked twice or in two splits.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { arithmetic } from '../../../../src/generate/generators/arithmetic.ts';
import { wholeNumbersIn } from '../../../../src/generate/generators/stated-numbers.ts';
import { createRandom } from '../../../../src/core/random.ts';
import { rootKey, type PairItem, type PassageItem } from '../../../../src/generate/item.ts';
import type { Outcome } from '../../../../src/generate/stage.ts';
import { passageItem } from '../../../support/passages.ts';
import { runStage, stageTools } from '../../../support/stage-world.ts';

const passages = (...texts: readonly string[]): readonly PassageItem[] =>
  texts.map((text, index) => passageItem(text, { key: rootKey(index) }));

async function asked(options: object, texts: readonly string[], seed = 1): Promise<readonly Outcome[]> {
  const { stage } = arithmetic.prepare(options);
  return runStage(stage, passages(...texts), stageTools({ random: createRandom(seed) }));
}

const pairsOf = (outcomes: readonly Outcome[]): readonly PairItem[] =>
  outcomes.flatMap(({ kept }) => kept.flatMap((item) => (item.kind === 'pair' ? [item] : [])));
const questionsOf = (outcomes: readonly Outcome[]): readonly string[] =>
  pairsOf(outcomes).map(({ draft }) => draft.question);
const sorted = (texts: readonly string[]): readonly string[] => texts.toSorted((a, b) => (a < b ? -1 : 1));

describe('wholeNumbersIn()', () => {
  it.each([
    ['12 apples, 7 pears and 12 plums.', [12, 7]],
    ['It is 42.195 km, or 26.2 miles; 42,195 m.', []],
    ['The B12 of 3D, the 5th, x_6 and 7e3', []],
    ['Born 1832–1915, aged 83.', [83]],
    ['0 and 00 and 99 and 100', [99]],
    ['In 5, at 17:30 (8).', [5, 17, 30, 8]],
    ['٣ and 3', [3]],
    ['', []],
  ])('takes from "%s" %j', (text, values) => {
    const found = wholeNumbersIn(text, { largest: 99, split_years: false });
    expect(found.map(({ value }) => value)).toEqual(values);
  });

  it.each([
    ['Born 1832–1915.', [18, 32, 19, 15]],
    ['In 1908 and 2000', [19, 8, 20]],
    ['123 of 12345', []],
  ])('with split_years takes from "%s" %j, each where its digits stand', (text, values) => {
    const found = wholeNumbersIn(text, { largest: 99, split_years: true });
    expect(found.map(({ value }) => value)).toEqual(values);
    for (const { value, start, end } of found) expect(Number(text.slice(start, end))).toBe(value);
  });
});

describe('the stage "arithmetic"', () => {
  it('asks for the sum of every two numbers, once, with the answer', async () => {
    const outcomes = await asked({}, ['Of 37 boats 48 sank in 5 hours.']);
    const pairs = pairsOf(outcomes);
    for (const [a, b] of [
      [37, 48],
      [37, 5],
      [48, 5],
    ] as const) {
      const ways = new Set([`${a}+${b}=`, `${b}+${a}=`]);
      const [pair, ...more] = pairs.filter(({ draft }) => ways.has(draft.question));
      expect(pair?.draft).toMatchObject({
        answer: String(a + b),
        answerType: 'number',
        generator: 'arithmetic',
      });
      expect(more).toEqual([]);
    }
    expect(pairs).toHaveLength(3);
  });

  it('asks in both orders where the recipe says so', async () => {
    const outcomes = await asked({ both_orders: true }, ['37 and 48']);
    expect(sorted(questionsOf(outcomes))).toEqual(['37+48=', '48+37=']);
  });

  it.each([
    ['-', ['48-37='], '11'],
    ['*', ['37*48=', '48*37='], '1776'],
  ])('asks for %s by %j', async (operation, questions, answer) => {
    const pairs = pairsOf(await asked({ operations: [operation], both_orders: true }, ['37 and 48']));
    expect(sorted(pairs.map(({ draft }) => draft.question))).toEqual(questions);
    for (const { draft } of pairs) expect(draft.answer).toBe(answer);
  });

  it('names the bytes of the document that state both numbers', async () => {
    const text = 'Café: 37 in Köln, 48 in Ulm.';
    const [pair] = pairsOf(await asked({}, [text]));
    const { start = 0, end = 0 } = pair?.draft.evidence ?? {};
    // The passage of the support begins at byte 100.
    expect(
      Buffer.from(text)
        .subarray(start - 100, end - 100)
        .toString(),
    ).toBe('37 in Köln, 48');
  });

  it('asks nothing twice in a run, in either order', async () => {
    const [first, second] = await asked({}, ['37 and 48', '48, 37 and 5']);
    expect(questionsOf(first === undefined ? [] : [first])).toHaveLength(1);
    expect(questionsOf(second === undefined ? [] : [second])).toHaveLength(2);
    expect(second?.drops.map(({ reason }) => reason)).toEqual(['asked_before']);
  });

  it('drops a passage with fewer than two numbers', async () => {
    const [outcome] = await asked({}, ['One boat of 12, in 1896.']);
    expect(outcome?.drops.map(({ reason }) => reason)).toEqual(['too_few_numbers']);
  });

  it('draws by the seed what pairs_max leaves, and never parts the two orders of a sum', async () => {
    const text = Array.from({ length: 40 }, (_, index) => `${index + 10} boats`).join(', ');
    const options = { pairs_max: 9, both_orders: true };
    const [one, again, other] = await Promise.all([
      asked(options, [text]),
      asked(options, [text]),
      asked(options, [text], 2),
    ]);
    expect(questionsOf(one)).toHaveLength(8);
    expect(questionsOf(again)).toEqual(questionsOf(one));
    expect(questionsOf(other)).not.toEqual(questionsOf(one));
    const turned = questionsOf(one).map((question) => question.replace(/(\d+)\+(\d+)/u, '$2+$1'));
    expect(sorted(turned)).toEqual(sorted(questionsOf(one)));
  });

  it.each([
    ['operations', { operations: [] }],
    ['operations', { operations: ['/'] }],
    ['largest', { largest: 0 }],
    ['pairs_max', { pairs_max: 1 }],
    ['pairs', { pairs: 3 }],
  ])('refuses by its name the option %s of %j', (name, options) => {
    expect(() => arithmetic.prepare(options)).toThrow(name);
  });

  it('is right, distinct and within its limits for any texts and options', async () => {
    const number = fc.integer({ min: 0, max: 130 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(number, { maxLength: 12 }), { minLength: 1, maxLength: 5 }),
        fc.subarray(['+', '-', '*'], { minLength: 1 }),
        fc.boolean(),
        fc.integer({ min: 2, max: 40 }),
        async (lists, operations, both, most) => {
          const texts = lists.map((list) => list.join(' and '));
          const options = { operations, both_orders: both, pairs_max: most };
          const outcomes = await asked(options, texts);
          const questions = questionsOf(outcomes);
          expect(new Set(questions).size).toBe(questions.length);
          for (const [index, { kept }] of outcomes.entries()) {
            expect(kept.length).toBeLessThanOrEqual(most);
            for (const { draft } of pairsOf([{ kept, drops: [] }])) {
              const [, a = '', operation = '', b = ''] = /^(\d+)([-+*])(\d+)=$/u.exec(draft.question) ?? [];
              const [left, right] = [Number(a), Number(b)];
              const results: Readonly<Record<string, number>> = {
                '+': left + right,
                '-': left - right,
                '*': left * right,
              };
              expect(Number(draft.answer)).toBe(results[operation]);
              expect(Number(draft.answer)).toBeGreaterThanOrEqual(0);
              expect(lists[index]).toEqual(expect.arrayContaining([left, right]));
              expect(Math.max(left, right)).toBeLessThanOrEqual(99);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
