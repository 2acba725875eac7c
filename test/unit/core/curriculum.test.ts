// Curriculum sampling: what is drawn, by which chance, and what a restart keeps.

import { describe, expect, it } from 'vitest';
import { Curriculum } from '../../../src/core/curriculum.ts';
import { createRandom } from '../../../src/core/random.ts';
import { type CurriculumPool, DEFAULT_POOLS, type IssuedGroup } from '../../../src/core/sampling.ts';

interface Settings {
  readonly count?: number;
  readonly epochs?: number;
  readonly seed?: number;
  readonly pools?: readonly CurriculumPool[];
  readonly unseenWeight?: number;
}

function curriculum(settings: Settings = {}): Curriculum {
  return new Curriculum({
    count: 10,
    epochs: 1_000,
    seed: 3,
    pools: DEFAULT_POOLS,
    unseenWeight: 1,
    ...settings,
  });
}

function ordinalAt(sampler: Curriculum, position: number): number {
  const drawn = sampler.next(position);
  if (typeof drawn === 'string') throw new Error(`Expected a pair at ${position}, got ${drawn}`);
  return drawn.ordinal;
}

/** Of pairs 0 … 9 two are hard, six normal and two easy. */
function passesOf(ordinal: number): number {
  if (ordinal < 2) return 0;
  return ordinal < 8 ? 4 : 8;
}

/** Draws every pair once and reports its passes of 8 by `passesOf`. */
function seeAll(sampler: Curriculum, count: number): void {
  const ordinals = Array.from({ length: count }, (_, position) => ordinalAt(sampler, position));
  for (const ordinal of ordinals) sampler.observe(ordinal, { passes: passesOf(ordinal), trials: 8 });
}

/** How often each ordinal is drawn in `draws` draws, each observed again with the same passes. */
function frequencies(
  sampler: Curriculum,
  draws: { readonly from: number; readonly count: number },
): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < draws.count; i++) {
    const ordinal = ordinalAt(sampler, draws.from + i);
    counts.set(ordinal, (counts.get(ordinal) ?? 0) + 1);
    sampler.observe(ordinal, { passes: passesOf(ordinal), trials: 8 });
  }
  return counts;
}

/** The draws of a run whose groups end one after the other, with passes that another seed decides. */
function play(seed: number): number[] {
  const sampler = curriculum({ count: 30, seed });
  const random = createRandom(1);
  return Array.from({ length: 300 }, (_, position) => {
    const ordinal = ordinalAt(sampler, position);
    sampler.observe(ordinal, { passes: random.below(9), trials: 8 });
    return ordinal;
  });
}

/** Plays a random life of `count` pairs and says what it saw go wrong. */
function faultsOfLife(seed: number, count: number): string[] {
  const sampler = curriculum({ count, seed });
  const random = createRandom(seed);
  const faults: string[] = [];
  const out = new Set<number>();
  const retired = new Set<number>();
  const seen = new Set<number>();
  let position = 0;
  let answer = sampler.next(position);
  while (position < 1_000 && answer !== 'exhausted') {
    if (random.next() < 0.5 || out.size === 0) {
      if (answer === 'all_leased') {
        if (out.size === 0 || out.size + retired.size < count) faults.push(`all leased at ${position}`);
      } else {
        const { ordinal } = answer;
        if (out.has(ordinal) || retired.has(ordinal)) faults.push(`${ordinal} drawn while it was away`);
        if (!(ordinal >= 0 && ordinal < count)) faults.push(`${ordinal} is no pair`);
        out.add(ordinal);
        seen.add(ordinal);
        position += 1;
        answer = sampler.next(position);
      }
    }
    const ordinal = [...out][random.below(Math.max(1, out.size))];
    if (ordinal === undefined || random.next() < 0.5) continue;
    // A pair that is drawn but not yet taken into `out` is never ended here.
    out.delete(ordinal);
    if (random.next() < 0.03) {
      retired.add(ordinal);
      sampler.retire(ordinal);
    } else {
      sampler.observe(ordinal, { passes: random.below(9), trials: random.next() < 0.1 ? 0 : 8 });
    }
    if (answer === 'all_leased') answer = sampler.next(position);
  }
  if (seen.size < count) faults.push(`only ${seen.size} of ${count} pairs were drawn`);
  if (answer === 'exhausted' && retired.size < count) faults.push('exhausted with pairs left');
  return faults;
}

