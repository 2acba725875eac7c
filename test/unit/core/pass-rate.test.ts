import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  drawAllFrom,
  observationOf,
  passAtK,
  passRate,
  wilsonInterval,
} from '../../../src/core/pass-rate.ts';

describe('passRate() and observationOf()', () => {
  it('observationOf() counts rewards of at least one half as passes and null as no trial', () => {
    expect(observationOf([1, 0.5, 0.49, 0, null, -1])).toEqual({ passes: 2, trials: 5 });
    expect(observationOf([])).toEqual({ passes: 0, trials: 0 });
  });

  it('passRate() is undefined where nothing was scored', () => {
    expect(passRate({ passes: 0, trials: 0 })).toBeUndefined();
    expect(passRate({ passes: 1, trials: 4 })).toBe(0.25);
  });
});

describe('passAtK()', () => {
  const cases: readonly (readonly [number, number, number, number])[] = [
    // passes, trials, k, pass@k
    [0, 10, 5, 0],
    [10, 10, 1, 1],
    [1, 10, 1, 0.1],
    // 1 − C(3,2)/C(5,2) = 1 − 3/10
    [2, 5, 2, 0.7],
    // 1 − C(6,4)/C(8,4) = 1 − 15/70
    [2, 8, 4, 11 / 14],
    // Fewer than k failures: any k hold a pass.
    [3, 5, 3, 1],
  ];
  for (const [passes, trials, k, wanted] of cases) {
    it(`passAtK() of ${passes} passes among ${trials} with k ${k} is ${wanted}`, () => {
      expect(passAtK({ passes, trials }, k)).toBeCloseTo(wanted, 12);
    });
  }

  it('passAtK() is undefined where fewer than k completions were scored', () => {
    expect(passAtK({ passes: 1, trials: 3 }, 4)).toBeUndefined();
  });

  it('passAtK() with k 1 is the pass rate, and it rises with k up to 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(60), (trials, drawn) => {
        const passes = Math.min(drawn, trials);
        expect(passAtK({ passes, trials }, 1)).toBeCloseTo(passes / trials, 12);
        let before = 0;
        for (let k = 1; k <= trials; k++) {
          const now = passAtK({ passes, trials }, k) ?? Number.NaN;
          expect(now).toBeGreaterThanOrEqual(before - 1e-12);
          expect(now).toBeLessThanOrEqual(1);
          before = now;
        }
        expect(before).toBe(passes > 0 ? 1 : 0);
      }),
    );
  });

  it('passAtK() stays exact where factorials would overflow', () => {
    // 1 − C(99 999, 1000) / C(100 000, 1000) = 1000 / 100 000.
    expect(passAtK({ passes: 1, trials: 100_000 }, 1_000)).toBeCloseTo(0.01, 12);
  });
});

describe('drawAllFrom()', () => {
  it('drawAllFrom() equals the binomials worked out as exact integers', () => {
    const choose = (n: bigint, k: bigint): bigint => (k === 0n ? 1n : (choose(n - 1n, k - 1n) * n) / k);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(40), fc.nat(40), (of, a, b) => {
        const chosen = Math.min(a, of);
        const k = Math.min(b, of);
        const numerator = k > chosen ? 0n : choose(BigInt(chosen), BigInt(k));
        const exact = Number(numerator) / Number(choose(BigInt(of), BigInt(k)));
        expect(Math.abs(drawAllFrom({ chosen, of, k }) - exact)).toBeLessThan(1e-12);
      }),
    );
  });
});

describe('wilsonInterval()', () => {
  it('wilsonInterval() of 8 passes among 10 at 95 % is 0.4902 to 0.9433', () => {
    // p = 0.8, z = 1.96: centre (0.8 + 0.19208) / 1.38416 = 0.71674, half 1.96 / 1.38416 · √(0.016 + 0.009604) = 0.22658.
    const { low, high } = wilsonInterval({ passes: 8, trials: 10 }, 1.96);
    expect(low).toBeCloseTo(0.49016, 4);
    expect(high).toBeCloseTo(0.94332, 4);
  });

  it('wilsonInterval() is everything where nothing was tried, and touches 0 and 1 exactly', () => {
    expect(wilsonInterval({ passes: 0, trials: 0 }, 1.96)).toEqual({ low: 0, high: 1 });
    expect(wilsonInterval({ passes: 0, trials: 9 }, 1.96).low).toBe(0);
    expect(wilsonInterval({ passes: 9, trials: 9 }, 1.96).high).toBe(1);
  });

  it('wilsonInterval() holds the pass rate and lies in [0, 1]', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(5000), (trials, drawn) => {
        const passes = Math.min(drawn, trials);
        const { low, high } = wilsonInterval({ passes, trials }, 1.96);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(passes / trials);
        expect(high).toBeGreaterThanOrEqual(passes / trials);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
  });
});
