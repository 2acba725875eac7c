// A served reward model as a scorer: texts out, raw numbers back within one deadline, calibration, a score in [0, 1]. A
// server that fails, hangs or talks nonsense is a fault with its cause; none of it becomes a number.

import { calibrate } from '../../core/calibration.ts';
import type { JsonObject } from '../../core/json.ts';
import { comparedTexts, isVerdict, requireSample, TEXT_OPTIONS } from '../../core/graders/compared-texts.ts';
import type { ModelTexts } from '../../core/reward-model.ts';
import type { Finding } from '../../core/reward.ts';
import type { ServedConfig } from '../../core/scorer-config.ts';
import { readOptions } from '../../core/verifiers/options.ts';
import type { VerifierInput } from '../../core/verifiers/verifier.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { ServedRewardModelError } from '../../ports/served-reward-model.ts';
import type { Scorer } from '../scoring/scorer.ts';
import { GROUND_TRUTHS_MAX, modelTexts, readsQuestion } from './model-texts.ts';
import type { ServedBatches } from './served-batches.ts';

export interface ServedScorerOptions {
  readonly config: Pick<ServedConfig, 'name' | 'input' | 'reads' | 'calibration' | 'deadlineMs'> &
    Partial<Pick<ServedConfig, 'kind'>>;
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
  /** Compares the two texts of its options, which may show columns of the row. */
  readonly usesColumns: boolean;
  readonly #options: ServedScorerOptions;

  constructor(options: ServedScorerOptions) {
    this.#options = options;
    this.name = options.config.name;
    this.usesColumns = options.config.kind === 'cosine';
    this.reads = this.usesColumns ? 'completion' : options.config.reads;
  }

  parseOptions(options: JsonObject): JsonObject {
    return this.usesColumns ? requireSample(readOptions(options, TEXT_OPTIONS)) : readOptions(options, {});
  }

  /** Rejects only when the server goes down, or with the reason of `signal`. */
  async score(input: VerifierInput, signal?: AbortSignal): Promise<Finding> {
    const { config, clock, stopping } = this.#options;
    const texts = this.#textsOf(input);
    if (!Array.isArray(texts)) return texts as Finding;
    const given = signal === undefined ? stopping : AbortSignal.any([stopping, signal]);
    const deadline = new AbortController();
    const cancel = clock.after(config.deadlineMs, () => deadline.abort());
    try {
      const raws = await this.#rawsOf(texts, input, AbortSignal.any([given, deadline.signal]));
      return this.#finding(raws);
    } catch (error) {
      if (given.aborted) throw error;
      if (deadline.signal.aborted) return this.#late();
      return this.#failure(error);
    } finally {
      cancel();
    }
  }

  /** One entry for each ground truth that counts; or why there is none. */
  #textsOf(input: VerifierInput): readonly ModelTexts[] | Finding {
    const { config } = this.#options;
    if (this.usesColumns) {
      const pairs = comparedTexts(input, GROUND_TRUTHS_MAX);
      if (isVerdict(pairs)) return pairs;
      return pairs.map((pair) => ({ first: pair.reference, second: pair.input }));
    }
    if (readsQuestion(config.input) && input.promptText === '')
      return this.#fault('it reads the question, and none was given');
    return modelTexts(config.input, input);
  }

  #rawsOf(
    texts: readonly ModelTexts[],
    { promptText: question, groundTruth }: VerifierInput,
    signal: AbortSignal,
  ): Promise<readonly number[]> {
    const { batches } = this.#options;
    return Promise.all(
      texts.map((each) => batches.ask({ ...each, question, groundTruth: groundTruth.answer }, signal)),
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