describe('Curriculum', () => {
  it('Curriculum walks unseen pairs without repeating one while none has come back', () => {
    const sampler = curriculum({ count: 200 });
    const drawn = Array.from({ length: 200 }, (_, position) => ordinalAt(sampler, position));
    expect(new Set(drawn).size).toBe(200);
    expect(sampler.next(200)).toBe('all_leased');
  });

  it('Curriculum goes on at the same position once a pair has come back', () => {
    const sampler = curriculum({ count: 1 });
    expect(ordinalAt(sampler, 0)).toBe(0);
    expect(sampler.next(1)).toBe('all_leased');
    sampler.observe(0, { passes: 4, trials: 8 });
    expect(ordinalAt(sampler, 1)).toBe(0);
  });

  it('Curriculum is exhausted after count × epochs groups', () => {
    const sampler = curriculum({ count: 4, epochs: 2 });
    expect(sampler.groupsTotal).toBe(8);
    expect(sampler.next(8)).toBe('exhausted');
  });

  it('Curriculum draws pairs in proportion to the weight of their pool', () => {
    // Two hard, six normal, two easy pairs; weights 0.2, 1, 0.2 make a sum of 6.8.
    const sampler = curriculum();
    seeAll(sampler, 10);
    const draws = 8_000;
    const counts = frequencies(sampler, { from: 10, count: draws });
    for (let ordinal = 0; ordinal < 10; ordinal++) {
      const share = (passesOf(ordinal) === 4 ? 1 : 0.2) / 6.8;
      const deviation = Math.sqrt(draws * share * (1 - share));
      expect(Math.abs((counts.get(ordinal) ?? 0) - draws * share)).toBeLessThan(5 * deviation);
    }
  });

  it('Curriculum weighs pairs not seen yet by unseenWeight', () => {
    // 100 seen pairs of weight 1, 100 unseen ones of weight 3: an unseen one comes first with chance 3/4.
    let unseenFirst = 0;
    for (let seed = 0; seed < 400; seed++) {
      const sampler = curriculum({ count: 200, seed, unseenWeight: 3 });
      const seen = Array.from({ length: 100 }, (_, position) => ordinalAt(sampler, position));
      for (const ordinal of seen) sampler.observe(ordinal, { passes: 4, trials: 8 });
      if (!seen.includes(ordinalAt(sampler, 100))) unseenFirst += 1;
    }
    expect(Math.abs(unseenFirst - 300)).toBeLessThan(5 * Math.sqrt(75));
  });

  it('Curriculum moves a pair with its latest pass rate: pools are up to and with their bound', () => {
    const pools = [
      { name: 'hard', passRateMax: 0.25, weight: 0 },
      { name: 'normal', passRateMax: 0.75, weight: 1 },
      { name: 'easy', passRateMax: 1, weight: 0 },
    ];
    const isDrawnAgain = (passes: number): boolean => {
      const sampler = curriculum({ count: 1, pools });
      sampler.observe(ordinalAt(sampler, 0), { passes, trials: 8 });
      return sampler.next(1) !== 'exhausted';
    };
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map(isDrawnAgain)).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('Curriculum is exhausted when only pairs of weight 0 are left and none is out', () => {
    const pools = [{ name: 'any', passRateMax: 1, weight: 0 }];
    const sampler = curriculum({ count: 2, pools });
    const first = ordinalAt(sampler, 0);
    const second = ordinalAt(sampler, 1);
    sampler.observe(first, { passes: 8, trials: 8 });
    expect(sampler.next(2)).toBe('all_leased');
    sampler.observe(second, { passes: 8, trials: 8 });
    expect(sampler.next(2)).toBe('exhausted');
  });

  it('Curriculum draws unseen pairs of weight 0 only while no pool has anything', () => {
    const sampler = curriculum({ count: 50, unseenWeight: 0 });
    const first = ordinalAt(sampler, 0);
    sampler.observe(first, { passes: 4, trials: 8 });
    for (let position = 1; position < 20; position++) {
      expect(ordinalAt(sampler, position)).toBe(first);
      sampler.observe(first, { passes: 4, trials: 8 });
    }
    ordinalAt(sampler, 20);
    expect(ordinalAt(sampler, 21)).not.toBe(first);
  });

  it('Curriculum does not draw a retired pair again', () => {
    const sampler = curriculum({ count: 3 });
    const retired = ordinalAt(sampler, 0);
    sampler.retire(retired);
    // A late result does not bring it back.
    sampler.observe(retired, { passes: 4, trials: 8 });
    for (let position = 1; position < 200; position++) {
      const ordinal = ordinalAt(sampler, position);
      expect(ordinal).not.toBe(retired);
      sampler.observe(ordinal, { passes: 4, trials: 8 });
    }
  });

  it('Curriculum leaves a pair in its pool when no completion could be scored', () => {
    const pools = [
      { name: 'hard', passRateMax: 0.5, weight: 0 },
      { name: 'easy', passRateMax: 1, weight: 1 },
    ];
    const sampler = curriculum({ count: 1, pools, unseenWeight: 0 });
    sampler.observe(ordinalAt(sampler, 0), { passes: 8, trials: 8 });
    sampler.observe(ordinalAt(sampler, 1), { passes: 0, trials: 0 });
    expect(ordinalAt(sampler, 2)).toBe(0);
  });

  it('Curriculum counts a pair that never had a scored completion as unseen', () => {
    const pools = [{ name: 'any', passRateMax: 1, weight: 0 }];
    const sampler = curriculum({ count: 1, pools });
    sampler.observe(ordinalAt(sampler, 0), { passes: 0, trials: 0 });
    expect(ordinalAt(sampler, 1)).toBe(0);
  });

  it('Curriculum ignores what is said of pairs that are not out', () => {
    const sampler = curriculum({ count: 2 });
    sampler.observe(1, { passes: 4, trials: 8 });
    sampler.retire(0);
    expect([ordinalAt(sampler, 0), ordinalAt(sampler, 1)].toSorted((a, b) => a - b)).toEqual([0, 1]);
    expect(sampler.next(2)).toBe('all_leased');
  });

  it('Curriculum gives the same draws for the same seed and the same calls', () => {
    expect(play(1)).toEqual(play(1));
    expect(play(1)).not.toEqual(play(2));
  });

  it('Curriculum in a random life never draws a pair that is out or retired, and loses none', () => {
    for (let seed = 0; seed < 30; seed++) expect(faultsOfLife(seed, 40)).toEqual([]);
  });
});

describe('Curriculum.restore()', () => {
  it('Curriculum.restore() goes on with the draws of a life in which each group ended before the next', () => {
    const sampler = curriculum({ count: 25 });
    const random = createRandom(4);
    const issued: IssuedGroup[] = [];
    for (let position = 0; position < 120; position++) {
      const ordinal = ordinalAt(sampler, position);
      const isRetired = random.next() < 0.05;
      const observation = { passes: random.below(9), trials: 8 };
      if (isRetired) sampler.retire(ordinal);
      else sampler.observe(ordinal, observation);
      issued.push({ ordinal, observation: isRetired ? undefined : observation, isRetired });
    }
    const restored = curriculum({ count: 25 });
    restored.restore(issued);
    for (let position = 120; position < 200; position++) {
      const ordinal = ordinalAt(sampler, position);
      expect(ordinalAt(restored, position)).toBe(ordinal);
      sampler.observe(ordinal, { passes: 3, trials: 8 });
      restored.observe(ordinal, { passes: 3, trials: 8 });
    }
  });

  it('Curriculum.restore() keeps open groups out and the walk where it was', () => {
    const sampler = curriculum({ count: 10 });
    const drawn = Array.from({ length: 6 }, (_, position) => ordinalAt(sampler, position));
    const restored = curriculum({ count: 10 });
    restored.restore(
      drawn.map((ordinal, i) => ({
        ordinal,
        observation: i === 0 ? { passes: 4, trials: 8 } : undefined,
        isRetired: false,
      })),
    );
    const rest = Array.from({ length: 5 }, (_, i) => ordinalAt(restored, 6 + i));
    // The one that came back and the four that were never drawn; the five open ones stay out.
    expect(new Set(rest)).toEqual(
      new Set([drawn[0], ...Array.from({ length: 10 }, (_, i) => i).filter((i) => !drawn.includes(i))]),
    );
    expect(restored.next(11)).toBe('all_leased');
    restored.observe(drawn[1] ?? -1, { passes: 4, trials: 8 });
    expect(ordinalAt(restored, 11)).toBe(drawn[1]);
  });
});
