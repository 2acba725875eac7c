// Verdicts against labels, over all and for each answer type and domain.

import { type LabelMeasure, LabelTally, type Said } from '../../core/label-tally.ts';
import type { Place } from './labelled-rollout.ts';

export interface PlaceMeasure extends Place {
  readonly measure: LabelMeasure;
}

export interface Measured {
  readonly all: LabelMeasure;
  readonly places: readonly PlaceMeasure[];
}

/** Places told apart; all beyond are counted under the domain "(other)". */
const PLACES_MAX = 256;
const OTHER_DOMAIN = '(other)';

export class PlacedTally {
  readonly #all = new LabelTally();
  readonly #places = new Map<string, { readonly place: Place; readonly tally: LabelTally }>();

  add(said: Said, label: boolean, place: Place): void {
    this.#all.add(said, label);
    this.#at(place).add(said, label);
  }

  measured(): Measured {
    const places = [...this.#places.values()].map(({ place, tally }) => ({
      ...place,
      measure: tally.measure(),
    }));
    return { all: this.#all.measure(), places };
  }

  #at(place: Place): LabelTally {
    const known = this.#places.get(keyOf(place));
    if (known !== undefined) return known.tally;
    if (this.#places.size >= PLACES_MAX && place.domain !== OTHER_DOMAIN) {
      return this.#at({ ...place, domain: OTHER_DOMAIN });
    }
    const tally = new LabelTally();
    this.#places.set(keyOf(place), { place, tally });
    return tally;
  }
}

function keyOf({ answerType, domain }: Place): string {
  return JSON.stringify([answerType, domain]);
}
