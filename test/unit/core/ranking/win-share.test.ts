import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/random.ts';
import { pairings } from '../../../../src/core/ranking/plan.ts';
import { chanceOf, strengthsOf } from '../../../../src/core/ranking/bradley-terry.ts';
import { winShares, type Comparison } from '../../../../src/core/ranking/win-share.ts';

function all(count: number, resultOf: (one: number, other: number) => number | undefined): Comparison[] {
  const made: Comparison[] = [];
  for (let one = 0; one < count; one += 1) {
    for (let other = one + 1; other < count; other += 1)
      made.push({ one, other, result: resultOf(one, other) });
  }
  return made;
}

function rounded(score: number | undefined): number | undefined {
  return score === undefined ? undefined : Math.round(score * 1e12) / 1e12;
}

const FIRST_WINS = (): number => 1;
const DOWN = undefined;

describe('winShares()', () => {
  it.each<[what: string, members: number[], comparisons: Comparison[], scores: (number | undefined)[]]>([
    ['a clear order of four', [1, 1, 1, 1], all(4, FIRST_WINS), [1, 2 / 3, 1 / 3, 0]],
    ['nothing but ties', [1, 1, 1], all(3, () => 0.5), [0.5, 0.5, 0.5]],
    [
      // 0 beats 1, 1 beats 2, 2 beats 0.
      'a circle',
      [1, 1, 1],
      all(3, (one, other) => (other - one === 1 ? 1 : 0)),
      [0.5, 0.5, 0.5],
    ],
    ['two, one better', [1, 1], all(2, FIRST_WINS), [1, 0]],
    // The twins tie with each other: (0.5 + 1) / 2; the other lost to both.
    ['twins that win', [2, 1], all(2, FIRST_WINS), [0.75, 0]],
    // Five alike against three better ones: each of the five (0.5 · 4) / 7; the best 7 / 7, then 6 / 7, 5 / 7.
    ['five alike', [1, 1, 1, 5], all(4, FIRST_WINS), [1, 6 / 7, 5 / 7, 2 / 7]],
    ['all alike', [8], [], [0.5]],
    ['one alone', [1], [], [undefined]],
    ['no comparison at all came through', [1, 1, 1, 1], all(4, () => DOWN), [DOWN, DOWN, DOWN, DOWN]],
    [
      // The last has one result of three: too little. The others are ranked among themselves.
      'one of four with too few results',
      [1, 1, 1, 1],
      all(4, (one, other) => (other === 3 && one > 0 ? DOWN : 1)),
      [1, 0.5, 0, DOWN],
    ],
    [
      // Two pairs that nothing links: neither is more than half.
      'a group in two halves',
      [1, 1, 1, 1],
      [
        { one: 0, other: 1, result: 1 },
        { one: 2, other: 3, result: 1 },
        { one: 1, other: 2, result: DOWN },
        { one: 3, other: 0, result: DOWN },
      ],
      [DOWN, DOWN, DOWN, DOWN],
    ],
  ])('winShares() of %s', (_, members, comparisons, scores) => {
    expect(winShares(members, comparisons).map(rounded)).toEqual(scores.map(rounded));
  });

  it('winShares() counts members that are no answer as beaten by all that are one', () => {
    expect(winShares([1], [], 3)).toEqual([1]);
    const found = winShares([1, 1], all(2, FIRST_WINS), 2);
    expect(found[0]).toBe(1);
    expect(found[1]).toBeCloseTo(2 / 3, 12);
  });

  it('winShares() takes the chance of Bradley and Terry where two were not compared', () => {
    // 0 beat 1, 1 beat 2; 0 and 2 did not meet.
    const comparisons = [
      { one: 0, other: 1, result: 1 },
      { one: 1, other: 2, result: 1 },
    ];
    const [best = 0, , worst = 0] = strengthsOf(3, comparisons);
    const [first, second, third] = winShares([1, 1, 1], comparisons);
    expect(first).toBeCloseTo((1 + chanceOf(best, worst)) / 2, 12);
    expect(second).toBeCloseTo(0.5, 12);
    expect(third).toBeCloseTo(chanceOf(worst, best) / 2, 12);
  });

  it('winShares() are in [0, 1] and add up to half the group, and do not depend on the order of anything', () => {
    const group = fc.integer({ min: 2, max: 9 }).chain((count) =>
      fc.record({
        members: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: count, maxLength: count }),
        // A ring is always there, so that all are linked; chords may or may not be.
        results: fc.array(fc.constantFrom(0, 0.5, 1), { minLength: count * count, maxLength: count * count }),
        chords: fc.array(fc.boolean(), { minLength: count * count, maxLength: count * count }),
        order: fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }),
      }),
    );
    fc.assert(
      fc.property(group, ({ members, results, chords, order }) => {
        const count = members.length;
        const comparisons = all(count, (one, other) => results[one * count + other]).filter(
          ({ one, other }) => other - one === 1 || other - one === count - 1 || chords[one * count + other],
        );
        const scores = winShares(members, comparisons);
        const size = members.reduce((sum, each) => sum + each, 0);
        let sum = 0;
        scores.forEach((score, place) => {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
          sum += (score ?? 0) * (members[place] ?? 0);
        });
        expect(sum).toBeCloseTo(size / 2, 9);
        // Place p of before is place order[p] now, and every comparison is told from the other side.
        const moved = members.map((_, place) => members[order.indexOf(place)] ?? 0);
        const turned = comparisons.map(({ one, other, result }) => ({
          one: order[other] ?? 0,
          other: order[one] ?? 0,
          result: result === undefined ? undefined : 1 - result,
        }));
        const again = winShares(moved, turned.toReversed());
        scores.forEach((score, place) => expect(again[order[place] ?? 0]).toBeCloseTo(score ?? -1, 9));
      }),
    );
  });

  it('winShares() of a text do not fall when it wins a comparison that it lost', () => {
    const results = fc.array(fc.constantFrom(0, 0.5, 1), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(results, (given) => {
        const ring = given.map((result, index) => ({
          one: index % 8,
          other: (index + (index < 8 ? 1 : 2)) % 8,
          result,
        }));
        const members = Array.from({ length: 8 }, () => 1);
        const before = winShares(members, [{ ...ring[0], one: 0, other: 1, result: 0 }, ...ring.slice(1)]);
        const after = winShares(members, [{ ...ring[0], one: 0, other: 1, result: 1 }, ...ring.slice(1)]);
        expect((after[0] ?? 0) - (before[0] ?? 0)).toBeGreaterThanOrEqual(1 / 7 - 1e-9);
      }),
    );
  });
});

