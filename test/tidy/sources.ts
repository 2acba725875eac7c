// The repository's own files, as the tidy tests read them: what is installed, built or measured is left out.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'dist', '.cache', 'coverage', '.git', 'data']);

/** Path from the root, with slashes → text, for every file below `folder` whose name fits. */
export function readSources(folder: string, name: RegExp): ReadonlyMap<string, string> {
  const paths = [...filesBelow(join(ROOT, folder))]
    .filter((path) => name.test(basename(path)))
    .map((path) => relative(ROOT, path).split(sep).join('/'))
    .toSorted();
  return new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) yield path;
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) yield* filesBelow(path);
  }
}
