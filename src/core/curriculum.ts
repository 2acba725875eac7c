// Draws pairs by how hard they were when last seen: weighted sampling over pools of pass rate, in O(1) a draw and memory
// for the pairs seen only. It knows no clock and no storage; the same seed and the same calls give the same draws.

import { hashFloat, keyedPermutation } from './random.ts';
import type { CurriculumPool, Draw, IssuedGroup, Observation, Sampler } from './sampling.ts';

/** Words that keep the two random choices of one position apart. */
const POOL_CHOICE = 1;
const PAIR_CHOICE = 2;

/** Slots of pairs that wait in no pool. */
const OUT = -1;
const RETIRED = -2;

interface Pool {
  readonly passRateMax: number;
  readonly weight: number;
  /** Pairs that wait here, in no order that means anything. */
  readonly ordinals: number[];
}

/** Where a pair that was drawn before is: its pool (none before its first group ended) and its index in the pool's list. */
interface Place {
  pool: Pool | undefined;
  slot: number;
}

/**
 * Curriculum sampling. A pair's chance is proportional to the weight of the pool that it waits in (`unseenWeight` before
 * its first group); a pool is as likely as its weight × the pairs waiting in it. Pairs not drawn yet are walked in
 * shuffled order. A pair belongs to the pool of its latest group that had a scored completion: the policy moves, so older
 * groups say less. Pairs that are out are not drawn; neither are pairs of weight 0, and when nothing else is left the
 * run is exhausted. Unseen pairs of weight 0 are drawn only when no pool has anything, or nothing would ever start.
 *
 * An epoch is N groups, not every pair once: hard and easy pairs come less often, others more.
 */
export class Curriculum implements Sampler {
  readonly groupsTotal: number;
  readonly needsHistory = true;
  readonly #count: number;
  readonly #seed: number;
  readonly #unseenWeight: number;
  readonly #walk: (position: number) => number;
  readonly #pools: readonly Pool[];
  /** Pairs whose groups ended without one scored completion: as unknown as unseen pairs, but the walk is past them. */
  readonly #unscored: Pool;
  /** `#pools` and `#unscored`. */
  readonly #drawable: readonly Pool[];
  /** Every pair drawn so far. Their number is also how far the walk over unseen pairs has come. */
  readonly #places = new Map<number, Place>();
  #out = 0;

  /** @param options.count pairs, at least 1. `options.pools` in rising order of `passRateMax`, the last one 1. */
  constructor(options: {
    readonly count: number;
    readonly epochs: number;
    readonly seed: number;
    readonly pools: readonly CurriculumPool[];
    readonly unseenWeight: number;
  }) {
    this.groupsTotal = options.count * options.epochs;
    this.#count = options.count;
    this.#seed = options.seed;
    this.#unseenWeight = options.unseenWeight;
    this.#walk = keyedPermutation({ count: options.count, words: [options.seed, 0] });
    this.#pools = options.pools.map(({ passRateMax, weight }) => ({ passRateMax, weight, ordinals: [] }));
    this.#unscored = { passRateMax: 1, weight: options.unseenWeight, ordinals: [] };
    this.#drawable = [...this.#pools, this.#unscored];
  }

  next(position: number): Draw | 'all_leased' | 'exhausted' {
    if (position >= this.groupsTotal) return 'exhausted';
    const ordinal = this.#draw(position);
    if (ordinal === undefined) return this.#out > 0 ? 'all_leased' : 'exhausted';
    this.#take(ordinal);
    return { ordinal, epoch: Math.floor(position / this.#count) };
  }

  observe(ordinal: number, observation: Observation): void {
    const place = this.#places.get(ordinal);
    if (place === undefined || place.slot !== OUT) return;
    this.#out -= 1;
    if (observation.trials > 0) place.pool = this.#poolOf(observation.passes / observation.trials);
    else place.pool ??= this.#unscored;
    place.slot = place.pool.ordinals.push(ordinal) - 1;
  }

  retire(ordinal: number): void {
    const place = this.#places.get(ordinal);
    if (place === undefined || place.slot !== OUT) return;
    this.#out -= 1;
    place.slot = RETIRED;
  }

  restore(issued: Iterable<IssuedGroup>): void {
    for (const { ordinal, observation, isRetired } of issued) {
      this.#take(ordinal);
      if (isRetired) this.retire(ordinal);
      else if (observation !== undefined) this.observe(ordinal, observation);
    }
  }

  #draw(position: number): number | undefined {
    const unseen = this.#count - this.#places.size;
    const waiting = this.#drawable.reduce((sum, pool) => sum + pool.weight * pool.ordinals.length, 0);
    const unseenMass = this.#unseenWeight * unseen;
    let point = hashFloat(this.#seed, POOL_CHOICE, position) * (waiting + unseenMass);
    let last: Pool | undefined;
    if (point >= unseenMass) {
      point -= unseenMass;
      for (const pool of this.#drawable) {
        const mass = pool.weight * pool.ordinals.length;
        if (mass === 0) continue;
        last = pool;
        if (point < mass) break;
        point -= mass;
      }
    }
    if (last === undefined) return unseen > 0 ? this.#walk(this.#places.size) : undefined;
    return last.ordinals[Math.floor(hashFloat(this.#seed, PAIR_CHOICE, position) * last.ordinals.length)];
  }

  /** Marks the pair as out. Swap-remove: the last pair of the pool's list moves into the gap. */
  #take(ordinal: number): void {
    const place = this.#places.get(ordinal);
    if (place === undefined) {
      this.#places.set(ordinal, { pool: undefined, slot: OUT });
      this.#out += 1;
      return;
    }
    if (place.slot < 0) return;
    const ordinals = place.pool?.ordinals ?? [];
    const moved = ordinals.pop();
    if (moved !== undefined && moved !== ordinal) {
      ordinals[place.slot] = moved;
      const movedPlace = this.#places.get(moved);
      if (movedPlace !== undefined) movedPlace.slot = place.slot;
    }
    place.slot = OUT;
    this.#out += 1;
  }

  #poolOf(passRate: number): Pool {
    return this.#pools.find((pool) => passRate <= pool.passRateMax) ?? this.#unscored;
  }
}
