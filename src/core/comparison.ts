// How a scoring agrees with what is known already: labels of right and wrong, or the rewards of an earlier scoring.
// Tallies only: they take one group after the other and hold none of them.

import type { CompletionOutcome } from './score.ts';

/** A completion as it was scored now, and what was said of it before. */
export interface ComparedCompletion {
  readonly outcome: CompletionOutcome;
  /** Known to be right or wrong. */
  readonly isCorrect?: boolean | undefined;
  /** The reward of an earlier scoring; null: it was unscorable then. */
  readonly earlierReward?: number | null | undefined;
}

/** Agreement with labels. A completion counts as right when its reward reaches the threshold. */
export interface LabelAgreement {
  readonly labelled: number;
  readonly agree: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  /** Labelled, but unscorable now: neither right nor wrong. */
  readonly unscorable: number;
  /** agree / labelled. */
  readonly share: number;
}

export interface RewardComparison {
  readonly compared: number;
  /** Another reward than before, or none where there was one, or one where there was none. */
  readonly changed: number;
  readonly meanBefore: number;
  readonly meanAfter: number;
  readonly largestChange: number;
  /** Groups in which two completions changed places: what moves the advantages. */
  readonly groupsReordered: number;
}

export class Comparison {
  readonly #threshold: number;
  #labelled = 0;
  #agree = 0;
  #falsePositives = 0;
  #falseNegatives = 0;
  #unscorable = 0;
  #compared = 0;
  #changed = 0;
  #sumBefore = 0;
  #sumAfter = 0;
  #bothScored = 0;
  #largestChange = 0;
  #groupsReordered = 0;

  /** @param threshold rewards of at least this count as right */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  addGroup(completions: readonly ComparedCompletion[]): void {
    for (const completion of completions) {
      this.#addLabel(completion);
      this.#addEarlier(completion);
    }
    if (isReordered(completions)) this.#groupsReordered += 1;
  }

  /** Undefined when no completion had a label. */
  labels(): LabelAgreement | undefined {
    if (this.#labelled === 0) return undefined;
    return {
      labelled: this.#labelled,
      agree: this.#agree,
      falsePositives: this.#falsePositives,
      falseNegatives: this.#falseNegatives,
      unscorable: this.#unscorable,
      share: this.#agree / this.#labelled,
    };
  }

  /** Undefined when no completion had an earlier reward. Means are over completions that both scorings gave a reward. */
  rewards(): RewardComparison | undefined {
    if (this.#compared === 0) return undefined;
    return {
      compared: this.#compared,
      changed: this.#changed,
      meanBefore: this.#bothScored === 0 ? 0 : this.#sumBefore / this.#bothScored,
      meanAfter: this.#bothScored === 0 ? 0 : this.#sumAfter / this.#bothScored,
      largestChange: this.#largestChange,
      groupsReordered: this.#groupsReordered,
    };
  }

  #addLabel({ outcome, isCorrect }: ComparedCompletion): void {
    if (isCorrect === undefined) return;
    this.#labelled += 1;
    if (outcome.kind === 'unscorable') {
      this.#unscorable += 1;
      return;
    }
    const isRewarded = outcome.reward >= this.#threshold;
    if (isRewarded === isCorrect) this.#agree += 1;
    else if (isRewarded) this.#falsePositives += 1;
    else this.#falseNegatives += 1;
  }

  #addEarlier({ outcome, earlierReward }: ComparedCompletion): void {
    if (earlierReward === undefined) return;
    this.#compared += 1;
    const reward = outcome.kind === 'scored' ? outcome.reward : null;
    if (reward !== earlierReward) this.#changed += 1;
    if (reward === null || earlierReward === null) return;
    this.#bothScored += 1;
    this.#sumBefore += earlierReward;
    this.#sumAfter += reward;
    this.#largestChange = Math.max(this.#largestChange, Math.abs(reward - earlierReward));
  }
}

/** Whether any two completions are in another order than before; ties that break, and orders that tie, count. */
function isReordered(completions: readonly ComparedCompletion[]): boolean {
  const pairs = completions.flatMap(({ outcome, earlierReward }) =>
    outcome.kind === 'scored' && typeof earlierReward === 'number'
      ? [{ before: earlierReward, after: outcome.reward }]
      : [],
  );
  const sorted = pairs.toSorted((one, other) => one.before - other.before || one.after - other.after);
  return sorted.some((pair, index) => {
    const previous = sorted[index - 1];
    if (previous === undefined) return false;
    return Math.sign(pair.before - previous.before) !== Math.sign(pair.after - previous.after);
  });
}
