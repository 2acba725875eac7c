import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { loadPromptDataFiles } from '../../../src/adapters/prompt-data-files.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'prompt-data-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

describe('loadPromptDataFiles()', () => {
  test('names a file by its path without the ending, however deep it lies', () => {
    const builtIn = folderWith({ 'write/examples/math.yaml': '[1, 2]', 'write/pair.prompt.md': 'no data' });
    const data = loadPromptDataFiles({ builtIn });
    expect(data.find('write/examples/math')).toEqual([1, 2]);
    expect(data.find('write/pair')).toBeUndefined();
  });

  test.each([
    '../write/pair',
    'write/../../secret',
    '/etc/passwd',
    'write//pair',
    '.hidden',
    'a\\b',
    'write/',
    '',
  ])(
    'refuses the name "%s", that is no path within the folder, and says which setting it is about',
    (name) => {
      const data = loadPromptDataFiles({ builtIn: folderWith({ 'write/pair.yaml': 'x: 1' }) });
      expect(() => data.find(name)).toThrow(
        expect.objectContaining({ code: 'invalid_argument', field: 'prompts' }) as Error,
      );
    },
  );

  test("puts a user's file in the place of the built-in one of its name, and no other", () => {
    const builtIn = folderWith({ 'a/one.yaml': 'x: built-in', 'a/two.yaml': 'x: built-in' });
    const user = folderWith({ 'a/one.yaml': 'x: own' });
    const data = loadPromptDataFiles({ builtIn, user });
    expect(data.find('a/one')).toEqual({ x: 'own' });
    expect(data.find('a/two')).toEqual({ x: 'built-in' });
  });

  test('refuses a file that is not yaml, by its path', () => {
    const builtIn = folderWith({ 'a/one.yaml': 'x: [1' });
    expect(() => loadPromptDataFiles({ builtIn })).toThrow(join('a', 'one.yaml'));
  });

  test('finds the data that comes along', () => {
    expect(loadPromptDataFiles().find('identify/domains')).toHaveProperty('fallback', 'Other');
  });
});
