// What a verdict cache holds, counted in one pass. The names are those of the JSON that the command prints.

import type { VerdictEntry } from '../ports/verdict-cache.ts';

export interface CacheStats {
  readonly verdicts: number;
  /** US dollars paid for those whose price was known. */
  readonly cost_usd: number;
  /** Verdicts of models without a known price: they are in no sum. */
  readonly cost_unknown: number;
  readonly oldest: string | null;
  readonly newest: string | null;
  /** Most verdicts first. */
  readonly by_template: readonly {
    readonly template: string;
    readonly model: string;
    readonly verdicts: number;
  }[];
}

export async function statsOf(entries: AsyncIterable<VerdictEntry>): Promise<CacheStats> {
  const counts = new Map<string, { readonly template: string; readonly model: string; verdicts: number }>();
  let [verdicts, costUsd, unknown] = [0, 0, 0];
  let [oldest, newest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for await (const { verdict } of entries) {
    const { template, model, at } = verdict;
    verdicts += 1;
    if (verdict.costUsd === null) unknown += 1;
    else costUsd += verdict.costUsd;
    oldest = Math.min(oldest, at);
    newest = Math.max(newest, at);
    const id = JSON.stringify([template, model]);
    const count = counts.get(id) ?? { template, model, verdicts: 0 };
    count.verdicts += 1;
    counts.set(id, count);
  }
  return {
    verdicts,
    cost_usd: costUsd,
    cost_unknown: unknown,
    oldest: verdicts === 0 ? null : new Date(oldest).toISOString(),
    newest: verdicts === 0 ? null : new Date(newest).toISOString(),
    by_template: [...counts.values()].toSorted((a, b) => b.verdicts - a.verdicts),
  };
}
