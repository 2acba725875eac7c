// Draws from lists by a seeded generator.

import type { Random } from '../../core/random.ts';

/** `count` different elements, in the order of drawing; all of them, shuffled, where there are no more. */
export function drawFrom<Value>(list: readonly Value[], count: number, random: Random): readonly Value[] {
  const left = [...list];
  const drawn: Value[] = [];
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(random.below(left.length), 1));
  return drawn;
}
