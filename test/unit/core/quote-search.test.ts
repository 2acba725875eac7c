import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteSpanOf, findQuote, textAtBytes } from '../../../src/core/quote-search.ts';

function found(text: string, quote: string): string | undefined {
  const span = findQuote(text, quote);
  return span === undefined ? undefined : text.slice(span.start, span.end);
}

describe('findQuote()', () => {
  test.each([
    ['word for word', 'The sky is blue.', 'sky is blue', 'sky is blue'],
    ['across line breaks', 'The sky\n   is\tblue.', 'sky is blue', 'sky\n   is\tblue'],
    [
      'with other quotation marks and dashes',
      'a “big” change – it came',
      'a "big" change - it',
      'a “big” change – it',
    ],
    ['in quotation marks of its own', 'The sky is blue.', '"sky is blue"', 'sky is blue'],
    ['with dots around it', 'The sky is blue today.', '…sky is blue...', 'sky is blue'],
    ['in another case', 'Water is densest at 4 °C.', 'water is densest', 'Water is densest'],
    ['behind a soft hyphen', 'photo\u00ADsynthesis works', 'photosynthesis', 'photo\u00ADsynthesis'],
    ['beyond the basic plane', 'x 𝒳𝒴 y', '𝒳𝒴', '𝒳𝒴'],
    ['that is whole a second time', 'party art', 'art', 'art'],
    ['with a letter that grows in lower case', 'İzmir is old', 'is old', 'is old'],
    ['that ends at a full stop', 'It was 1905. Then', 'It was 1905.', 'It was 1905.'],
  ])('finds a quotation %s', (_, text, quote, expected) => {
    expect(found(text, quote)).toBe(expected);
  });

  test.each([
    ['a part of a word', 'a party', 'art'],
    ['other words', 'The sky is blue.', 'sky was blue'],
    ['words left out', 'The sky is often blue.', 'sky is ... blue'],
    ['nothing', 'The sky is blue.', ' "…" '],
    ['a number that goes on', 'In 19051 cases', 'In 1905'],
  ])('does not find %s', (_, text, quote) => {
    expect(found(text, quote)).toBeUndefined();
  });

  test('finds a word in the first place that reads like it, with white space in it', () => {
    expect(findQuote('𝒳 5 and 𝒳5', '𝒳5')).toEqual({ start: 0, end: 4 });
  });

  test('finds the second place where the first lies within a word', () => {
    expect(findQuote('party art', 'art')).toEqual({ start: 6, end: 9 });
  });

  test('finds every stretch of words of any text, however its white space is changed', () => {
    const word = fc.stringMatching(/^[a-zé𝒳5]{1,6}$/u);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), fc.nat(), fc.nat(), (words, a, b) => {
        const [from, to] = [a % words.length, b % words.length].toSorted((x, y) => x - y);
        const quote = words.slice(from, (to ?? 0) + 1);
        const hit = found(words.join(' \n '), quote.join('  '));
        // An earlier "a b" is a place of "ab": white space does not count at all.
        expect(hit?.replace(/\s+/gu, '')).toBe(quote.join(''));
      }),
    );
  });
});

describe('byteSpanOf() and textAtBytes()', () => {
  test('count bytes of UTF-8 from the offset of the passage', () => {
    const text = 'é€𝒳 end';
    const span = byteSpanOf(text, { start: 5, end: 8 }, 100);
    expect(span).toEqual({ start: 100 + 2 + 3 + 4 + 1, end: 100 + 13 });
    expect(textAtBytes(text, span, 100)).toBe('end');
  });

  test('byteSpanOf() is what Buffer says, and textAtBytes() takes it back', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        fc.nat(1000),
        (head, body, offset) => {
          const text = head + body;
          const span = byteSpanOf(text, { start: head.length, end: text.length }, offset);
          expect(span.start).toBe(offset + Buffer.byteLength(head));
          expect(span.end).toBe(offset + Buffer.byteLength(text));
          expect(textAtBytes(text, span, offset)).toBe(body);
        },
      ),
    );
  });
});
