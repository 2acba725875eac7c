// The facade over datasets and runs: what both doors call. It finds the run, lets it do its work, and answers when what the
// answer tells is on disk.

import type {
  Accounting,
  DatasetInfo,
  GroupResult,
  HeartbeatReply,
  LeaseGroupsCall,
  LeaseGroupsReply,
  LeasesCall,
  OpenRunCall,
  RolloutRequest,
  RolloutResponse,
  RunEvent,
  RunInfo,
  SubmitCompletionsCall,
  TrainingStep,
} from '../core/calls.ts';
import { auditAccounts } from '../core/audit-books.ts';
import { Books } from '../core/accounting.ts';
import { EnvError } from '../core/errors.ts';
import { batchIdFrom, type GroupId, type RunId } from '../core/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { DatasetStore } from '../ports/dataset-store.ts';
import type { Log } from '../ports/log.ts';
import type { ServiceCounts } from '../ports/metrics.ts';
import type { Nonces } from '../ports/nonces.ts';
import type { PromptTemplates } from '../ports/prompt-templates.ts';
import type { RunStore } from '../ports/run-store.ts';
import { CommitQueue } from './runs/commit-queue.ts';
import type { InFlight } from './in-flight.ts';
import { openRollout } from './runs/rollout.ts';
import { RunRegistry } from './runs/run-registry.ts';
import type { Run } from './runs/run.ts';
import type { RunSurroundings, ServiceLimits } from './runs/run-parts.ts';
import type { Scoring } from './scoring/scoring.ts';
import type { EnvironmentService } from './service.ts';
import { untilAborted } from './runs/until.ts';

export interface EnvironmentOptions {
  readonly datasets: DatasetStore;
  readonly runs: RunStore;
  readonly templates: PromptTemplates;
  readonly scoring: Scoring;
  readonly clock: Clock;
  readonly nonces: Nonces;
  readonly log: Log;
  /** Shared with whatever else scores completions. */
  readonly inFlight: InFlight;
  readonly limits: ServiceLimits;
  /** Runs a commit when the calls of this turn of the event loop have made their changes. Tests own it. */
  readonly defer?: (run: () => void) => void;
}

export class Environment implements EnvironmentService {
  readonly #datasets: DatasetStore;
  readonly #runs: RunRegistry;
  readonly #around: RunSurroundings;

  /** `start` must have resolved before the first call. */
  constructor(options: EnvironmentOptions) {
    const { datasets, runs: store, templates, scoring, clock, nonces, log, inFlight, limits } = options;
    this.#datasets = datasets;
    const commits = new CommitQueue({ store, clock, log, ...(options.defer && { defer: options.defer }) });
    const totals = new Books();
    this.#around = { store, commits, inFlight, clock, log, nonces, limits, totals };
    this.#runs = new RunRegistry({ datasets, templates, scoring, around: this.#around });
  }

  /** Goes on with the runs that have open groups: leases expire and completions are scored without anybody asking. */
  async start(): Promise<void> {
    await this.#runs.start();
    await this.#around.commits.drain();
  }

  /** Stops all timers and writes what is not yet written; nothing is written afterwards. The stores are the caller's to close. */
  async stop(): Promise<void> {
    this.#runs.stop();
    await this.#around.commits.close();
  }

  /** What operators watch: counted since the server started, all runs together. */
  counts(): ServiceCounts {
    const { totals, inFlight } = this.#around;
    const { leases, groups, completions, zeroVarianceGroups, unscorableByCause, judging } = totals.snapshot();
    return {
      groupsLeased: leases.leased,
      groupsCompleted: groups.completed,
      groupsQuarantined: groups.quarantined,
      leasesExpired: totals.expirations,
      leasesOpen: this.#runs.leasesOpen,
      completionsInFlight: inFlight.count,
      zeroVarianceGroups,
      completionsScored: completions.scored,
      completionsUnscorable: unscorableByCause,
      submitsRepeated: completions.repeats,
      verdictsKnown: judging.hits,
      verdictsAsked: judging.misses,
      judgeCostUsd: judging.usd,
      verdictsUnpriced: judging.unpriced,
      judgePromptTokens: judging.promptTokens,
      judgeCompletionTokens: judging.completionTokens,
      audits: auditAccounts(judging),
    };
  }

