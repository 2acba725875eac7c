// Files that a recipe names for its stages: benchmarks to stay clear of, seed tasks. A relative path is relative to the recipe.

import type { RowSource } from './row-source.ts';

export interface NamedFiles {
  /** Throws `EnvError` that names the file when it is not there or of no known format. */
  rows(path: string): RowSource;
}
