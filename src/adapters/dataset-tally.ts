// Counts what a dataset's facts name: answer types and domains. Bounded, because a source may hold a domain of its own for
// every row.

import type { NamedCount } from '../core/calls.ts';
import type { QaPair } from '../core/qa-pair.ts';

/** Domains that are counted apart; all later ones are counted together. */
const DOMAINS_COUNTED_MAX = 1_000;
const OTHER_DOMAINS = '(other)';

export class DatasetTally {
  readonly #answerTypes = new Map<string, number>();
  readonly #domains = new Map<string, number>();

  count(pair: QaPair): void {
    increment(this.#answerTypes, pair.answerType);
    if (pair.domain === undefined) return;
    const isApart = this.#domains.has(pair.domain) || this.#domains.size < DOMAINS_COUNTED_MAX;
    increment(this.#domains, isApart ? pair.domain : OTHER_DOMAINS);
  }

  /** Most frequent first. */
  answerTypes(): readonly NamedCount[] {
    return ranked(this.#answerTypes);
  }

  /** Most frequent first; rows without a domain are not counted. */
  domains(): readonly NamedCount[] {
    return ranked(this.#domains);
  }
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function ranked(counts: ReadonlyMap<string, number>): readonly NamedCount[] {
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .toSorted((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1));
}
