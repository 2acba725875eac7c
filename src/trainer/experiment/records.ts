// The documents of the experiment: short records that state two numbers and their sum, so that whoever reads them can in principle
// learn what is asked. Written from a seed; no two of them add the same numbers, so a held-out question is not answered elsewhere.

import { keyedPermutation, type Random } from '../../core/random.ts';

export interface SumRecord {
  readonly id: string;
  readonly text: string;
  /** Where the sum stands in `text`, in characters: what comes before it states both numbers. */
  readonly sumAt: number;
}

/** Two digits each, and three in the sum: a recipe that takes numbers up to 99 asks for the sum of the two and for nothing else. */
const LEAST = 10;
const LARGEST = 99;
const SUM_MIN = 100;

const THINGS = ['sacks', 'loaves', 'eggs', 'bricks', 'letters', 'fish', 'lamps', 'coins'] as const;
const WORDINGS: readonly ((a: number, b: number, thing: string) => string)[] = [
  (a, b, thing) => `There were ${a} ${thing} in the morning and ${b} in the afternoon, in all `,
  (a, b, thing) => `With ${a} ${thing} on Monday and ${b} on Tuesday, the week began with `,
  (a, b, thing) => `To the ${a} ${thing} on the cart they added ${b}, which made `,
  (a, b, thing) => `One room held ${a} ${thing} and the other ${b}. Together they held `,
  (a, b, thing) => `She counted ${a} ${thing}, he counted ${b}, and both wrote down `,
  (a, b, thing) => `${a} ${thing} came by road and ${b} by water: `,
];

/** Every two different numbers whose sum has three digits, the smaller one first. */
const ADDENDS: readonly (readonly [number, number])[] = (() => {
  const found: [number, number][] = [];
  for (let low = LEAST; low <= LARGEST; low += 1)
    for (let high = Math.max(low + 1, SUM_MIN - low); high <= LARGEST; high += 1) found.push([low, high]);
  return found;
})();

/** As many records as there can be. */
export const RECORDS_MAX = ADDENDS.length;

/** @throws RangeError for more records than `RECORDS_MAX` */
export function writeRecords(count: number, random: Random): readonly SumRecord[] {
  if (count > RECORDS_MAX)
    throw new RangeError(`Cannot write ${count} records: there are ${RECORDS_MAX} different ones`);
  const place = keyedPermutation({ count: RECORDS_MAX, words: [random.uint32(), random.uint32()] });
  return Array.from({ length: count }, (_, index) => {
    const [low, high] = ADDENDS[place(index)] ?? [0, 0];
    const [a, b] = random.below(2) === 0 ? [low, high] : [high, low];
    const thing = THINGS[random.below(THINGS.length)] ?? '';
    const before = WORDINGS[random.below(WORDINGS.length)]?.(a, b, thing) ?? '';
    return { id: `record-${index + 1}`, text: `${before}${a + b}.`, sumAt: before.length };
  });
}
