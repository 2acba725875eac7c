// The versions that the documents state are those that are installed.

import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const folder = new URL('requirements/', import.meta.url);
const pins = globSync('*.txt', { cwd: folder.pathname })
  .flatMap((file) => read(`requirements/${file}`).split('\n'))
  .filter((line) => line !== '');

describe('docs/interop.md', () => {
  const page = read('../../docs/interop.md');

  it('states the versions of packages that are pinned', () => {
    const rows = [...page.matchAll(/^\| .*?`(?<name>[\w-]+)` +\| (?<version>\d+\.\d+\.\d+) /gmu)];
    const stated = rows.map(({ groups }) => `${groups?.['name']}==${groups?.['version']}`);
    expect(stated.length).toBeGreaterThan(5);
    expect(pins).toEqual(expect.arrayContaining(stated));
    for (const [, name, version] of page.matchAll(/`(torch|transformers)` (\d[\d.]*\d)/gu))
      expect(pins).toContain(`${name}==${version}`);
  });

  it('rests on pins that are exact', () => {
    for (const pin of pins) expect(pin).toMatch(/^[\w.-]+==[\w.]+(?: ; .+)?$/u);
  });
});
