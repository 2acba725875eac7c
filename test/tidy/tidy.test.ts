// Holds the whole repository to the house rules. `checkers.test.ts` shows that each of them can fail.

import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkLinks, checkNamedFiles } from './check-docs.ts';
import { checkLayers, type Violation } from './check-layers.ts';
import { checkLock, type Lock } from './check-lock.ts';
import { checkModule, PROGRAMS } from './check-modules.ts';
import { checkLength, checkOpening, checkPythonOpening, checkText, LONG_FILES } from './check-text.ts';
import { readSources, ROOT } from './sources.ts';
import { importsOf, parseSource } from './syntax.ts';

const source = readSources('src', /\.ts$/u);
const modules = new Map([...source].filter(([path]) => !path.endsWith('.d.ts')));
const repository = readSources(
  '.',
  /\.(?:ts|js|mjs|py|json|jsonl|md|proto|yaml|yml|html|css|svg)$|^(?:Dockerfile|run|\..*rc\.json)$/u,
);
const documents = new Map(
  [...repository].filter(([path]) => /^(?:[^/]+|docs\/.*|examples\/.*)\.md$/u.test(path)),
);

// Stubs that a generator made are left as it made them.
const python = new Map(
  [...repository].filter(([path]) => /^(?:clients\/python|examples)\/(?!groupwise\/v1\/).*\.py$/u.test(path)),
);

function exists(path: string): boolean {
  return existsSync(join(ROOT, path));
}

function each(
  files: ReadonlyMap<string, string>,
  check: (file: string, text: string) => readonly Violation[],
): readonly Violation[] {
  return [...files].flatMap(([file, text]) => check(file, text));
}

describe('the repository', () => {
  it('has sources and documents to check', () => {
    expect(source.size).toBeGreaterThan(50);
    for (const path of ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md']) {
      expect([...documents.keys()]).toContain(path);
    }
  });

  it('imports as the table of layers allows, without cycles', () => {
    expect(checkLayers(source)).toEqual([]);
  });

  it('keeps no state and does no work at the top level of a module, and gives plain names', () => {
    expect(each(modules, checkModule)).toEqual([]);
  });

  it('has source files of one idea, each opening with why it exists', () => {
    expect([...each(source, checkLength), ...each(source, checkOpening)]).toEqual([]);
    expect(Object.keys(LONG_FILES).filter((file) => !source.has(file))).toEqual([]);
  });

  it('has Python sources of one idea, each opening with why it exists', () => {
    expect(python.size).toBeGreaterThan(20);
    expect([...each(python, checkLength), ...each(python, checkPythonOpening)]).toEqual([]);
  });

  it('imports no file that is a program of its own', () => {
    const importers = [...source].filter(([, text]) =>
      importsOf(parseSource(text)).some(({ specifier }) =>
        [...PROGRAMS].some((program) => specifier?.endsWith(basename(program))),
      ),
    );
    expect(importers.map(([file]) => file)).toEqual([]);
    expect([...PROGRAMS].filter((program) => !source.has(program))).toEqual([]);
  });

  it('has a lock file that npm ci takes', () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- npm writes this file
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
    expect(checkLock(lock)).toEqual([]);
  });

  it('has no leftovers and no words of one workplace', () => {
    expect(each(repository, checkText)).toEqual([]);
  });

  it('has documents whose links lead somewhere', () => {
    expect(checkLinks(documents, exists)).toEqual([]);
  });

  it('has an ARCHITECTURE.md that names only files that exist', () => {
    const file = 'ARCHITECTURE.md';
    expect(checkNamedFiles(file, documents.get(file) ?? '', exists)).toEqual([]);
  });
});
