// Options that all selections share: how many items they leave.

import { z } from 'zod';

/** `size` items, or `share` of what comes in; exactly one of the two. */
export function selectionShape() {
  return {
    size: z.int().min(1).nullable().default(null),
    share: z.number().gt(0).max(1).nullable().default(null),
  };
}

/** The refusal of a selection that names none of the two, or both. */
export const ONE_SIZE: readonly [
  (options: { readonly size: number | null; readonly share: number | null }) => boolean,
  string,
] = [({ size, share }) => (size === null) !== (share === null), 'needs either "size" or "share"'];
