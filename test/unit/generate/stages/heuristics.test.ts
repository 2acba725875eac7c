import { describe, expect, test } from 'vitest';
import { heuristics } from '../../../../src/generate/stages/heuristics.ts';
import { passageItem } from '../../../support/passages.ts';
import { fatesOf, pairItem, runStage } from '../../../support/stage-world.ts';

const PROSE =
  'Granite is a coarse rock of quartz, feldspar and mica. It forms when magma cools slowly below the surface of the earth, so that its crystals have time to grow. ' +
  'Where it is lifted and the rock above it is worn away, it makes the cores of many mountain ranges, and builders have used it for floors and monuments for thousands of years.';
const GERMAN =
  'Granit ist ein grobes Gestein, das aus Quarz, Feldspat und Glimmer besteht. Es bildet sich, wenn das Magma unter der Erde langsam erstarrt und die Kristalle Zeit haben zu wachsen. Die Berge werden dadurch nicht höher, aber das Gestein wird mit der Zeit sichtbar, und die Menschen bauen daraus Treppen.';
const CHINESE = '花岗岩是一种粗粒岩石主要由石英长石和云母组成。'.repeat(4);
const CODE =
  PROSE + '\n\n```\nconst sum = (a, b) => a + b;\nfor (let i = 0; i < 10; i += 1) { sum(i, i); }\n```';
const FORMULAS = PROSE + String.raw` $E = mc^2$, \frac{1}{2} m v^2, \int_0^\infty e^{-x} dx = 1.`;

async function fateOf(text: string, options: object = {}): Promise<string | undefined> {
  const { stage } = heuristics.prepare(options);
  return fatesOf(await runStage(stage, [passageItem(text)]))[0];
}

describe('heuristics', () => {
  test.each([
    ['prose', PROSE],
    ['prose in another language', GERMAN],
    ['a script without blanks', CHINESE],
    ['code', CODE],
    ['formulas', FORMULAS],
    ['a page with one line of furniture', `${PROSE}\n\nAll rights reserved.`],
    ['a rule that is drawn twice', `${PROSE}\n-----\n${PROSE.toUpperCase().slice(0, 30)}\n-----`],
    ['a table', `${PROSE}\n| rock | hardness |\n| --- | --- |\n| granite | 6 |\n| chalk | 1 |`],
  ])('keeps %s', async (_, text) => {
    expect(await fateOf(text)).toBe('kept');
  });

  test.each([
    ['too_short', 'Granite is a rock.'],
    ['too_large', `${PROSE} `.repeat(200)],
    ['garbled', PROSE.replaceAll(' i', ' \uFFFD\uFFFD')],
    ['garbled', PROSE.replaceAll('e', 'Ã©')],
    ['garbled', `${PROSE} ${'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo'.repeat(6)}`],
    [
      'garbled',
      '3.1 | 4.1 | 5.9 | 2.6 | 5.3 | 5.8 | 9.7 | 9.3 | 2.3 | 8.4 | 6.2 | 6.4 | 3.3 | 8.3 | 2.7 | 9.5',
    ],
    [
      'boilerplate',
      `${PROSE.slice(0, 120)}\nHome | Products | About us | Contact | Jobs\nSubscribe to our newsletter\nWe use cookies. Read our privacy policy.\n© 2024 Stone Ltd. All rights reserved.\n[Home](/) [Shop](/shop)\nFollow us and share this on your favourite network`,
    ],
    ['repeated_lines', `${PROSE}\n${PROSE}\n${PROSE.toUpperCase()}`],
  ])('drops what is %s', async (reason, text) => {
    expect(await fateOf(text)).toBe(reason);
  });

  test('drops other languages only where the recipe names one', async () => {
    expect(await fateOf(GERMAN, { language: 'en' })).toBe('other_language');
    expect(await fateOf(GERMAN, { language: 'de' })).toBe('kept');
    expect(await fateOf(PROSE, { language: 'en' })).toBe('kept');
    // Nobody knows what it is: no reason to drop it.
    expect(await fateOf(CHINESE, { language: 'en' })).toBe('kept');
  });

  test('draws the line of tokens where the recipe draws it', async () => {
    const text = Array.from({ length: 50 }, (_, index) => `w${String.fromCharCode(97 + (index % 26))}`).join(
      ' ',
    );
    expect(await fateOf(text)).toBe('kept');
    expect(await fateOf(text, { min_tokens: 51 })).toBe('too_short');
  });

  test('says what was measured', async () => {
    const { stage } = heuristics.prepare({});
    const [outcome] = await runStage(stage, [passageItem('Granite is a rock.')]);
    expect(outcome?.drops).toEqual([{ reason: 'too_short', detail: '5 tokens, at least 50' }]);
  });

  test('refuses options that it does not have, and items that are no passages', async () => {
    expect(() => heuristics.prepare({ min_words: 3 })).toThrow('min_words');
    const { stage } = heuristics.prepare({});
    await expect(runStage(stage, [pairItem(0, {})])).rejects.toThrow('takes passages');
  });
});
