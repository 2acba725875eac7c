import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Length } from '../../../src/core/utf8-length.ts';

describe('utf8Length()', () => {
  it.each<[string, number, number, number]>([
    ['', 0, 0, 0],
    ['abc', 1, 3, 2],
    ['é', 0, 1, 2],
    ['€', 0, 1, 3],
    ['\u{1F600}', 0, 2, 4],
    ['\u{1F600}', 0, 1, 2],
  ])('utf8Length() counts the bytes of %j from %i to %i', (text, start, end, bytes) => {
    expect(utf8Length(text, start, end)).toBe(bytes);
  });

  it('utf8Length() counts what an encoder writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const whole = text.toWellFormed();
        expect(utf8Length(whole, 0, whole.length)).toBe(Buffer.byteLength(whole));
      }),
    );
  });
});
