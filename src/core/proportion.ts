// A share of counted things with how far it can be trusted.

/** A share and its 95 % interval, all in [0, 1]. */
export interface Proportion {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/**
 * part / whole with Wilson's score interval (E. B. Wilson, 1927): with p = part / whole and n = whole,
 *
 *   (p + z²/2n ± z · √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
 *
 * It stays inside [0, 1] and says something also where all or none count. Undefined where there is nothing to take a share of.
 */
export function proportionOf(part: number, whole: number): Proportion | undefined {
  if (whole === 0) return undefined;
  const share = part / whole;
  const square = Z ** 2 / whole;
  const centre = share + square / 2;
  const reach = Z * Math.sqrt((share * (1 - share)) / whole + square / (4 * whole));
  // None and all are their own bounds; rounding must not put them outside.
  const low = part === 0 ? 0 : (centre - reach) / (1 + square);
  const high = part === whole ? 1 : (centre + reach) / (1 + square);
  return { share, low, high };
}
