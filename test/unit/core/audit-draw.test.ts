import { describe, expect, it } from 'vitest';

import { hashText, isDrawn } from '../../../src/core/audit-draw.ts';

describe('isDrawn()', () => {
  it.each([0.01, 0.25])('isDrawn() draws a share of %d of all answers', (share) => {
    let drawn = 0;
    for (let question = 0; question < 200; question += 1) {
      for (let answer = 0; answer < 500; answer += 1) {
        if (isDrawn(share, { question: hashText(`What is ${question}?`), answer: String(answer) }))
          drawn += 1;
      }
    }
    // Five standard deviations of a fair draw.
    const spread = 5 * Math.sqrt(100_000 * share * (1 - share));
    expect(Math.abs(drawn - 100_000 * share)).toBeLessThan(spread);
  });

  it('isDrawn() draws the same ones each time, and more of them under a larger share', () => {
    const answers = Array.from({ length: 1_000 }, (_, index) => `answer ${index}`);
    const drawnAt = (share: number): readonly string[] =>
      answers.filter((answer) => isDrawn(share, { question: 7, answer }));
    expect(drawnAt(0.1)).toEqual(drawnAt(0.1));
    expect(drawnAt(0.1).every((answer) => drawnAt(0.2).includes(answer))).toBe(true);
    expect([drawnAt(0), drawnAt(1)]).toEqual([[], answers]);
  });
});

describe('hashText()', () => {
  it('hashText() tells texts apart, also long ones by their ends and lengths', () => {
    const long = 'x'.repeat(5_000);
    const texts = ['', ' ', 'ab', 'ba', 'é', 'e\u0301', long, `${long}x`, `${long}y`, `y${long}`, `z${long}`];
    expect(new Set(texts.map(hashText)).size).toBe(texts.length);
  });
});
