import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createWinkAnalyser } from '../../../src/adapters/wink-analyser.ts';

const analyser = createWinkAnalyser();

describe('createWinkAnalyser()', () => {
  test('analyse() gives sentences, words and tags with their places', () => {
    const [first, second, ...more] = analyser.analyse('Water boils at 100 °C. It freezes  at 0 °C.');
    expect(more).toEqual([]);
    expect(first).toMatchObject({ text: 'Water boils at 100 °C.', start: 0, end: 22 });
    expect(first?.tokens[1]).toEqual({ text: 'boils', start: 6, end: 11, pos: 'VERB', lemma: 'boil' });
    expect(second?.text).toBe('It freezes  at 0 °C.');
    expect(second?.tokens[0]).toMatchObject({ text: 'It', start: 23, pos: 'PRON' });
  });

  test.each([
    ['The path is shown (see Fig. 3). It ends there.', 2],
    ['The freezing point is 273 K. The boiling point is 373 K. These differ.', 3],
    ['J. J. Thomson worked in England. He liked it.', 2],
  ])('analyse() finds the sentences of %j', (text, count) => {
    expect(analyser.analyse(text)).toHaveLength(count);
  });

  test.each(['', '   ', '\n\n'])('analyse() finds nothing in %j', (text) => {
    expect(analyser.analyse(text)).toEqual([]);
  });

  test('analyse() gives entities by the tokens of their sentence', () => {
    const [, sentence] = analyser.analyse('He waited. She was born on November 7, 1867 in Warsaw.');
    const entity = sentence?.entities.find(({ kind }) => kind === 'DATE');
    const words = sentence?.tokens.slice(entity?.first, (entity?.last ?? 0) + 1).map(({ text }) => text);
    expect(words).toEqual(['November', '7', ',', '1867']);
  });

  test('analyse() places every word of any text where the text has it', () => {
    const piece = fc.constantFrom(
      'Water',
      'boils.',
      ' ',
      '\n',
      '×',
      '°C',
      '“x”',
      'é',
      '😀',
      'K. The',
      '(see',
      '3)',
      'U.S.',
      '\u00A0',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.array(piece).map((parts) => parts.join(' ')),
        ),
        (text) => {
          for (const sentence of analyser.analyse(text)) {
            expect(text.slice(sentence.start, sentence.end)).toBe(sentence.text);
            for (const token of sentence.tokens) expect(text.slice(token.start, token.end)).toBe(token.text);
          }
        },
      ),
    );
  });

  test.each([
    ['It opened on November 7, 1867.', { iso: '1867-11-07', start: 13, end: 29 }],
    ['It opened on 20 July 1969 in Paris.', { iso: '1969-07-20', start: 13, end: 25 }],
    ['Amazon went public in May 1997.', { iso: '1997-05', start: 22, end: 30 }],
    ['It opened in 1905.', undefined],
    ['It opened last year.', undefined],
    ['It opens tomorrow, on May 5.', undefined],
    ['It ran from 12 July 1998 to 3 May 1999.', undefined],
  ])('dateIn(%j) reads what the text itself says', (text, date) => {
    expect(analyser.dateIn(text)).toEqual(date);
  });
});
