import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderDocs } from '../../scripts/docs.ts';

/** Formatting may pad tables: what counts is the words. */
function words(page: string): string {
  return page.replaceAll(/\|[\s:|-]+\|/g, '|').replaceAll(/\s+/g, ' ');
}

describe('generated documentation', () => {
  test.each([...renderDocs()])('%s says what the program prints (npm run docs writes it)', (path, page) => {
    const committed = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    expect(words(committed), 'run npm run docs').toBe(words(page));
  });

  test('renderDocs() describes every command, with each of its options', () => {
    const page = renderDocs().get('docs/commands.md') ?? '';
    for (const command of [
      'serve',
      'generate',
      'import',
      'dataset export',
      'run export',
      'score',
      'loadtest',
      'demo',
    ]) {
      expect(page).toContain(`## groupwise ${command}\n`);
    }
    for (const option of ['--data', '--grpc', '--http', '--json']) expect(page).toContain(option);
  });
});
