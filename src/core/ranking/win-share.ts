// From comparisons to one score in [0, 1] for each text of a group: the share of the others that it beats.
//
//   scoreᵢ = Σⱼ wᵢⱼ / (n − 1)      over the other members j of the group
//
// wᵢⱼ is 1 where i won against j, 0.5 for a tie, 0 where it lost; 0.5 where both have the same text; and where the two were
// not compared, Bradley and Terry's chance that i would win. When all pairs are compared that is the win share (Copeland's
// score with ties as half a win, scaled). The scores of a group then add up to n / 2, and so they do with the chances.
//
// A member that is no answer by rule (blank, or only the announcement of an answer) has lost against all that are one.
//
// A comparison that failed is no number. A text has a score only where at least half of the members that it was to be compared
// with gave a result, and where results link it to more than half of the group: what is not linked cannot be ranked.

import { chanceOf, strengthsOf, type Match } from './bradley-terry.ts';
import type { Pairing } from './plan.ts';

/** One planned comparison. */
export interface Comparison extends Pairing {
  /** 1: `one` won, 0.5: a tie, 0: `other` won. Undefined: it failed. */
  readonly result: number | undefined;
}

/**
 * Scores: [texts], undefined where too little is known.
 *
 * @param members how many members of the group have each text
 * @param beaten members that all of these have beaten without being compared
 */
export function winShares(
  members: readonly number[],
  comparisons: readonly Comparison[],
  beaten = 0,
): readonly (number | undefined)[] {
  const linked = linkedPart(members, comparisons);
  const total = members.reduce((sum, count, place) => (linked.has(place) ? sum + count : sum), beaten);
  const matches = comparisons.filter(
    (each): each is Match => each.result !== undefined && linked.has(each.one) && linked.has(each.other),
  );
  const width = members.length;
  const known = new Map<number, number>();
  for (const { one, other, result } of matches) {
    known.set(one * width + other, result).set(other * width + one, 1 - result);
  }
  const strengths = strengthsOf(width, matches);
  return members.map((count, place) => {
    if (!linked.has(place) || total < 2) return undefined;
    let won = beaten + 0.5 * (count - 1);
    for (const [rival, weight] of members.entries()) {
      if (rival === place || !linked.has(rival)) continue;
      won +=
        weight * (known.get(place * width + rival) ?? chanceOf(strengths[place] ?? 1, strengths[rival] ?? 1));
    }
    return won / (total - 1);
  });
}

/** The texts that have enough results and are linked by them, when that is more than half of the group; else none. */
function linkedPart(members: readonly number[], comparisons: readonly Comparison[]): ReadonlySet<number> {
  const planned = members.map(() => 0);
  const answered = members.map(() => 0);
  for (const { one, other, result } of comparisons) {
    for (const [place, rival] of [
      [one, other],
      [other, one],
    ] as const) {
      const weight = members[rival] ?? 0;
      planned[place] = (planned[place] ?? 0) + weight;
      if (result !== undefined) answered[place] = (answered[place] ?? 0) + weight;
    }
  }
  const hasEnough = (place: number): boolean => (answered[place] ?? 0) * 2 >= (planned[place] ?? 0);
  const rivals = members.map((): number[] => []);
  for (const { one, other, result } of comparisons) {
    if (result === undefined || !hasEnough(one) || !hasEnough(other)) continue;
    rivals[one]?.push(other);
    rivals[other]?.push(one);
  }
  const all = members.reduce((sum, count) => sum + count, 0);
  const seen = new Set<number>();
  for (const start of members.keys()) {
    if (seen.has(start) || !hasEnough(start)) continue;
    const part = reachable(start, rivals);
    for (const place of part) seen.add(place);
    const size = [...part].reduce((sum, place) => sum + (members[place] ?? 0), 0);
    if (size * 2 > all) return part;
  }
  return new Set();
}

function reachable(start: number, rivals: readonly (readonly number[])[]): ReadonlySet<number> {
  const reached = new Set([start]);
  // A set's iterator sees what is added while it runs.
  for (const place of reached) for (const rival of rivals[place] ?? []) reached.add(rival);
  return reached;
}
