// Evaluates the expressions that the computed rows of the sample dataset carry. It shares no code and, where there is a
// choice, no method with the script that made the rows: exact fractions here, doubles there; counting here, formulas there.

export interface Fraction {
  readonly top: bigint;
  readonly bottom: bigint;
}

export function fraction(top: bigint, bottom = 1n): Fraction {
  if (bottom === 0n) throw new Error('Cannot divide by zero');
  return bottom < 0n ? { top: -top, bottom: -bottom } : { top, bottom };
}

export function add(left: Fraction, right: Fraction): Fraction {
  return fraction(left.top * right.bottom + right.top * left.bottom, left.bottom * right.bottom);
}

export function multiply(left: Fraction, right: Fraction): Fraction {
  return fraction(left.top * right.top, left.bottom * right.bottom);
}

export function isEqual(left: Fraction, right: Fraction): boolean {
  return left.top * right.bottom === right.top * left.bottom;
}

export function isGreater(left: Fraction, right: Fraction): boolean {
  return left.top * right.bottom > right.top * left.bottom;
}

function power(base: Fraction, exponent: Fraction): Fraction {
  if (exponent.top % exponent.bottom !== 0n) throw new Error('Cannot raise to a power that is not whole');
  const whole = exponent.top / exponent.bottom;
  const [top, bottom] = whole < 0n ? [base.bottom, base.top] : [base.top, base.bottom];
  const size = whole < 0n ? -whole : whole;
  return fraction(top ** size, bottom ** size);
}

/** The value of an expression of numbers, `x`, `+ - * / ^` and parentheses; `3x` means `3*x`. */
export function evaluate(text: string, x?: Fraction): Fraction {
  const tokens = text.match(/\d+(?:\.\d+)?|[-+*/^()x]/gu) ?? [];
  if (tokens.join('') !== text.replaceAll(' ', '')) throw new Error(`Cannot read "${text}"`);
  let at = 0;

  function sum(): Fraction {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-') {
      const sign = tokens[at++] === '+' ? 1n : -1n;
      value = add(value, multiply(fraction(sign), product()));
    }
    return value;
  }

  function product(): Fraction {
    let value = signed();
    for (;;) {
      const next = tokens[at];
      if (next === '*' || next === '/') {
        at += 1;
        const factor = signed();
        value = multiply(value, next === '*' ? factor : fraction(factor.bottom, factor.top));
      } else if (next === 'x' || next === '(') {
        value = multiply(value, raised());
      } else {
        return value;
      }
    }
  }

  function signed(): Fraction {
    if (tokens[at] !== '-') return raised();
    at += 1;
    return multiply(fraction(-1n), signed());
  }

  function raised(): Fraction {
    const base = atom();
    if (tokens[at] !== '^') return base;
    at += 1;
    return power(base, signed());
  }

  function atom(): Fraction {
    const token = tokens[at++];
    if (token === 'x' && x !== undefined) return x;
    if (token === '(') {
      const value = sum();
      if (tokens[at++] !== ')') throw new Error(`Cannot find the closing parenthesis in "${text}"`);
      return value;
    }
    if (token === undefined || !/^\d/u.test(token)) throw new Error(`Cannot read "${text}" at "${token}"`);
    const [whole = '', decimals = ''] = token.split('.');
    return fraction(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
  }

  const value = sum();
  if (at !== tokens.length) throw new Error(`Cannot read "${text}" to its end`);
  return value;
}
