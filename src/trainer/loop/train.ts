// The training loop, to be read beside the papers. Each step: lease groups of prompts, draw completions, hand them in, get rewards
// and advantages back, take optimiser updates, report. Group-relative policy optimisation is arXiv 2402.03300; that completions may
// be drawn a bounded number of steps ahead, with importance weights for it, is as in arXiv 2505.24298.
//
//   step n learns from a batch that was drawn with the weights after step n − 1 − driftMax, or newer

import { EnvError } from '../../core/errors.ts';
import { mean } from '../../core/statistics.ts';
import type { LossPlan, StepMetrics, TrainedCompletion } from '../policy.ts';
import { learningRateAt } from '../policy/learning-rate.ts';
import type { TrainingEnd } from '../training-event.ts';
import type { ScoredBatch } from './batch.ts';
import { BatchesAhead } from './batches-ahead.ts';
import { FIRST_STATE, type LoopState } from './checkpoint.ts';
import { lessonOf, metricsOf, shownOf, whyNothing } from './lesson.ts';
import { patiently } from './patience.ts';
import { QuestionWalk, requireRun } from './question-walk.ts';
import { runPlace } from './runs.ts';
import type { TrainingOptions } from './training-options.ts';

/**
 * Trains until the last step, or until the signal of `patience` is aborted: then the step under way is finished and kept.
 *
 * @throws EnvError `cancelled` when it was stopped before its first step; as the server refuses
 */
export async function train(options: TrainingOptions): Promise<TrainingEnd> {
  const startedAt = performance.now();
  const { folder, policy, settings, client, patience } = options;
  const checkpoint = await folder.newest();
  const state = checkpoint?.state ?? FIRST_STATE;
  const pairs = await rowsOf(options);
  const nextRun = async (): Promise<ReturnType<typeof runPlace>> => {
    const groups = (options.length.steps - state.step) * settings.promptsPerStep;
    const firstId = folder.runs[0]?.runId ?? options.runId;
    const place = runPlace(firstId, folder.runs.length, settings, { pairs, groups });
    await folder.addRun(place);
    return place;
  };
  const first = folder.runs[0] ?? (await nextRun());
  if (checkpoint !== undefined) await requireRun(client, folder.runs.at(-1)?.runId ?? first.runId, patience);
  const { journal, runs } = folder;
  const walk = await QuestionWalk.open({ client, settings, journal, patience, runs, nextRun });
  options.tell({
    kind: 'start',
    policy: policy.description,
    device: policy.device,
    dataset: settings.dataset,
    run_id: first.runId,
    estimator: walk.run.estimator.name,
    seed: settings.seed,
    steps: options.length.steps,
    resumed_at: state.step,
    settings: options.described,
  });
  if (checkpoint === undefined) {
    await options.warmUp?.();
    if (settings.loss.klWeight > 0) await policy.keepReference();
    await folder.save(policy, FIRST_STATE, options.length.checkpointsKept);
  } else {
    await policy.restore(checkpoint.folder);
  }
  // A measurement that was cut off costs no warm-up: what is measured is kept.
  if (state.step === 0) await options.measure?.('before', 0);
  const loop = new TrainingLoop(options, walk, state, startedAt - state.wallSeconds * 1000);
  return loop.run();
}

class TrainingLoop {
  readonly #options: TrainingOptions;
  readonly #walk: QuestionWalk;
  readonly #ahead: BatchesAhead;
  readonly #loss: LossPlan;
  /** As if all lives of the training had been one. */
  readonly #startedAt: number;
  readonly #rewards: number[];
  #step: number;
  #tokens: number;
  #keptStep: number;

  constructor(options: TrainingOptions, walk: QuestionWalk, state: LoopState, startedAt: number) {
    const { temperature, tokensMax, loss } = options.settings;
    this.#options = options;
    this.#walk = walk;
    this.#ahead = new BatchesAhead(options, walk, state);
    this.#loss = { ...loss, temperature, lengthMax: tokensMax };
    this.#startedAt = startedAt;
    this.#rewards = [...state.rewards];
    this.#step = state.step;
    this.#keptStep = state.step;
    this.#tokens = state.tokens;
  }

