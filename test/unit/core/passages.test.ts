import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { splitPassages } from '../../../src/core/passages.ts';

const texts = (text: string, bytesMax: number): readonly string[] =>
  splitPassages(text, bytesMax).map((passage) => passage.text);
const sentence = (at: number): string => `Sentence ${at} says something of its own.`;
const paragraph = (from: number, count = 3): string =>
  Array.from({ length: count }, (_, at) => sentence(from + at)).join(' ');

describe('splitPassages()', () => {
  it('splitPassages() leaves a short text whole and finds nothing in none', () => {
    expect(splitPassages('Naïve.', 100)).toEqual([{ text: 'Naïve.', span: { start: 0, end: 7 } }]);
    expect(splitPassages('', 100)).toEqual([]);
  });

  it.each([3, 0, -1, 7.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'splitPassages() refuses passages of %s bytes',
    (bytesMax) => {
      expect(() => splitPassages('text', bytesMax)).toThrow(/whole number from 4 up/u);
    },
  );

  const [one, two, three] = [paragraph(1), paragraph(4), paragraph(7)];
  it.each<[string, string, number, readonly string[]]>([
    ['before headings', `# A\n\n${one}\n\n# B\n\n${two}`, 200, [`# A\n\n${one}\n\n`, `# B\n\n${two}`]],
    [
      'before underlined headings',
      `A\n=\n\n${one}\n\nB\n=\n\n${two}`,
      200,
      [`A\n=\n\n${one}\n\n`, `B\n=\n\n${two}`],
    ],
    [
      'before a heading rather than before a paragraph',
      `# A\n\n${one}\n\n## B\n\n${two}\n\n${three}`,
      300,
      [`# A\n\n${one}\n\n`, `## B\n\n${two}\n\n${three}`],
    ],
    [
      'before the higher of two headings',
      `# A\n\n${one}\n\n# B\n\n${two}\n\n### C\n\n${three}`,
      300,
      [`# A\n\n${one}\n\n`, `# B\n\n${two}\n\n### C\n\n${three}`],
    ],
    ['between paragraphs', `${one}\n\n${two}`, 150, [`${one}\n\n`, two]],
    ['between paragraphs of one line each', `${one}\n${two}\n${three}`, 150, [`${one}\n`, `${two}\n`, three]],
    [
      'between sentences',
      paragraph(1, 4),
      80,
      [`${sentence(1)} ${sentence(2)} `, `${sentence(3)} ${sentence(4)}`],
    ],
    [
      'not at abbreviations',
      'See Fig. 3 of Dr. A. Smith there. Then Mr. Jones goes.',
      40,
      ['See Fig. 3 of Dr. A. Smith there. ', 'Then Mr. Jones goes.'],
    ],
    [
      'not within formulas and code',
      'Let $a. B$ and `x. Y` be here. Thus it is so.',
      36,
      ['Let $a. B$ and `x. Y` be here. ', 'Thus it is so.'],
    ],
    [
      'between sentences without spaces',
      '今日は晴れです。明日は雨です。',
      24,
      ['今日は晴れです。', '明日は雨です。'],
    ],
    ['between words at worst', 'alpha beta gamma delta', 12, ['alpha beta ', 'gamma delta']],
    [
      'not between a letter and its marks',
      'e\u0301e\u0301e\u0301e\u0301',
      7,
      ['e\u0301e\u0301', 'e\u0301e\u0301'],
    ],
    ['never within a character', '😀😀😀😀', 9, ['😀😀', '😀😀']],
  ])('splitPassages() cuts %s', (_, text, bytesMax, expected) => {
    expect(texts(text, bytesMax)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['a code block', `\`\`\`js\n${'const a = 1;\n\n# no heading\n'.repeat(3)}\`\`\`\n`],
    ['a code block in tildes', `~~~\n${'one. Two.\n'.repeat(8)}~~~\n`],
    ['a table', '| Medium | Speed |\n| --- | --- |\n| Water | 225 |\n| Glass | 200 |\n| Air | 299 |\n'],
    ['a formula in dollars', `$$\n${'x = 1. Y = 2.\n'.repeat(5)}$$\n`],
    ['a formula in an environment', `\\begin{align*}\n${'x &= 1. Y\n'.repeat(6)}\\end{align*}\n`],
  ])('splitPassages() keeps %s in one passage when it fits', (_, block) => {
    const passages = texts(`${one}\n\n${block}\n${two}\n\n${three}`, 220);
    expect(passages.length).toBeGreaterThan(1);
    expect(passages.some((passage) => passage.includes(block))).toBe(true);
  });

  it('splitPassages() cuts a code block that does not fit between its lines', () => {
    const line = 'const a = 1; // one. Two.\n';
    for (const passage of texts(`\`\`\`\n${line.repeat(40)}\`\`\`\n`, 200)) expect(passage).toMatch(/\n$/u);
  });

  it('splitPassages() takes a fence that nothing closes for text', () => {
    expect(texts(`~~~\n\n${one}\n\n# B\n\n${two}`, 200)[1]).toBe(`# B\n\n${two}`);
  });

  it('splitPassages() leaves no heading alone at the end of a passage', () => {
    const text = Array.from(
      { length: 20 },
      (_, at) => `# Part ${at}\n\n## Inner ${at}\n\n${paragraph(at)}\n\n`,
    ).join('');
    for (const passage of texts(text, 400)) {
      expect(passage.trimEnd().split('\n').at(-1)).not.toMatch(/^#/u);
      expect(passage).toMatch(/^# Part/u);
    }
  });

  it('splitPassages() makes passages of like length rather than a full one and a scrap', () => {
    const text = Array.from({ length: 11 }, (_, at) => `${paragraph(at * 3)}\n\n`).join('');
    const lengths = splitPassages(text, 1_150).map(({ span }) => span.end - span.start);
    expect(lengths).toHaveLength(2);
    expect(Math.min(...lengths) / Math.max(...lengths)).toBeGreaterThan(0.7);
  });

  it.each<[string, string]>([
    ['dots', '.'.repeat(300_000)],
    ['short paragraphs', 'a\n\n'.repeat(100_000)],
    ['short sentences', 'A. '.repeat(100_000)],
    ['openings of formulas', '\\[ x\n'.repeat(60_000)],
    ['openings of code', '```\n~~~\n'.repeat(40_000)],
    ['one word', 'x'.repeat(300_000)],
    ['half-open formulas', '\\('.repeat(150_000)],
    ['spaces', ' '.repeat(300_000)],
  ])('splitPassages() takes time in proportion to a text of nothing but %s', (_, text) => {
    const passages = splitPassages(text, 8_000);
    expect(passages.map((passage) => passage.text).join('')).toBe(text);
    expect(passages.length).toBeLessThan(100);
  });

  const physics = join(import.meta.dirname, '../../../../shared/data/documents/physics');
  it.skipIf(!existsSync(physics))(
    'splitPassages() cuts a physics book (skipped where ../shared/data is absent) before headings and paragraphs only',
    () => {
      const names = readdirSync(physics);
      expect(names).toHaveLength(92);
      for (const name of names) {
        const text = readFileSync(join(physics, name), 'utf8');
        const passages = texts(text, 8_000);
        expect(passages.join('')).toBe(text);
        for (const passage of passages.slice(0, -1)) expect(passage).toMatch(/[^\n]\n\n$/u);
      }
    },
  );
});
