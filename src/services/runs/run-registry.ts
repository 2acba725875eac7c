// The runs that are loaded, each once. A run is loaded when it is first asked for, or at start when it has open groups, and
// put away when many are loaded and nobody needs it.

import { isDeepStrictEqual } from 'node:util';
import { Books } from '../../core/accounting.ts';
import { resolveEstimator } from '../../core/advantages/table.ts';
import type { OpenRunCall, RunInfo, RunSettings } from '../../core/calls.ts';
import { EnvError } from '../../core/errors.ts';
import { runIdFrom, type RunId } from '../../core/ids.ts';
import { renderPrompt } from '../../core/prompt.ts';
import type { QaPair } from '../../core/qa-pair.ts';
import { createSampler } from '../../core/sampler.ts';
import type { DatasetStore } from '../../ports/dataset-store.ts';
import type { PromptTemplates } from '../../ports/prompt-templates.ts';
import type { StoredRun } from '../../ports/run-store.ts';
import { checkDataset, checkSettings } from './open-run-check.ts';
import { rowScorer } from './row-scoring.ts';
import { infoOfStored } from './run-info.ts';
import { Run } from './run.ts';
import type { RunParts, RunSurroundings } from './run-parts.ts';
import type { Scoring } from '../scoring/scoring.ts';

/** Loaded runs beyond which idle ones are put away. A run that has been busy keeps some 7 MB of events for its watchers. */
const RUNS_LOADED_MAX = 16;

/** The settings of a run, and the names that clients know them by. */
const SETTINGS: readonly (readonly [keyof RunSettings, string])[] = [
  ['dataset', 'dataset'],
  ['split', 'split'],
  ['groupSize', 'group_size'],
  ['seed', 'seed'],
  ['epochs', 'epochs'],
  ['reward', 'reward'],
  ['estimator', 'estimator'],
  ['sampling', 'sampling'],
  ['leaseTtlMs', 'lease_ttl_ms'],
  ['maxAttempts', 'max_attempts'],
  ['maxDrift', 'max_drift'],
  ['promptTemplate', 'prompt_template'],
];

export interface RunRegistryOptions {
  readonly datasets: DatasetStore;
  readonly templates: PromptTemplates;
  readonly scoring: Scoring;
  readonly around: RunSurroundings;
}

export class RunRegistry {
  readonly #options: RunRegistryOptions;
  /** Longest loaded first. */
  readonly #loaded = new Map<RunId, Run>();
  readonly #loading = new Map<RunId, Promise<Run>>();

  constructor(options: RunRegistryOptions) {
    this.#options = options;
  }

  /** Loads the runs whose leases must be able to expire. One that cannot be loaded does not keep the others from it. */
  async start(): Promise<void> {
    const { store, log } = this.#options.around;
    for (const runId of await store.withOpenGroups()) {
      try {
        await this.get(runId);
      } catch (error) {
        log.error('Cannot load a run', { run_id: runId, error });
      }
    }
  }

  stop(): void {
    for (const run of this.#loaded.values()) run.stop();
  }

  /** Throws `not_found` for a run that was never opened. */
  get(runId: RunId): Run | Promise<Run> {
    const run = this.#loaded.get(runId);
    if (run !== undefined) return run;
    let loading = this.#loading.get(runId);
    if (loading === undefined) {
      loading = this.#load(runId).finally(() => this.#loading.delete(runId));
      this.#loading.set(runId, loading);
    }
    return loading;
  }

  /** Starts a run, or finds the one of this id again when its arguments are the same. */
  async open(call: OpenRunCall): Promise<Run> {
    const { around, templates, scoring } = this.#options;
    const { runId: named, ...asked } = call;
    const settings = checkSettings(asked, { templates, scoring });
    const runId = named ?? runIdFrom(around.nonces.next());
    if ((await around.store.find(runId)) === undefined) {
      if (await around.store.create(await this.#newRun(runId, settings))) return this.get(runId);
    }
    const run = await this.get(runId);
    checkSame(run.info, settings);
    return run;
  }

  get leasesOpen(): number {
    let open = 0;
    // A run with an open lease is always loaded.
    for (const run of this.#loaded.values()) open += run.accounting.leases.open;
    return open;
  }

  async list(): Promise<readonly RunInfo[]> {
    const stored = await this.#options.around.store.list();
    return stored.map((run) => this.#loaded.get(run.runId)?.info ?? infoOfStored(run));
  }

  async #newRun(runId: RunId, settings: RunSettings): Promise<StoredRun> {
    const { datasets, around, scoring } = this.#options;
    const dataset = await datasets.get(settings.dataset);
    if (dataset === undefined) {
      throw new EnvError('not_found', `Cannot open a run: there is no dataset "${settings.dataset}"`, {
        field: 'dataset',
      });
    }
    const { count } = checkDataset(dataset, settings, scoring);
    const progress = {
      isClosed: false,
      position: 0,
      isDrawn: false,
      policyVersion: undefined,
      eventSequence: 0,
      books: new Books().snapshot(),
    };
    return {
      runId,
      settings,
      datasetVersion: dataset.version,
      createdAt: around.clock.now(),
      groupsTotal: count * settings.epochs,
      progress,
    };
  }

  async #load(runId: RunId): Promise<Run> {
    const { around } = this.#options;
    const { store } = around;
    const stored = await store.find(runId);
    if (stored === undefined) {
      throw new EnvError('not_found', `There is no run "${runId}"`, { field: 'run_id' });
    }
    const parts = await this.#partsOf(stored);
    const issued = parts.sampler.needsHistory ? await store.issuedPairs(runId) : [];
    const run = new Run({ stored, open: await store.openState(runId), issued }, parts, around);
    await run.resume();
    this.#loaded.set(runId, run);
    // Later, when whoever waited for this run is working with it.
    setImmediate(() => this.#putAwayIdle());
    return run;
  }

  async #partsOf({ settings, datasetVersion }: StoredRun): Promise<RunParts> {
    const { datasets, templates, scoring } = this.#options;
    const { dataset: name, split: splitName, promptTemplate, reward, sampling, seed, epochs } = settings;
    const dataset = await datasets.get(name, datasetVersion);
    const split = await datasets.openSplit(name, datasetVersion, splitName);
    if (dataset === undefined || split === undefined) {
      throw new EnvError(
        'failed_precondition',
        `Cannot load the run: version ${datasetVersion} of dataset "${name}" is gone`,
        { field: 'run_id' },
      );
    }
    return {
      split,
      sampler: createSampler({ sampling, count: split.count, epochs, seed }),
      estimator: resolveEstimator(settings.estimator),
      scorer: rowScorer(scoring, { run: reward, dataset }),
      render: (pair: QaPair) => renderPrompt(pair, (values) => templates.render(promptTemplate, values)),
    };
  }

  #putAwayIdle(): void {
    for (const [runId, run] of this.#loaded) {
      if (this.#loaded.size <= RUNS_LOADED_MAX) return;
      if (!run.isIdle) continue;
      run.stop();
      this.#loaded.delete(runId);
    }
  }
}

/** A run that is not loaded, as it is on disk. */
/** Resuming is only for those who mean the same run. */
function checkSame(run: RunSettings, asked: RunSettings): void {
  for (const [key, field] of SETTINGS) {
    if (isDeepStrictEqual(asJson(run[key]), asJson(asked[key]))) continue;
    throw new EnvError('failed_precondition', `Cannot resume the run: it was opened with another ${field}`, {
      field,
    });
  }
}

/** As the store keeps it: what is undefined is absent. */
function asJson(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}