  async run(): Promise<TrainingEnd> {
    const { length, patience } = this.#options;
    let stopped: string | undefined;
    while (this.#step < length.steps && stopped === undefined) {
      const startedAt = performance.now();
      const batch = await this.#nextBatch();
      if (batch === undefined) {
        stopped = patience.signal?.aborted === true ? 'interrupted' : 'the questions are exhausted';
      } else {
        await this.#takeStep(batch, startedAt);
        if (patience.signal?.aborted === true && this.#step < length.steps) stopped = 'interrupted';
      }
    }
    if (this.#keptStep !== this.#step) await this.#save();
    if (stopped !== 'interrupted' && !(await this.#isMeasured())) stopped = 'interrupted';
    return this.#end(stopped);
  }

  /** Undefined: there is none, or somebody said to stop before it was there. */
  async #nextBatch(): Promise<ScoredBatch | undefined> {
    const { publish, patience } = this.#options;
    try {
      await publish?.(this.#step);
      return await this.#ahead.next(this.#step);
    } catch (error) {
      // A call that was given up, or one to a server that is away: the steps before it are kept all the same.
      if (patience.signal?.aborted === true && error instanceof EnvError) return undefined;
      throw error;
    }
  }

  /** Whether it could be measured what came out, before somebody said to stop. */
  async #isMeasured(): Promise<boolean> {
    const { measure, patience } = this.#options;
    try {
      await measure?.('after', this.#step);
      return true;
    } catch (error) {
      if (patience.signal?.aborted !== true) throw error;
      return false;
    }
  }

  async #takeStep(batch: ScoredBatch, startedAt: number): Promise<void> {
    const { policy, settings, promptText } = this.#options;
    const trainedAt = performance.now();
    const lesson = await this.#lesson(batch);
    const updates: StepMetrics[] = [];
    const learningRate = learningRateAt(this.#step + 1, settings.optimiser.learningRate);
    for (let update = 0; update < settings.updates && lesson.length > 0; update++) {
      updates.push(await policy.train(lesson, this.#loss, { ...settings.optimiser, learningRate }));
    }
    const now = performance.now();
    const metrics = metricsOf(batch, {
      updates,
      learningRate,
      version: this.#step,
      trainSeconds: (now - trainedAt) / 1000,
      seconds: (now - startedAt) / 1000,
    });
    this.#step += 1;
    this.#ahead.shift();
    this.#rewards.push(metrics.mean_reward);
    this.#tokens += metrics.tokens;
    await this.#report(metrics);
    this.#options.tell({
      kind: 'step',
      step: this.#step,
      wall_s: this.#wallSeconds(),
      metrics,
      ...(lesson.length === 0 && { skipped: whyNothing(batch) }),
      shown: shownOf(batch, promptText),
    });
    if (this.#step % this.#options.length.checkpointEvery === 0) await this.#save();
  }

  /** What the step learns from, with the log-probabilities that its loss needs. */
  async #lesson(batch: ScoredBatch): Promise<readonly TrainedCompletion[]> {
    const { policy, settings } = this.#options;
    const { temperature, loss } = settings;
    const lesson = lessonOf(batch, loss);
    if (lesson.length === 0 || loss.klWeight === 0) return lesson;
    const reference = await policy.logProbabilities(lesson, { temperature, reference: true });
    return lesson.map((each, index) => ({ ...each, reference: reference[index] }));
  }

  // ── What is told and kept ─────────────────────────────────────────────────────────────────────────────────────────

  async #report(metrics: object): Promise<void> {
    const { client, patience } = this.#options;
    const { runId } = this.#walk.run;
    const finite = Object.entries(metrics).filter((entry): entry is [string, number] =>
      Number.isFinite(entry[1]),
    );
    const trainingStep = {
      number: this.#step,
      metrics: Object.fromEntries(finite),
      policyVersion: this.#step,
    };
    await patiently('report the step', () => client.reportTrainingStep({ runId, trainingStep }), patience);
  }

  async #save(): Promise<void> {
    const { folder, policy, length } = this.#options;
    if (!folder.isKept) return;
    const state: LoopState = {
      step: this.#step,
      ...(await this.#ahead.state()),
      rewards: this.#rewards,
      tokens: this.#tokens,
      wallSeconds: this.#wallSeconds(),
    };
    await folder.save(policy, state, length.checkpointsKept);
    this.#keptStep = this.#step;
  }

  #end(stopped: string | undefined): TrainingEnd {
    const [first] = this.#rewards;
    if (first === undefined) {
      throw new EnvError('cancelled', `Stopped before the first step: ${stopped ?? 'none was asked for'}`);
    }
    const end: TrainingEnd = {
      kind: 'end',
      first_reward: first,
      final_reward: mean(this.#rewards.slice(-Math.max(1, Math.round(this.#rewards.length / 10)))),
      steps: this.#step,
      wall_s: this.#wallSeconds(),
      tokens_per_s: this.#tokens / this.#wallSeconds(),
      device: this.#options.policy.device,
      stopped,
    };
    this.#options.tell(end);
    return end;
  }

  #wallSeconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }
}

async function rowsOf({ client, settings, patience }: TrainingOptions): Promise<number> {
  const { splits } = await patiently('read the dataset', () => client.getDataset(settings.dataset), patience);
  return splits.find(({ name }) => name === settings.split)?.count ?? 0;
}
