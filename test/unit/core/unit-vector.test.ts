import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unitVector } from '../../../src/core/unit-vector.ts';

describe('unitVector()', () => {
  it('unitVector() has length 1 and the direction of its argument', () => {
    expect(unitVector([3, 4])).toEqual(Float32Array.of(0.6, 0.8));
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1 }), (vector) => {
        fc.pre(vector.some((component) => Math.abs(component) > 1e-3));
        const unit = unitVector(vector);
        expect(Math.hypot(...unit)).toBeCloseTo(1, 5);
        expect(unit.every((component, index) => component * (vector[index] ?? 0) >= 0)).toBe(true);
      }),
    );
  });

  it.each([[[]], [[0, 0]], [[Number.NaN]], [[Infinity, 1]]])('unitVector() refuses %j', (vector) => {
    expect(() => unitVector(vector)).toThrow(RangeError);
  });
});
