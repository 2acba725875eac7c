// What the comparisons of one group say of each of its texts: a score, or why there is none, and what it cost.

import { winShares, type Comparison } from '../../core/ranking/win-share.ts';
import type { Finding } from '../../core/reward.ts';
import { sumOfCosts, type Cost } from '../../core/score.ts';

export type Fault = Extract<Finding, { kind: 'fault' }>;

/** A comparison as it went. */
export interface Compared extends Comparison {
  /** Why it has no result. */
  readonly fault: Fault | undefined;
  readonly cost: Cost | undefined;
}

/** What was found of one group, told for each of its texts. */
export class RankingTable {
  readonly #places: ReadonlyMap<string, number>;
  readonly #members: readonly number[];
  readonly #compared: readonly Compared[];
  readonly #scores: readonly (number | undefined)[];
  /** Texts whose costs have been told: the first member of a text has them, the others nothing to pay. */
  readonly #billed = new Set<number>();

  /** @param size members of the group, those among them that are no answer included: all others have beaten them */
  constructor(
    texts: readonly string[],
    shown: readonly string[],
    compared: readonly Compared[],
    size: number,
  ) {
    this.#places = new Map(texts.map((text, place) => [text, place]));
    const members = texts.map(() => 0);
    for (const text of shown) {
      const place = this.#places.get(text) ?? 0;
      members[place] = (members[place] ?? 0) + 1;
    }
    this.#members = members;
    this.#compared = compared;
    this.#scores = winShares(members, compared, size - shown.length);
  }

  findingOf(text: string): Finding {
    const place = this.#places.get(text) ?? -1;
    const score = this.#scores[place];
    const own = this.#compared.filter(({ one, other }) => one === place || other === place);
    const cost = this.#costOf(place);
    const withCost = cost && { cost };
    if (score !== undefined) return { kind: 'score', score, reason: this.#reasonOf(place, own), ...withCost };
    const failed = own.filter(({ result }) => result === undefined);
    const fault = (failed[0] ?? this.#compared.find((each) => each.fault !== undefined))?.fault;
    const detail = `${failed.length} of ${own.length} comparisons failed: ${fault?.detail ?? 'nobody to compare with'}`;
    return { kind: 'fault', cause: fault?.cause ?? 'not_comparable', detail, ...withCost };
  }

  /** A comparison is paid for once, by the text that stands first in it. */
  #costOf(place: number): Cost | undefined {
    if (this.#billed.has(place)) return undefined;
    this.#billed.add(place);
    return sumOfCosts(this.#compared.flatMap(({ one, cost }) => (one === place && cost ? [cost] : [])));
  }

  #reasonOf(place: number, own: readonly Compared[]): string {
    const results = own.flatMap(({ one, result }) =>
      result === undefined ? [] : [one === place ? result : 1 - result],
    );
    const won = results.filter((result) => result > 0.5).length;
    const tied = results.filter((result) => result === 0.5).length;
    const equal = (this.#members[place] ?? 1) - 1;
    const twins = equal === 0 ? '' : `, equal to ${equal} of the group`;
    return `won ${won} and tied ${tied} of ${results.length} comparisons${twins}`;
  }
}
