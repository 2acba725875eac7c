// The embedder of a run, for stages that cannot work without one.

import type { Embedder } from '../../ports/embedder.ts';
import type { StageTools } from '../stage.ts';

/** The plan refuses a run without one, so that its absence here is a bug. */
export function embedderOf({ embedder }: StageTools): Embedder {
  if (embedder !== undefined) return embedder;
  throw new TypeError('A stage that needs an embedder was started without one');
}
