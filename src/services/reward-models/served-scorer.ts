// A served reward model as a scorer: texts out, raw numbers back within one deadline, calibration, a score in [0, 1]. A
// server that fails, hangs or talks nonsense is a fault with its cause; none of it becomes a number.

import { calibrate } from '../../core/calibration.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Finding } from '../../core/reward.ts';
import type { ServedConfig } from '../../core/scorer-config.ts';
import { readOptions } from '../../core/verifiers/options.ts';
import type { VerifierInput } from '../../core/verifiers/verifier.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { ServedRewardModelError } from '../../ports/served-reward-model.ts';
import type { Scorer } from '../scoring/scorer.ts';
import { modelTexts, readsQuestion } from './model-texts.ts';
import type { ServedBatches } from './served-batches.ts';

export interface ServedScorerOptions {
  readonly config: Pick<ServedConfig, 'name' | 'input' | 'reads' | 'calibration' | 'deadlineMs'>;
  readonly batches: Pick<ServedBatches, 'ask'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the server goes down. */
  readonly stopping: AbortSignal;
}

export class ServedScorer implements Scorer {
  readonly name: string;
  readonly reads: 'answer' | 'completion';
  readonly fallback = 'line';
  readonly #options: ServedScorerOptions;

  constructor(options: ServedScorerOptions) {
    this.#options = options;
    this.name = options.config.name;
    this.reads = options.config.reads;
  }

  parseOptions(options: JsonObject): JsonObject {
    return readOptions(options, {});
  }

  /** Rejects only when the server goes down, or with the reason of `signal`. */
  async score(input: VerifierInput, signal?: AbortSignal): Promise<Finding> {
    const { config, clock, stopping } = this.#options;
    if (readsQuestion(config.input) && input.promptText === '')
      return this.#fault('it reads the question, and none was given');
    const given = signal === undefined ? stopping : AbortSignal.any([stopping, signal]);
    const deadline = new AbortController();
    const cancel = clock.after(config.deadlineMs, () => deadline.abort());
    try {
      const raws = await this.#rawsOf(input, AbortSignal.any([given, deadline.signal]));
      return this.#finding(raws);
    } catch (error) {
      if (given.aborted) throw error;
      if (deadline.signal.aborted) return this.#late();
      return this.#failure(error);
    } finally {
      cancel();
    }
  }

  #rawsOf(input: VerifierInput, signal: AbortSignal): Promise<readonly number[]> {
    const { config, batches } = this.#options;
    const { promptText: question, groundTruth } = input;
    return Promise.all(
      modelTexts(config.input, input).map((texts) =>
        batches.ask({ ...texts, question, groundTruth: groundTruth.answer }, signal),
      ),
    );
  }

  /** The best over the ground truth and its aliases. */
  #finding(raws: readonly number[]): Finding {
    const { calibration } = this.#options.config;
    let best: { readonly score: number; readonly raw: number } | undefined;
    for (const raw of raws) {
      const score = calibrate(calibration, raw);
      if (score === undefined) return this.#fault('the server gave a number that is not finite');
      if (best === undefined || score > best.score) best = { score, raw };
    }
    if (best === undefined) return this.#fault('there was no text to score');
    return { kind: 'score', score: best.score, reason: `raw ${best.raw.toPrecision(6)}` };
  }

  #failure(error: unknown): Finding {
    if (error instanceof ServedRewardModelError) return this.#fault(error.message);
    this.#options.log.error('Served reward model failed', { rewardModel: this.name, error });
    return this.#fault('asking it failed inside the server');
  }

  #late(): Finding {
    const detail = `the reward model "${this.name}" gave no number within ${this.#options.config.deadlineMs} ms`;
    return { kind: 'fault', cause: 'deadline_exceeded', detail };
  }

  #fault(detail: string): Finding {
    return {
      kind: 'fault',
      cause: 'reward_model_unavailable',
      detail: `the reward model "${this.name}": ${detail}`,
    };
  }
}
