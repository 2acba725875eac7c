import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { bandOf, saidUnder, type Scored } from '../../../../src/trainer/distil/band.ts';
import { aurocOf, measureVerifier } from '../../../../src/trainer/distil/measure.ts';
import { crossEntropy, fitSigmoid, sigmoid } from '../../../../src/trainer/distil/platt.ts';

function scored(...rows: readonly (readonly [number, 0 | 1])[]): readonly Scored[] {
  return rows.map(([score, label]) => ({ score, isEquivalent: label === 1 }));
}

function surely(count: number): readonly Scored[] {
  return Array.from({ length: count }, () => ({ score: 0.99, isEquivalent: true }));
}

const SOME_SCORED = fc.array(
  fc.record({
    score: fc.integer({ min: 0, max: 20 }).map((tenth) => tenth / 20),
    isEquivalent: fc.boolean(),
  }),
  { maxLength: 60 },
);

describe('bandOf()', () => {
  it('bandOf() decides all where all are right and the demand is met', () => {
    const rows = scored(...Array.from({ length: 20 }, () => [0.9, 1] as const), [0.2, 0]);
    const { low, high } = bandOf(rows, 0.9);
    expect([low, high]).toEqual([expect.closeTo(0.2, 12), 0.8]);
  });

  it('bandOf() leaves out what is less sure than the error that breaks the demand', () => {
    const sure = Array.from({ length: 30 }, () => [0.95, 1] as const);
    expect(bandOf(scored(...sure, [0.9, 0], [0.9, 0], [0.9, 0]), 0.95)).toEqual({
      low: expect.closeTo(0.05, 12) as number,
      high: 0.95,
    });
  });

  it('bandOf() decides nothing where too few verdicts could show what is demanded', () => {
    expect(bandOf(surely(197), 0.995)).toEqual({ low: 0, high: 1 });
    expect(bandOf(surely(198), 0.995).high).toBe(0.99);
    expect(bandOf([], 0.5)).toEqual({ low: 0, high: 1 });
  });

  it('bandOf() keeps the demand on the verdicts that it was made of, and low below high', () => {
    fc.assert(
      fc.property(SOME_SCORED, fc.integer({ min: 50, max: 99 }), (rows, percent) => {
        const band = bandOf(rows, percent / 100);
        expect(band.low).toBeLessThan(band.high);
        fc.pre(band.high < 1);
        const said = rows.filter(({ score }) => saidUnder(band, score) !== undefined);
        const right = said.filter(({ score, isEquivalent }) => saidUnder(band, score) === isEquivalent);
        expect((right.length + 1) / (said.length + 2)).toBeGreaterThanOrEqual(percent / 100);
      }),
    );
  });
});

describe('fitSigmoid()', () => {
  it('fitSigmoid() finds the scale that probabilities were made with', () => {
    const judged = Array.from({ length: 41 }, (_, index) => (index - 20) / 4).flatMap((logit) => {
      const yes = Math.round(200 * sigmoid(0.7 * logit - 0.4));
      return Array.from({ length: 200 }, (_, n) => ({ logit, isEquivalent: n < yes }));
    });
    const { scale, shift } = fitSigmoid(judged);
    expect(scale).toBeCloseTo(0.7, 2);
    expect(shift).toBeCloseTo(-0.4, 2);
  });

  it('fitSigmoid() stays finite where the verdicts can be told apart without an error', () => {
    const { scale, shift } = fitSigmoid([
      { logit: -9, isEquivalent: false },
      { logit: -8, isEquivalent: false },
      { logit: 7, isEquivalent: true },
      { logit: 9, isEquivalent: true },
    ]);
    expect(scale).toBeGreaterThan(0);
    // Platt's targets for two of each kind are 3/4 and 1/4.
    expect(sigmoid(scale * 8 + shift)).toBeCloseTo(0.75, 1);
  });

  it('fitSigmoid() gives a scale that is not above 0 for logits that say the opposite, and refuses one kind', () => {
    const opposite = [-2, -1, 1, 2].map((logit) => ({ logit, isEquivalent: logit < 0 }));
    expect(fitSigmoid(opposite).scale).toBeLessThan(0);
    expect(() => fitSigmoid([{ logit: 1, isEquivalent: true }])).toThrow('both kinds');
  });

  it('crossEntropy() is that of probabilities, and finite for logits of any size', () => {
    expect(crossEntropy(0.3, 1)).toBeCloseTo(-Math.log(sigmoid(0.3)), 12);
    expect(crossEntropy(0.3, 0)).toBeCloseTo(-Math.log(1 - sigmoid(0.3)), 12);
    expect(crossEntropy(-1_000, 1)).toBe(1_000);
  });
});

describe('aurocOf()', () => {
  it.each<[string, readonly Scored[], number | undefined]>([
    ['all in order', scored([0.1, 0], [0.2, 0], [0.9, 1]), 1],
    ['all against it', scored([0.9, 0], [0.1, 1]), 0],
    ['a tie is half', scored([0.5, 0], [0.5, 1]), 0.5],
    ['three of four pairs', scored([0.1, 0], [0.4, 1], [0.5, 0], [0.8, 1]), 0.75],
    ['one kind only', scored([0.1, 1]), undefined],
  ])('aurocOf() with %s', (_, rows, expected) => {
    expect(aurocOf(rows)).toBe(expected);
  });

  it('aurocOf() is the share of pairs that stand in order', () => {
    fc.assert(
      fc.property(SOME_SCORED, (rows) => {
        const yes = rows.filter(({ isEquivalent }) => isEquivalent);
        const no = rows.filter(({ isEquivalent }) => !isEquivalent);
        const wins = yes.flatMap((a) =>
          no.map((b) => (a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0)),
        );
        const share = wins.reduce((sum: number, win) => sum + win, 0) / wins.length;
        fc.pre(wins.length > 0);
        expect(aurocOf(rows)).toBeCloseTo(share, 12);
      }),
    );
  });
});

describe('measureVerifier()', () => {
  it('measureVerifier() counts what the band decides, and texts that are too long as undecided', () => {
    const rows = [...scored([0.99, 1], [0.97, 0], [0.6, 1], [0.01, 0], [0.02, 1])];
    const measure = measureVerifier([...rows, { score: undefined, isEquivalent: true }], {
      low: 0.05,
      high: 0.95,
    });
    expect(measure.band).toMatchObject({ wrongYes: 1, wrongNo: 1 });
    expect(measure.band.decided?.share).toBeCloseTo(4 / 6, 12);
    expect(measure.band.agreement?.share).toBeCloseTo(2 / 4, 12);
    expect(measure.band.cascadeAgreement?.share).toBeCloseTo(4 / 6, 12);
    expect(measure.labels).toMatchObject({
      truePositives: 2,
      falsePositives: 1,
      unscorable: { too_long: 1 },
    });
    expect(measure.reliability.map(({ from, count }) => [from, count])).toEqual([
      [0, 2],
      [0.6, 1],
      [0.9, 2],
    ]);
  });
});
