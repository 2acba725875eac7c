// Seeded randomness that gives the same numbers on every machine: 32-bit integer arithmetic only. Not for secrets: whoever
// sees a few outputs can work out the rest.

/** Largest N of a keyed permutation: what two 16-bit halves and a 32-bit hash mix well. */
export const PERMUTATION_COUNT_MAX = 2 ** 32;

const ROUNDS = 8;
const GOLDEN_RATIO = 0x9e3779b9;

/** A bijection of 32-bit words in which each input bit flips each output bit about half the time (MurmurHash3's finaliser). */
export function mix32(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Hash of integers to a 32-bit word, in [0, 2³²). Each argument is a whole number in [0, 2⁵³) and counts with all its
 * bits; the order of the arguments matters, and so does their number.
 */
export function hash32(...words: readonly number[]): number {
  let h = words.length;
  for (const word of words) {
    h = mix32((h + GOLDEN_RATIO) ^ (word >>> 0));
    h = mix32((h + GOLDEN_RATIO) ^ Math.floor(word / 2 ** 32));
  }
  return h;
}

/** A hash of integers as a number in [0, 1) with 53 bits. */
export function hashFloat(...words: readonly number[]): number {
  return (hash32(0, ...words) * 2 ** 21 + (hash32(1, ...words) >>> 11)) / 2 ** 53;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Stream of random numbers: xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators"). */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param state four 32-bit words, not all 0 */
  constructor(state: readonly [number, number, number, number]) {
    [this.#a, this.#b, this.#c, this.#d] = state;
  }

  /** In [0, 2³²). */
  uint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /** In [0, 1), 53 bits. */
  next(): number {
    return (this.uint32() * 2 ** 21 + (this.uint32() >>> 11)) / 2 ** 53;
  }

  /** A whole number in [0, bound), each as likely as the others; bound in [1, 2³²]. */
  below(bound: number): number {
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % bound;
  }
}

/** A stream of random numbers that `seed`, a whole number in [0, 2⁵³), chooses. */
export function createRandom(seed: number): Random {
  return new Random([hash32(seed, 0), hash32(seed, 1), hash32(seed, 2), hash32(seed, 3) || 1]);
}

/**
 * A permutation of [0, count) chosen by `key`, one element at a time in O(1) memory: position in, element out.
 *
 * An alternating Feistel network over the mixed radix (a, b), a = ⌈√count⌉, b = ⌈count / a⌉, adds a keyed hash of one
 * digit to the other, modulo its radix; each round is a bijection of [0, a·b). Results outside [0, count) are fed in again
 * (cycle walking: Black and Rogaway, "Ciphers with arbitrary finite domains", 2002), and a·b < count + a, so that is rare.
 *
 * @param key.words whole numbers in [0, 2⁵³): for example seed and epoch
 */
export function keyedPermutation(key: {
  readonly count: number;
  readonly words: readonly number[];
}): (position: number) => number {
  const { count } = key;
  if (!Number.isInteger(count) || count < 1 || count > PERMUTATION_COUNT_MAX) {
    throw new RangeError(`Cannot permute ${count} elements: the count is a whole number from 1 to 2^32`);
  }
  const a = Math.ceil(Math.sqrt(count));
  const b = Math.ceil(count / a);
  const roundKeys = Array.from({ length: ROUNDS }, (_, round) => hash32(...key.words, round));

  const shuffleOnce = (element: number): number => {
    let high = Math.floor(element / b);
    let low = element % b;
    for (let round = 0; round < ROUNDS; round += 2) {
      high = (high + mix32((roundKeys[round] ?? 0) + Math.imul(low, GOLDEN_RATIO))) % a;
      low = (low + mix32((roundKeys[round + 1] ?? 0) + Math.imul(high, GOLDEN_RATIO))) % b;
    }
    return high * b + low;
  };

  return (position) => {
    if (!(position >= 0 && position < count)) {
      throw new RangeError(`Cannot permute position ${position}: there are ${count}`);
    }
    let element = shuffleOnce(position);
    while (element >= count) element = shuffleOnce(element);
    return element;
  };
}
