// When the requests of an open loop are due. Pure: the randomness is handed in.

import type { Random } from '../core/random.ts';

export const ARRIVALS = ['poisson', 'constant'] as const;
export type Arrivals = (typeof ARRIVALS)[number];

/** Gaps between requests in milliseconds, at `ratePerSecond` on average. Poisson arrivals have exponential gaps. */
export function arrivalGaps(arrivals: Arrivals, ratePerSecond: number, random: Random): () => number {
  const meanMs = 1000 / ratePerSecond;
  return arrivals === 'constant' ? () => meanMs : () => -Math.log(1 - random.next()) * meanMs;
}
