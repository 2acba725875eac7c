import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { splitPassages } from '../../../src/core/passages.ts';

/** Anything that a document may be: words, any Unicode, and all that the splitter takes for structure. */
const texts = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.toWellFormed()),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.lorem({ mode: 'sentences', maxCount: 3 }),
      fc.constantFrom(
        '\n',
        '\n\n',
        '# Heading\n',
        'Title\n=====\n',
        '```\ncode\n```\n',
        '~~~\n',
        '````js\n',
        '$$\nx = 1.\n$$\n',
        '\\begin{align}\n',
        '\\end{align}\n',
        '| a | b |\n',
        '- item\n',
        'As follows:\n',
        '\r\n',
        ' \n',
        '👩‍👩‍👧‍👦👍🏽',
        'e\u0301'.repeat(20),
        '漢字。'.repeat(10),
      ),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''));
const sizes = fc.oneof(fc.integer({ min: 4, max: 64 }), fc.integer({ min: 64, max: 3_000 }));

describe('splitPassages() on any Unicode', () => {
  it('splitPassages() tiles the text: the passages are the text, and each is the bytes at its span', () => {
    fc.assert(
      fc.property(texts, sizes, (text, bytesMax) => {
        const bytes = Buffer.from(text, 'utf8');
        let at = 0;
        for (const passage of splitPassages(text, bytesMax)) {
          expect(passage.span.start).toBe(at);
          expect(passage.span.end).toBeGreaterThan(at);
          expect(bytes.subarray(passage.span.start, passage.span.end).toString('utf8')).toBe(passage.text);
          at = passage.span.end;
        }
        expect(at).toBe(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it('splitPassages() makes no passage larger than it may be, and none that ends in half a character', () => {
    fc.assert(
      fc.property(texts, sizes, (text, bytesMax) => {
        for (const passage of splitPassages(text, bytesMax)) {
          expect(passage.span.end - passage.span.start).toBeLessThanOrEqual(bytesMax);
          expect(passage.text.isWellFormed()).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('splitPassages() needs no more than twice the passages that the size of the text asks for, and one', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 32, max: 3_000 }), (text, bytesMax) => {
        const least = Math.ceil(Buffer.byteLength(text) / bytesMax);
        // Two neighbours that fit into one passage would be one: a cut breaks something, and nothing is gained.
        expect(splitPassages(text, bytesMax).length).toBeLessThanOrEqual(2 * least + 1);
      }),
      { numRuns: 500 },
    );
  });
});
