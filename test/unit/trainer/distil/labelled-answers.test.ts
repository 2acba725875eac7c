import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createRandom } from '../../../../src/core/random.ts';
import {
  distinctAnswers,
  type LabelledAnswer,
  partsOf,
} from '../../../../src/trainer/distil/labelled-answers.ts';
import { type Comparison, variantOf } from '../../../../src/trainer/distil/variants.ts';

function row(question: string, answer: string, isEquivalent: boolean): LabelledAnswer {
  return { question, groundTruths: ['1'], answer, isEquivalent };
}

describe('distinctAnswers()', () => {
  it('distinctAnswers() takes the verdict of the majority, and none of as many for as against', () => {
    const rows = [
      row('a', 'x', true),
      row('a', 'x', false),
      row('a', 'x', true),
      row('b', 'y', true),
      row('b', 'y', false),
    ];
    expect(distinctAnswers(rows)).toEqual({ rows: [row('a', 'x', true)], repeated: 3, contradictory: 1 });
  });

  it('distinctAnswers() tells askings apart by question, ground truths and answer', () => {
    const other = { ...row('a', 'x', true), groundTruths: ['2'] as const };
    expect(distinctAnswers([row('a', 'x', true), row('b', 'x', true), other]).rows).toHaveLength(3);
  });
});

describe('partsOf()', () => {
  const rows = Array.from({ length: 4_000 }, (_, index) =>
    row(`question ${index % 1_000}`, `${index}`, index % 3 === 0),
  );

  it('partsOf() puts a question into one part with all of its answers, whatever the order', () => {
    const parts = partsOf(rows, 7);
    const seen = new Map<string, string>();
    for (const [part, each] of Object.entries(parts))
      for (const { question } of each) {
        expect(seen.get(question) ?? part).toBe(part);
        seen.set(question, part);
      }
    expect(seen.size).toBe(1_000);
    const turned = partsOf(rows.toReversed(), 7);
    expect(new Set(turned.heldOut)).toEqual(new Set(parts.heldOut));
    expect(new Set(partsOf(rows, 8).heldOut)).not.toEqual(new Set(parts.heldOut));
  });

  it('partsOf() gives each part about its share', () => {
    const { train, validation, calibration, heldOut } = partsOf(rows, 7);
    const shares = [train, validation, calibration, heldOut].map((part) => part.length / rows.length);
    [0.5, 0.1, 0.2, 0.2].forEach((share, index) =>
      expect(Math.abs((shares[index] ?? 1) - share)).toBeLessThan(0.05),
    );
  });
});

describe('variantOf()', () => {
  const plain: Comparison = { question: 'q', groundTruth: '18', answer: '18 dollars', isEquivalent: true };
  const others = ['18', '$18.0', '25', 'blue', '1,000'];

  function variants(comparison: Comparison): readonly Comparison[] {
    const random = createRandom(3);
    return Array.from({ length: 4_000 }, () => variantOf(comparison, others, random));
  }

  it('variantOf() of an answer with the number of its ground truth stays true in all of its ways', () => {
    const all = variants(plain);
    const kept = all.filter((variant) => variant === plain);
    expect(kept.length / all.length).toBeGreaterThan(0.2);
    const isList = / or |, |; | \/ |blue/u;
    const single = all.filter(({ groundTruth, answer }) => !isList.test(`${groundTruth} ${answer}`));
    for (const { groundTruth, answer, isEquivalent } of single) {
      const [first, second] = (`${groundTruth} ${answer}`.match(/-?\d[\d,]*(?:\.\d+)?/gu) ?? []).map((each) =>
        Number(each.replaceAll(',', '')),
      );
      expect(isEquivalent, `${groundTruth} | ${answer}`).toBe(first === second);
    }
    expect(all.some(({ isEquivalent, groundTruth }) => isEquivalent && groundTruth !== '18')).toBe(true);
    expect(all.some(({ isEquivalent }) => !isEquivalent)).toBe(true);
  });

  it('variantOf() makes no right answer of a wrong one', () => {
    for (const { groundTruth, answer, isEquivalent } of variants({
      ...plain,
      answer: '81 dollars',
      isEquivalent: false,
    })) {
      expect(isEquivalent).toBe(false);
      expect(Number(/-?\d[\d,]*(?:\.\d+)?/u.exec(answer)?.[0].replaceAll(',', ''))).not.toBe(
        Number(groundTruth),
      );
    }
  });

  it.each([
    ['a unit that makes another number right', '6', '600 cents', true],
    ['a unit that makes the same number wrong', '6', '6 cents', false],
    ['more than one number', '6', '3 + 3 = 6', true],
    ['a number that is part of something', '6', 'x6', true],
  ] as const)('variantOf() exchanges no numbers with %s', (_, groundTruth, answer, isEquivalent) => {
    const kept = variants({ question: 'q', groundTruth, answer, isEquivalent }).filter(
      (variant) => variant.isEquivalent === isEquivalent,
    );
    expect(kept.length).toBeGreaterThan(0);
    for (const variant of kept) expect([variant.answer, variant.groundTruth]).toContain(answer);
  });

  it('variantOf() takes no ground truth of another question that may mean the same', () => {
    const misses = variants(plain).filter(
      ({ isEquivalent, answer }) => !isEquivalent && answer === '18 dollars',
    );
    expect(misses.length).toBeGreaterThan(0);
    expect(misses.filter(({ groundTruth }) => ['18', '$18.0'].includes(groundTruth))).toEqual([]);
  });

  it('variantOf() gives the same for the same seed', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.boolean(),
        fc.nat(),
        (groundTruth, answer, isEquivalent, seed) => {
          const comparison = { question: '', groundTruth, answer, isEquivalent };
          expect(variantOf(comparison, others, createRandom(seed))).toEqual(
            variantOf(comparison, others, createRandom(seed)),
          );
          expect(variantOf(comparison, [], createRandom(seed))).toBeDefined();
        },
      ),
    );
  });
});
