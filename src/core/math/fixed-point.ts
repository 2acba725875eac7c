// Fixed-point arithmetic and elementary functions on BigInt, to some 300 bits. Numbers are whole multiples of 2^-FRACTION_BITS.
// Out of range is undefined, never wrong.

export const FRACTION_BITS = 320n;
export const ONE = 1n << FRACTION_BITS;
/** Values beyond 2^±LIMIT_BITS are left alone: fixed point would lose them or grow with them. */
export const LIMIT_BITS = 160n;

export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

export function limited(value: bigint): bigint | undefined {
  return absolute(value) >> (FRACTION_BITS + LIMIT_BITS) === 0n ? value : undefined;
}

export function multiply(a: bigint, b: bigint): bigint {
  return (a * b) >> FRACTION_BITS;
}

export function divide(a: bigint, b: bigint): bigint | undefined {
  return absolute(b) >> (FRACTION_BITS - LIMIT_BITS) === 0n ? undefined : (a << FRACTION_BITS) / b;
}

export function squareRoot(value: bigint): bigint {
  const target = value << FRACTION_BITS;
  if (target < 2n) return target;
  let guess = 1n << BigInt(Math.ceil(target.toString(16).length * 2));
  for (;;) {
    const next = (guess + target / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** arctan(1/x) for a whole x, by its power series. */
function inverseArcTangent(x: bigint, isHyperbolic = false): bigint {
  let term = ONE / x;
  let total = term;
  for (let at = 3n; term !== 0n; at += 2n) {
    term = (isHyperbolic ? term : -term) / (x * x);
    total += term / at;
  }
  return total;
}

/** Machin, 1706. */
export function circleRatio(): bigint {
  return 16n * inverseArcTangent(5n) - 4n * inverseArcTangent(239n);
}

function logarithmOfTwo(): bigint {
  return (
    18n * inverseArcTangent(26n, true) -
    2n * inverseArcTangent(4801n, true) +
    8n * inverseArcTangent(8749n, true)
  );
}

/** e^x = 2^k · e^r, with r small enough for a short series. */
export function exponential(x: bigint): bigint | undefined {
  const two = logarithmOfTwo();
  const shift = x / two;
  if (absolute(shift) > LIMIT_BITS) return undefined;
  const rest = (x - shift * two) >> 16n;
  let term = ONE;
  let total = ONE;
  for (let at = 1n; term !== 0n && at < 200n; at += 1n) {
    term = multiply(term, rest) / at;
    total += term;
  }
  for (let at = 0; at < 16; at += 1) total = multiply(total, total);
  return shift >= 0n ? total << shift : total >> -shift;
}

/** Newton's method on e^y = x, from the size of x. */
export function naturalLogarithm(x: bigint): bigint | undefined {
  if (x >> (FRACTION_BITS - LIMIT_BITS) <= 0n) return undefined;
  const bits = BigInt(x.toString(2).length) - FRACTION_BITS;
  const mantissa = bits >= 0n ? x >> bits : x << -bits;
  const start = Math.log(Number(mantissa >> (FRACTION_BITS - 60n)) / 2 ** 60);
  let y = BigInt(Math.round(start * 2 ** 52)) << (FRACTION_BITS - 52n);
  for (let at = 0; at < 4; at += 1) {
    const raised = exponential(-y);
    if (raised === undefined) return undefined;
    y += multiply(mantissa, raised) - ONE;
  }
  return y + bits * logarithmOfTwo();
}

export function sine(x: bigint): bigint {
  const full = 2n * circleRatio();
  let angle = x % full;
  if (angle > full / 2n) angle -= full;
  if (angle < -full / 2n) angle += full;
  const square = multiply(angle, angle);
  let term = angle;
  let total = angle;
  for (let at = 2n; term !== 0n && at < 400n; at += 2n) {
    term = -multiply(term, square) / (at * (at + 1n));
    total += term;
  }
  return total;
}

/** Halves the angle until the power series is short. */
export function arcTangent(x: bigint): bigint | undefined {
  let tangent: bigint | undefined = x;
  for (let at = 0; at < 12 && tangent !== undefined; at += 1) {
    tangent = divide(tangent, ONE + squareRoot(ONE + multiply(tangent, tangent)));
  }
  if (tangent === undefined) return undefined;
  const square = multiply(tangent, tangent);
  let term = tangent;
  let total = tangent;
  for (let at = 3n; term !== 0n && at < 400n; at += 2n) {
    term = -multiply(term, square);
    total += term / at;
  }
  return total << 12n;
}
