// A reward model as a scorer: texts in, raw output, calibration, a score in [0, 1]. What the network could not do, and
// every number that is not finite, is a fault; none of it becomes a score.

import { calibrate } from '../../core/calibration.ts';
import { EnvError } from '../../core/errors.ts';
import type { Finding } from '../../core/reward.ts';
import { cosine, type ModelTexts, rawOf, type RewardModelRules } from '../../core/reward-model.ts';
import { readOptions } from '../../core/verifiers/options.ts';
import type { VerifierInput } from '../../core/verifiers/verifier.ts';
import type { Log } from '../../ports/log.ts';
import type { Scorer } from '../scoring/scorer.ts';
import type { RewardModelBatcher } from './batcher.ts';
import { modelTexts, readsQuestion } from './model-texts.ts';
import type { Inference } from './pending-texts.ts';

export interface RewardModelScorerOptions {
  readonly name: string;
  readonly rules: RewardModelRules;
  readonly batcher: Pick<RewardModelBatcher, 'infer'>;
  readonly log?: Log | undefined;
}

/** A raw number, or why there is none. */
type Raw = { readonly value: number; readonly isTruncated: boolean };

export class RewardModelScorer implements Scorer {
  readonly name: string;
  readonly reads: 'answer' | 'completion';
  readonly fallback = 'line';
  readonly #options: RewardModelScorerOptions;

  constructor(options: RewardModelScorerOptions) {
    this.#options = options;
    this.name = options.name;
    this.reads = options.rules.reads;
  }

  parseOptions(options: Parameters<Scorer['parseOptions']>[0]): ReturnType<Scorer['parseOptions']> {
    return readOptions(options, {});
  }

  /**
   * Rejects only with `resource_exhausted` (too much waits), `unavailable` (shut down), or the signal's reason.
   *
   * @param signal gives up waiting; what the network has begun is not stopped
   */
  async score(input: VerifierInput, signal?: AbortSignal): Promise<Finding> {
    const { rules, log } = this.#options;
    if (readsQuestion(rules.input) && input.promptText === '')
      return this.#fault('it reads the question, and none was given');
    let raws: readonly Raw[];
    try {
      raws = await Promise.all(modelTexts(rules.input, input).map((texts) => this.#raw(texts, signal)));
    } catch (error) {
      if (error instanceof EnvError || signal?.aborted === true) throw error;
      log?.error('Reward model failed', { rewardModel: this.name, error });
      return this.#fault('the network failed');
    }
    return this.#finding(raws);
  }

  #finding(raws: readonly Raw[]): Finding {
    const { rules } = this.#options;
    if (rules.tooLong !== 'truncate' && raws.some(({ isTruncated }) => isTruncated)) {
      const detail = 'the text has more tokens than the model takes';
      return rules.tooLong === 'undecided' ? { kind: 'undecided', reason: detail } : this.#fault(detail);
    }
    let best: { readonly score: number; readonly raw: Raw } | undefined;
    for (const raw of raws) {
      const score = calibrate(rules.calibration, raw.value);
      if (score === undefined) return this.#fault('the network gave a number that is not finite');
      if (best === undefined || score > best.score) best = { score, raw };
    }
    if (best === undefined) return this.#fault('there was no text to score');
    const cut = best.raw.isTruncated ? ', cut to what the model takes' : '';
    return { kind: 'score', score: best.score, reason: `raw ${best.raw.value.toPrecision(6)}${cut}` };
  }

  async #raw(texts: ModelTexts, signal: AbortSignal | undefined): Promise<Raw> {
    const { batcher, rules } = this.#options;
    const { reading } = rules;
    if (reading.head !== 'embedding') {
      const { row, isTruncated } = await batcher.infer(texts, signal);
      return { value: rawOf(reading, row), isTruncated };
    }
    const [a, b]: readonly [Inference, Inference] = await Promise.all([
      batcher.infer({ first: texts.first }, signal),
      batcher.infer({ first: texts.second ?? '' }, signal),
    ]);
    return { value: cosine(a.row, b.row), isTruncated: a.isTruncated || b.isTruncated };
  }

  #fault(detail: string): Finding {
    const { name } = this.#options;
    return {
      kind: 'fault',
      cause: 'reward_model_unavailable',
      detail: `the reward model "${name}": ${detail}`,
    };
  }
}