  listDatasets(): Promise<readonly DatasetInfo[]> {
    return this.#datasets.list();
  }

  async getDataset(name: string): Promise<DatasetInfo> {
    const dataset = await this.#datasets.get(name);
    if (dataset === undefined) {
      throw new EnvError('not_found', `There is no dataset "${name}"`, { field: 'name' });
    }
    return dataset;
  }

  async openRun(call: OpenRunCall): Promise<RunInfo> {
    return this.#told((await this.#runs.open(call)).info);
  }

  async listRuns(): Promise<readonly RunInfo[]> {
    return this.#told(await this.#runs.list());
  }

  async getRun(runId: RunId): Promise<RunInfo> {
    return this.#told((await this.#runs.get(runId)).info);
  }

  closeRun(runId: RunId): Promise<RunInfo> {
    return this.#with(runId, async (run) => {
      await run.close();
      return run.info;
    });
  }

  leaseGroups(call: LeaseGroupsCall): Promise<LeaseGroupsReply> {
    return this.#with(call.runId, async (run) => {
      const batchId = call.batchId ?? batchIdFrom(this.#around.nonces.next());
      run.hearPolicyVersion(call.policyVersion);
      const isTopUp = call.batchId !== undefined;
      const leased = await run.lease([{ batchId, groups: call.groups, isTopUp }]);
      return { batchId, ...leased };
    });
  }

  heartbeat(call: LeasesCall): Promise<HeartbeatReply> {
    return this.#with(call.runId, (run) => run.heartbeat(call.leaseIds));
  }

  releaseGroups(call: LeasesCall): Promise<{ readonly released: number }> {
    return this.#with(call.runId, async (run) => ({ released: await run.release(call.leaseIds) }));
  }

  submitCompletions(call: SubmitCompletionsCall, signal?: AbortSignal): Promise<readonly GroupResult[]> {
    return this.#with(call.runId, async (run) => {
      const submitted = await run.takeIn(call.groups);
      // Without waiting, all is told that is known at once, but nothing before it is on disk.
      if (call.wait) await untilAborted(run.scored(submitted), signal);
      return untilAborted(this.#told(submitted.map((each) => run.resultOf(each))), signal);
    });
  }

  getGroup(call: { readonly runId: RunId; readonly groupId: GroupId }): Promise<GroupResult> {
    return this.#with(call.runId, (run) => run.getGroup(call.groupId));
  }

  async *rollout(
    requests: AsyncIterable<RolloutRequest>,
    signal: AbortSignal,
  ): AsyncGenerator<RolloutResponse> {
    yield* openRollout(requests, signal, {
      around: this.#around,
      getRun: async (runId) => this.#runs.get(runId),
    });
  }

  async getAccounting(runId: RunId): Promise<Accounting> {
    return this.#told((await this.#runs.get(runId)).accounting);
  }

  async *watchRun(
    call: { readonly runId: RunId; readonly afterSequence: number | undefined },
    signal: AbortSignal,
  ): AsyncGenerator<RunEvent> {
    const run = await this.#runs.get(call.runId);
    const done = run.keep();
    try {
      yield* run.events.watch(call.afterSequence, signal, () => run.hasEnded);
    } finally {
      done();
    }
  }

  reportTrainingStep(call: { readonly runId: RunId; readonly trainingStep: TrainingStep }): Promise<void> {
    return this.#with(call.runId, (run) => run.reportTrainingStep(call.trainingStep));
  }

  async listTrainingSteps(call: {
    readonly runId: RunId;
    readonly afterNumber: number | undefined;
    readonly limit: number;
  }): Promise<readonly TrainingStep[]> {
    await this.#runs.get(call.runId);
    await this.#around.commits.committed();
    return this.#around.store.trainingSteps(call.runId, call);
  }

  async #with<Result>(runId: RunId, work: (run: Run) => Promise<Result>): Promise<Result> {
    const run = this.#runs.get(runId);
    return (run instanceof Promise ? await run : run).use(work);
  }

  /** Tells what is known now, when it is on disk. */
  async #told<Told>(told: Told): Promise<Told> {
    await this.#around.commits.committed();
    return told;
  }
}
