// The repository's own files, as the tidy tests read them: what is installed, built or measured is left out.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'dist', '.cache', 'coverage', '.git', 'data']);

/** Path from the root, with slashes → text, for every file below `folder` whose name fits. */
export function readSources(folder: string, name: RegExp): ReadonlyMap<string, string> {
  const top = join(ROOT, folder);
  const paths = readdirSync(top, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').some((part) => SKIPPED.has(part)))
    .toSorted();
  return new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}
