// The batches between the server and the next training step: leased, being drawn, being scored. With `driftMax` 0 there is one; above,
// those of the next steps are on their way while a step trains. Their order is the order of their leases, always.

import type { CallsClient } from '../../client/calls-client.ts';
import { EnvError } from '../../core/errors.ts';
import type { Policy, Sampler } from '../policy.ts';
import type { DrawnBatch, ScoredBatch } from './batch.ts';
import type { LoopState } from './checkpoint.ts';
import { drawBatch, type PromptText } from './draw.ts';
import { holdingLeases } from './heartbeat.ts';
import { rewardsOf } from './lesson.ts';
import type { Patience } from './patience.ts';
import type { QuestionWalk } from './question-walk.ts';
import { DrawingDiffers, scoreBatch } from './score.ts';
import type { TrainingLength, TrainingSettings } from './settings.ts';

/** Batches in a row without a single scored completion, after which something is wrong. */
const UNSCORED_BATCHES_MAX = 3;

export interface BatchesAheadOptions {
  readonly client: CallsClient;
  readonly policy: Policy;
  readonly sampler?: Sampler | undefined;
  readonly promptText: PromptText;
  readonly settings: TrainingSettings;
  readonly length: Pick<TrainingLength, 'steps'>;
  readonly patience: Patience;
  readonly scoreMsMax: number;
}

interface Ahead {
  readonly drawn: Promise<DrawnBatch>;
  readonly scored: Promise<ScoredBatch>;
}

export class BatchesAhead {
  readonly #options: BatchesAheadOptions;
  readonly #walk: QuestionWalk;
  readonly #sampler: Sampler;
  /** Oldest first. */
  #ahead: Ahead[] = [];
  #nextBatch: number;

  /** Goes on with what a checkpoint had drawn already. */
  constructor(
    options: BatchesAheadOptions,
    walk: QuestionWalk,
    state: Pick<LoopState, 'nextBatch' | 'ahead'>,
  ) {
    this.#options = options;
    this.#walk = walk;
    this.#sampler = options.sampler ?? options.policy;
    this.#nextBatch = state.nextBatch;
    for (const batch of state.ahead) this.#await(Promise.resolve(batch));
  }

  /** What no step has learned from, when it is drawn; what cannot be drawn is drawn when the training is taken up again. */
  async state(): Promise<Pick<LoopState, 'nextBatch' | 'ahead'>> {
    const settled = await Promise.allSettled(this.#ahead.map(({ drawn }) => drawn));
    const failed = settled.findIndex(({ status }) => status === 'rejected');
    const ahead = settled
      .slice(0, failed === -1 ? settled.length : failed)
      .flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    return { nextBatch: this.#nextBatch - (settled.length - ahead.length), ahead };
  }

  /**
   * The oldest batch that has rewards to learn from; it stays here until `shift`. Undefined: there is none and will be none.
   * @param step steps that are done: the version of the policy
   * @throws EnvError `failed_precondition` when nothing of several batches could be scored
   */
  async next(step: number): Promise<ScoredBatch | undefined> {
    for (let unscored = 0; ;) {
      await this.#fill(step);
      const [oldest] = this.#ahead;
      if (oldest === undefined) return undefined;
      const batch = await this.#scored(oldest);
      if (batch === undefined) continue;
      if (rewardsOf(batch).length > 0) return batch;
      this.shift();
      unscored += 1;
      const causes = causesOf(batch);
      this.#options.patience.say(`No completion of batch ${batch.number} could be scored (${causes})`);
      if (unscored < UNSCORED_BATCHES_MAX) continue;
      throw new EnvError(
        'failed_precondition',
        `Cannot learn: no completion of ${unscored} batches in a row could be scored (${causes})`,
      );
    }
  }

  /** The oldest batch has been learned from. */
  shift(): void {
    this.#ahead.shift();
  }

  /** Leases and draws until a step has its batch and those of the next `driftMax` steps are under way. */
  async #fill(version: number): Promise<void> {
    const { client, settings, length, policy, promptText, patience } = this.#options;
    const wanted = Math.min(settings.driftMax + 1, length.steps - version);
    while (this.#ahead.length < wanted && patience.signal?.aborted !== true) {
      const number = this.#nextBatch;
      const groups = await this.#walk.lease(number, version);
      const isInterrupted = this.#isInterrupted() && groups.length < settings.promptsPerStep;
      // What an interrupted lease got is in the journal, and is topped up when the training goes on.
      if (groups.length === 0 || isInterrupted) return;
      this.#nextBatch += 1;
      const { tokenizer } = policy;
      const drawn = holdingLeases({ client, groups, ttlMs: this.#walk.run.leaseTtlMs }, () =>
        drawBatch({ number, version, groups }, { sampler: this.#sampler, tokenizer, promptText, settings }),
      );
      this.#await(drawn);
      // Its own weights must not move while the policy draws.
      if (this.#sampler === policy) await drawn;
    }
  }

  #await(drawn: Promise<DrawnBatch>): void {
    const scored = drawn.then((batch) => scoreBatch(batch, this.#options));
    this.#ahead.push({ drawn, scored });
    // Whoever awaits it hears of it; until then a failure must not end the process.
    scored.catch(() => {});
  }

  /** Undefined when the batch is given up because a new run has begun. */
  async #scored({ scored }: Ahead): Promise<ScoredBatch | undefined> {
    try {
      return await scored;
    } catch (error) {
      if (!(error instanceof DrawingDiffers)) throw error;
      const number = this.#nextBatch - this.#ahead.length;
      this.#options.patience.say(
        `Drew other completions than before the restart (another machine, or another number of threads?): ${error.message}. From here on this is not the training that was interrupted`,
      );
      this.#ahead = [];
      this.#nextBatch = number;
      await this.#walk.startOver(number);
      return undefined;
    }
  }

  #isInterrupted(): boolean {
    return this.#options.patience.signal?.aborted === true;
  }
}

/** "verifier_timeout 12, no_answer 3" */
function causesOf({ groups }: ScoredBatch): string {
  const counts = new Map<string, number>();
  for (const { members } of groups) {
    for (const { outcome } of members) {
      if (outcome.kind !== 'unscorable') continue;
      const { cause } = outcome.unscorable;
      counts.set(cause, (counts.get(cause) ?? 0) + 1);
    }
  }
  return (
    Array.from(counts, ([cause, count]) => `${cause} ${count}`).join(', ') ||
    'the server took none of its groups'
  );
}
