import { describe, expect, it } from 'vitest';

import { equalExact, fromDecimal, integer } from '../../../src/core/exact.ts';
import { PLAIN_UNITS, PREFIXABLE } from '../../../src/core/unit-table.ts';
import { readUnit, toBase } from '../../../src/core/units.ts';

describe('readUnit()', () => {
  it.each([
    ['km', 'm1', '1000'],
    ['kg', 'kg1', '1'],
    ['min', 's1', '60'],
    ['mm', 'm1', '0.001'],
    ['µm'.normalize('NFKC'), 'm1', '0.000001'],
    ['megabytes', 'bit1', '8000000'],
    ['MiB', 'bit1', '8388608'],
    ['square kilometres', 'm2', '1000000'],
    ['cubic feet', 'm3', '0.028316846592'],
    ['feet squared', 'm2', '0.09290304'],
    ['m s^-2', 'm1 s-2', '1'],
    ['kg m^2/s^2', 'kg1 m2 s-2', '1'],
    ['J/(kg K)', 'K-1 m2 s-2', '1'],
    ['kWh', 'kg1 m2 s-2', '3600000'],
    ['newton-metres', 'kg1 m2 s-2', '1'],
    ['miles per hour', 'm1 s-1', '0.44704'],
    ['%', '', '0.01'],
    ['in', 'm1', '0.0254'],
  ])('%j is %j times %s', (text, dimension, factor) => {
    const read = readUnit(text, 0);
    expect(read?.unit.dimension).toBe(dimension);
    expect(read?.end).toBe(text.length);
    const expected = fromDecimal(factor);
    expect(read !== undefined && expected !== undefined && equalExact(read.unit.factor, expected)).toBe(true);
  });

  it.each(['eggs', 'men', 'people', 'in total', 'a', 'per', 'times', 'apples', 'constructor', ''])(
    '%j is no unit',
    (text) => {
      expect(readUnit(text, 0)).toBeUndefined();
    },
  );

  it('stops before words that are no unit', () => {
    expect(readUnit('km long', 0)?.end).toBe(2);
    expect(readUnit('m per person', 0)?.end).toBe(1);
  });

  it.each([
    ['°C', 0, '273.15'],
    ['degrees Fahrenheit', 32, '273.15'],
    ['celsius', 100, '373.15'],
  ])('has a zero point for %j', (text, value, kelvin) => {
    const unit = readUnit(text, 0)?.unit;
    const expected = fromDecimal(kelvin);
    if (unit === undefined || expected === undefined) throw new Error('Expected a temperature');
    expect(equalExact(toBase(integer(BigInt(value)), unit), expected)).toBe(true);
  });

  it('reads each row of the table by all of its names', () => {
    const rows = [...PLAIN_UNITS, ...PREFIXABLE];
    const names = rows
      .flatMap(([symbols, words]) => `${symbols} ${words}`.split(' '))
      .filter((name) => name !== '');
    expect(names.filter((name) => readUnit(name, 0)?.end !== name.length)).toEqual([]);
  });
});
