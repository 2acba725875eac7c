import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairingCount, pairings, seated, type RankingPlan } from '../../../../src/core/ranking/plan.ts';

function ring(comparisons: number): RankingPlan {
  return { ranking: 'ring', comparisons };
}

const ROUND_ROBIN: RankingPlan = { ranking: 'round_robin', comparisons: 4 };

describe('pairings()', () => {
  it.each<[count: number, plan: RankingPlan, comparisons: number]>([
    [0, ROUND_ROBIN, 0],
    [1, ROUND_ROBIN, 0],
    [2, ROUND_ROBIN, 1],
    [8, ROUND_ROBIN, 28],
    [16, ROUND_ROBIN, 120],
    [91, ROUND_ROBIN, 4_095],
    [1, ring(4), 0],
    [2, ring(4), 1],
    [5, ring(4), 10],
    [6, ring(4), 12],
    [8, ring(4), 16],
    [16, ring(4), 32],
    [8, ring(3), 12],
    [9, ring(3), 9],
    [8, ring(2), 8],
    [1_024, ring(4), 2_048],
  ])('pairings(%i, %o) are %i comparisons', (count, plan, comparisons) => {
    expect(pairings(count, plan)).toHaveLength(comparisons);
    expect(pairingCount(count, plan)).toBe(comparisons);
  });

  it('pairings() of a ring of 6 are neighbours and those two seats away', () => {
    const named = pairings(6, ring(4)).map(({ one, other }) => `${one}${other}`);
    expect(named).toEqual(['01', '12', '23', '34', '45', '50', '02', '13', '24', '35', '40', '51']);
  });

  it('pairings() compare no text with itself, no pair twice, each as often as asked for, and link all', () => {
    const plans = fc.oneof(fc.constant(ROUND_ROBIN), fc.integer({ min: 2, max: 12 }).map(ring));
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), plans, (count, plan) => {
        const made = pairings(count, plan);
        const names = made.map(({ one, other }) => `${Math.min(one, other)} ${Math.max(one, other)}`);
        expect(new Set(names).size).toBe(made.length);
        const degrees = Array.from({ length: count }, () => 0);
        for (const { one, other } of made) {
          expect(one).not.toBe(other);
          degrees[one] = (degrees[one] ?? 0) + 1;
          degrees[other] = (degrees[other] ?? 0) + 1;
        }
        const isAll = plan.ranking === 'round_robin' || plan.comparisons >= count - 1;
        const isOdd = plan.comparisons % 2 === 1 && count % 2 === 1;
        const degree = isAll ? count - 1 : plan.comparisons - (isOdd ? 1 : 0);
        expect(degrees).toEqual(degrees.map(() => degree));
        const reached = new Set([0]);
        for (const place of reached) {
          for (const { one, other } of made) {
            if (one === place) reached.add(other);
            if (other === place) reached.add(one);
          }
        }
        expect(reached.size).toBe(count);
      }),
    );
  });
});

describe('seated()', () => {
  it('seated() is the same whatever the order, has each text once, and differs between questions', () => {
    const texts = Array.from({ length: 12 }, (_, index) => `text ${index}`);
    const seats = seated('Q', texts);
    expect(seats.toSorted()).toEqual(texts.toSorted());
    expect(seated('Q', [...texts, ...texts].toReversed())).toEqual(seats);
    expect(seated('R', texts)).not.toEqual(seats);
  });
});
