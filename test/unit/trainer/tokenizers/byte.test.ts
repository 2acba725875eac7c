import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { BYTE_TOKENIZER } from '../../../../src/trainer/tokenizers/byte.ts';

describe('BYTE_TOKENIZER', () => {
  it('encode() gives the bytes of the UTF-8', () => {
    expect(BYTE_TOKENIZER.encode('37+48=')).toEqual([51, 55, 43, 52, 56, 61]);
    expect(BYTE_TOKENIZER.encode('é')).toEqual([0xc3, 0xa9]);
  });

  it('decode(encode(text)) is the text, in any script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(BYTE_TOKENIZER.decode(BYTE_TOKENIZER.encode(text))).toBe(text);
      }),
    );
  });

  it('encode() refuses half a surrogate pair, which would come back as something else', () => {
    expect(() => BYTE_TOKENIZER.encode('a\ud83d')).toThrow(/surrogate/);
  });

  it('decode() leaves out the end, and shows bytes that are no UTF-8 as U+FFFD', () => {
    expect(BYTE_TOKENIZER.decode([56, 53, BYTE_TOKENIZER.end])).toBe('85');
    expect(BYTE_TOKENIZER.decode([56, 0xff])).toBe('8\ufffd');
  });

  it('encode() never gives the end', () => {
    expect(BYTE_TOKENIZER.encode('\0\u0003\u00ff')).not.toContain(BYTE_TOKENIZER.end);
    expect(BYTE_TOKENIZER.end).toBe(BYTE_TOKENIZER.vocabulary - 1);
  });
});
