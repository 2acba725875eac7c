// Why items go no further, counted, with examples: those that come first in the order of the run, so that they do not depend on
// what finished first.

import type { Drop } from '../item.ts';

/** One item, for people: where it is from or what it asks, and what was seen. */
export interface Example {
  readonly item: string;
  readonly detail: string;
}

export interface Reasoned {
  /** In snake case: `leaks_answer`. */
  readonly reason: string;
  readonly count: number;
  /** The first ones. */
  readonly examples: readonly Example[];
}

const EXAMPLES_MAX = 5;
const DETAIL_CHARS_MAX = 300;

/** Counts by reason, each with its first examples. */
export class Reasons {
  readonly #reasons = new Map<string, { count: number; readonly examples: FirstExamples }>();

  /** `place`: of the item in the run. */
  add({ reason, detail }: Drop, item: string, place: string): void {
    let entry = this.#reasons.get(reason);
    if (entry === undefined) {
      entry = { count: 0, examples: new FirstExamples() };
      this.#reasons.set(reason, entry);
    }
    entry.count += 1;
    entry.examples.add({ item, detail }, place);
  }

  /** The most frequent first. */
  report(): readonly Reasoned[] {
    const all = [...this.#reasons].map(([reason, { count, examples }]) => ({
      reason,
      count,
      examples: examples.report(),
    }));
    return all.toSorted((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
  }
}

/** The examples with the first places, whatever the order in which they come. */
export class FirstExamples {
  readonly #examples: { readonly place: string; readonly example: Example }[] = [];

  add({ item, detail }: Example, place: string): void {
    const index = this.#examples.findIndex((other) => place < other.place);
    if (index < 0 && this.#examples.length >= EXAMPLES_MAX) return;
    const example = { item, detail: shortened(detail, DETAIL_CHARS_MAX) };
    this.#examples.splice(index < 0 ? this.#examples.length : index, 0, { place, example });
    this.#examples.length = Math.min(this.#examples.length, EXAMPLES_MAX);
  }

  report(): readonly Example[] {
    return this.#examples.map(({ example }) => example);
  }
}

/** The beginning of a text, on one line. */
export function shortened(text: string, max: number): string {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return line.length <= max ? line : `${line.slice(0, max - 1).toWellFormed()}…`;
}
