// Holds verdicts against labels of right and wrong. A verdict that could not be had is counted with its cause and is neither
// a yes nor a no: accuracy is over those that were had, agreement over all.

import { type Confusion, kappaOf } from './agreement.ts';
import { type Proportion, proportionOf } from './proportion.ts';

/** What was said of one labelled completion: yes or no, or why neither could be said. */
export type Said =
  | { readonly kind: 'said'; readonly isYes: boolean }
  | { readonly kind: 'unscorable'; readonly cause: string };

export interface LabelMeasure {
  readonly labelled: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
  readonly unscorable: Readonly<Record<string, number>>;
  /** (true positives + true negatives) / what was said. This and those below are undefined where they are shares of nothing. */
  readonly accuracy: Proportion | undefined;
  /** true positives / said yes. */
  readonly precision: Proportion | undefined;
  /** true positives / (true positives + false negatives). */
  readonly recall: Proportion | undefined;
  /** (true positives + true negatives) / labelled: what could not be scored does not agree. */
  readonly agreement: Proportion | undefined;
  readonly kappa: number | undefined;
}

export class LabelTally {
  readonly #counts: { -readonly [Count in keyof Confusion]: number } = {
    bothYes: 0,
    onlyScorer: 0,
    onlyJudge: 0,
    bothNo: 0,
  };
  readonly #unscorable: Record<string, number> = {};
  #missing = 0;

  add(said: Said, label: boolean): void {
    if (said.kind === 'unscorable') {
      this.#missing += 1;
      this.#unscorable[said.cause] = (this.#unscorable[said.cause] ?? 0) + 1;
      return;
    }
    // The label takes the judge's place.
    const kind = said.isYes ? (label ? 'bothYes' : 'onlyScorer') : label ? 'onlyJudge' : 'bothNo';
    this.#counts[kind] += 1;
  }

  measure(): LabelMeasure {
    const { bothYes, onlyScorer, onlyJudge, bothNo } = this.#counts;
    const said = bothYes + onlyScorer + onlyJudge + bothNo;
    return {
      labelled: said + this.#missing,
      truePositives: bothYes,
      falsePositives: onlyScorer,
      falseNegatives: onlyJudge,
      trueNegatives: bothNo,
      unscorable: { ...this.#unscorable },
      accuracy: proportionOf(bothYes + bothNo, said),
      precision: proportionOf(bothYes, bothYes + onlyScorer),
      recall: proportionOf(bothYes, bothYes + onlyJudge),
      agreement: proportionOf(bothYes + bothNo, said + this.#missing),
      kappa: kappaOf(this.#counts),
    };
  }
}
