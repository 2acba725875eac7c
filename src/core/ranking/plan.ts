// Which members of a group are compared with each other. A plan depends on what is compared and on nothing else, so that the
// same group is compared in the same way again, whatever the order in which its members came in.

import { hashText } from '../audit-draw.ts';
import { hash32 } from '../random.ts';

/** `round_robin`: all pairs. `ring`: each with a few others, by a fixed pattern that links all. */
export const RANKINGS = ['ring', 'round_robin'] as const;

export interface RankingPlan {
  readonly ranking: (typeof RANKINGS)[number];
  /** Only `ring`: how many others each text is compared with, at most. */
  readonly comparisons: number;
}

/** Places in the list of what is compared. */
export interface Pairing {
  readonly one: number;
  readonly other: number;
}

/**
 * The texts in the order in which plans seat them: by a hash of question and text, so that nobody is always compared with
 * those of like length or wording. Each text once.
 */
export function seated(question: string, texts: Iterable<string>): readonly string[] {
  const salt = hashText(question);
  const seats = [...new Set(texts)].map((text) => ({ text, seat: hash32(salt, hashText(text)) }));
  return seats.toSorted((a, b) => a.seat - b.seat || (a.text < b.text ? -1 : 1)).map(({ text }) => text);
}

/**
 * The pairs to compare of `count` texts on a ring, each pair once. For each offset d of the plan, every text is compared with
 * the one d seats further on; with ⌊count / 2⌋ offsets that is everybody with everybody.
 *
 * `ring` takes the offsets 1, 2, 4, … below count / 2, so that few steps lead from any text to any other, then the smallest
 * that are left; every text has `comparisons` pairings, or one less where that and `count` are both odd.
 */
export function pairings(count: number, plan: RankingPlan): readonly Pairing[] {
  return offsetsOf(count, plan).flatMap((offset) => {
    // Half way round, the second half would meet the first again.
    const starts = offset * 2 === count ? offset : count;
    return Array.from({ length: starts }, (_, one) => ({ one, other: (one + offset) % count }));
  });
}

/** How many `pairings` there are, without making them. */
export function pairingCount(count: number, plan: RankingPlan): number {
  return offsetsOf(count, plan).reduce((sum, offset) => sum + (offset * 2 === count ? offset : count), 0);
}

function offsetsOf(count: number, { ranking, comparisons }: RankingPlan): readonly number[] {
  const all = Array.from({ length: Math.floor(count / 2) }, (_, index) => index + 1);
  if (ranking === 'round_robin' || comparisons >= count - 1) return all;
  const whole = all.filter((offset) => offset * 2 < count);
  const doubling = whole.filter((offset) => Number.isInteger(Math.log2(offset)));
  const others = whole.filter((offset) => !doubling.includes(offset));
  const chosen = [...doubling, ...others].slice(0, Math.floor(comparisons / 2));
  return comparisons % 2 === 1 && count % 2 === 0 ? [...chosen, count / 2] : chosen;
}
