// A small world for tests of runs: a real Environment over real stores, with a clock, a scorer and ids that the test owns.
// `restart` is a new process on the same disk: all memory is gone, what was committed is there.

import { DatabaseSync } from 'node:sqlite';
import { SqliteRunStore } from '../../src/adapters/sqlite-run-store.ts';
import type { GroupCompletions, LeasedGroup, MemberCompletion, OpenRunCall } from '../../src/core/calls.ts';
import type { RunId } from '../../src/core/ids.ts';
import type { QaPair } from '../../src/core/qa-pair.ts';
import { recipeOf, type Recipe } from '../../src/core/recipe.ts';
import { DEFAULT_POOLS } from '../../src/core/sampling.ts';
import type { DatasetSplit, DatasetStore } from '../../src/ports/dataset-store.ts';
import type { LogFields } from '../../src/ports/log.ts';
import type { RunStore } from '../../src/ports/run-store.ts';
import { Environment } from '../../src/services/environment.ts';
import { InFlight } from '../../src/services/in-flight.ts';
import type { ServiceLimits } from '../../src/services/runs/run-parts.ts';
import { Scoring } from '../../src/services/scoring/scoring.ts';
import { CountingNonces } from './counting-nonces.ts';
import { ECHO, EchoScorer } from './echo-scorer.ts';
import { FakeClock } from './fake-clock.ts';
import { FixedDataset } from './fixed-dataset.ts';
import { numberedPairs } from './pairs.ts';

export const DATASET = 'numbers';

/** In no prompt of these tests; its appearance anywhere is a leak. */
export const SECRET = 'secret-ground-truth-7731';

export interface WorldOptions {
  readonly pairs?: number;
  readonly limits?: Partial<ServiceLimits> & { readonly completionsInFlightMax?: number };
  readonly defer?: (run: () => void) => void;
  /** Stands before the store, to make it fail. */
  readonly wrapStore?: (store: RunStore) => RunStore;
  /** Stands before the split that runs read, to make it fail. */
  readonly wrapSplit?: (split: DatasetSplit) => DatasetSplit;
  /** That the dataset names for rows without one. */
  readonly datasetReward?: Recipe;
  /** Called with each question before it is rendered. */
  readonly onRender?: (question: string) => void;
}

export class RunWorld {
  readonly clock = new FakeClock();
  readonly logged: { readonly message: string; readonly fields: LogFields | undefined }[] = [];
  scorer = new EchoScorer();
  environment: Environment;
  readonly database = new DatabaseSync(':memory:');
  readonly #options: WorldOptions;
  readonly #datasets: DatasetStore;
  #lives = 0;

  private constructor(options: WorldOptions) {
    this.#options = options;
    const groundTruth = { answer: SECRET, aliases: [] };
    const pairs: readonly QaPair[] = numberedPairs(options.pairs ?? 10, { groundTruth });
    this.#datasets = new FixedDataset(DATASET, pairs, options.wrapSplit, options.datasetReward);
    this.environment = this.#life();
  }

  static async start(options: WorldOptions = {}): Promise<RunWorld> {
    const world = new RunWorld(options);
    await world.environment.start();
    return world;
  }

  /** The process dies without a word, and another one starts on the same disk. */
  async restart(): Promise<void> {
    this.clock.forgetTimers();
    this.scorer = new EchoScorer();
    this.environment = this.#life();
    await this.environment.start();
  }

  openRun(settings: Partial<OpenRunCall> = {}): Promise<RunId> {
    return this.environment.openRun({ ...RUN, ...settings }).then((run) => run.runId);
  }

  /** Leases up to `groups` groups of the run. */
  async lease(runId: RunId, groups = 1): Promise<readonly LeasedGroup[]> {
    const reply = await this.environment.leaseGroups({
      runId,
      groups,
      batchId: undefined,
      policyVersion: undefined,
    });
    return reply.groups;
  }

  #life(): Environment {
    this.#lives += 1;
    const { limits, defer, wrapStore, onRender } = this.#options;
    const store = new SqliteRunStore(this.database);
    const log = (message: string, fields?: LogFields): void => void this.logged.push({ message, fields });
    return new Environment({
      datasets: this.#datasets,
      runs: wrapStore?.(store) ?? store,
      templates: {
        names: () => ['plain'],
        render: (_, { question }) => {
          onRender?.(question);
          return [{ role: 'user', content: question }];
        },
      },
      scoring: new Scoring(this.scorer, this.clock),
      clock: this.clock,
      nonces: new CountingNonces(`life${this.#lives}x`),
      log: { info: log, warn: log, error: log },
      inFlight: new InFlight(limits?.completionsInFlightMax ?? 1_000),
      limits: { openGroupsPerRunMax: 1_000, eventsKeptMax: 100, streamFramesBufferedMax: 16, ...limits },
      ...(defer && { defer }),
    });
  }
}

/** Arguments of a run that tests change where they care. */
export const RUN: OpenRunCall = {
  runId: undefined,
  dataset: DATASET,
  split: 'train',
  groupSize: 2,
  seed: 7,
  epochs: 1,
  reward: recipeOf(ECHO),
  estimator: { name: 'grpo:verl' },
  sampling: { kind: 'sequential', refill: false, pools: DEFAULT_POOLS, unseenWeight: 1 },
  leaseTtlMs: 10_000,
  maxAttempts: 3,
  maxDrift: undefined,
  promptTemplate: 'plain',
};

/** A submit for one lease: texts by member index, from 0; `undefined` leaves that member out. */
export function completionsFor(
  group: LeasedGroup,
  texts: readonly (string | undefined)[],
  fields: Partial<MemberCompletion> = {},
): GroupCompletions {
  const completions = texts.flatMap((text, memberIndex) =>
    text === undefined ? [] : [{ ...fields, memberIndex, text }],
  );
  return { leaseId: group.leaseId, completions };
}
