// Files that a recipe names for its stages, found from the recipe's own folder.

import { resolve } from 'node:path';

import type { NamedFiles } from '../ports/named-files.ts';
import { openRowFile } from './row-files.ts';

/** @param folder of the recipe, or where the command was called when there is no recipe file */
export function namedFilesIn(folder: string): NamedFiles {
  return { rows: (path) => openRowFile(resolve(folder, path)) };
}