/** Kendall's τ: 1 where both order all pairs alike. */
function agreement(left: readonly number[], right: readonly number[]): number {
  let sum = 0;
  for (const { one, other } of all(left.length, () => 0)) {
    const difference = ((left[one] ?? 0) - (left[other] ?? 0)) * ((right[one] ?? 0) - (right[other] ?? 0));
    sum += Math.sign(difference);
  }
  return sum / ((left.length * (left.length - 1)) / 2);
}

describe('winShares() of a ring of four comparisons each', () => {
  it.each([
    [8, 0.87],
    [16, 0.76],
  ])(
    'winShares() of %i order a group as docs/recipes.md says, and better than wins alone',
    (count, stated) => {
      const random = createRandom(1);
      const [groups, places] = [500, [...Array(count).keys()]];
      const sums = { shares: 0, wins: 0 };
      for (let group = 0; group < groups; group += 1) {
        const truth = places.map(() => random.next());
        const comparisons = pairings(count, { ranking: 'ring', comparisons: 4 }).map(({ one, other }) => ({
          one,
          other,
          result: (truth[one] ?? 0) > (truth[other] ?? 0) ? 1 : 0,
        }));
        const shares = winShares(
          places.map(() => 1),
          comparisons,
        );
        const wins = places.map((place) =>
          comparisons.reduce(
            (sum, { one, other, result }) =>
              sum + (one === place ? result : other === place ? 1 - result : 0),
            0,
          ),
        );
        sums.shares += agreement(
          truth,
          shares.map((share) => share ?? 0),
        );
        sums.wins += agreement(truth, wins);
      }
      expect(Math.abs(sums.shares / groups - stated)).toBeLessThan(0.015);
      expect(sums.shares - sums.wins).toBeGreaterThan(0.05 * groups);
    },
  );
});

describe('strengthsOf()', () => {
  it('strengthsOf() two of which one won solves the equation of the fit', () => {
    const [winner = 0, loser = 0] = strengthsOf(2, [{ one: 0, other: 1, result: 1 }]);
    expect(winner * loser).toBeCloseTo(1, 9);
    // W = n / (π + 1/π) + 1 / (π + 1) times π, with 1.5 wins.
    expect(winner / (winner + loser) + winner / (winner + 1)).toBeCloseTo(1.5, 9);
  });

  it('strengthsOf() are 1 without matches and finite without a loss', () => {
    expect(strengthsOf(2, [])).toEqual([1, 1]);
    const matches = Array.from({ length: 20 }, () => ({ one: 0, other: 1, result: 1 }));
    const [winner = 0] = strengthsOf(2, matches);
    expect(winner).toBeGreaterThan(3);
    expect(Number.isFinite(winner)).toBe(true);
  });
});
