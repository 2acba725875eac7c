// The walk over the questions, run after run: groups are leased in the order that the server gives them, and exactly once in the
// life of a training, whatever process asks for them. A lease whose answer got lost is found, given back and leased again.

import { EnvError } from '../../core/errors.ts';
import type { CallsClient } from '../../client/calls-client.ts';
import type { LeaseGroupsReply, RunInfo } from '../../core/calls.ts';
import { type BatchId, groupIdAt, type LeaseId, NO_LEASE, type RunId } from '../../core/ids.ts';
import type { PromptGroup } from './batch.ts';
import type { LeaseJournal } from './lease-journal.ts';
import { type Patience, patiently, pause } from './patience.ts';
import { openRunOf, type RunPlace } from './runs.ts';
import type { TrainingSettings } from './settings.ts';

export interface QuestionWalkOptions {
  readonly client: CallsClient;
  readonly settings: TrainingSettings;
  readonly journal: LeaseJournal;
  readonly patience: Patience;
  /** The runs of the training so far; the last one is walked. */
  readonly runs: readonly RunPlace[];
  /** Decides the next run and keeps it among the runs. */
  readonly nextRun: () => Promise<RunPlace>;
}

export class QuestionWalk {
  readonly #options: QuestionWalkOptions;
  #run: RunInfo;
  /** Whether a lease may have been given that we never heard of. */
  #mayHaveLost = true;

  private constructor(options: QuestionWalkOptions, run: RunInfo) {
    this.#options = options;
    this.#run = run;
  }

  /** @throws EnvError `not_found` for a dataset or split that is not there */
  static async open(options: QuestionWalkOptions): Promise<QuestionWalk> {
    const place = options.runs.at(-1);
    if (place === undefined) throw new RangeError('A training has at least one run');
    const { client, settings, patience } = options;
    const run = await patiently('open the run', () => openRunOf(client, settings, place), patience);
    return new QuestionWalk(options, run);
  }

  get run(): RunInfo {
    return this.#run;
  }

  /**
   * The groups of a batch: those that the journal has, and new ones up to `promptsPerStep`. Fewer, or none, when the questions are
   * exhausted or the training is told to stop.
   */
  async lease(batch: number, version: number): Promise<readonly PromptGroup[]> {
    const { journal, settings, patience } = this.#options;
    while (patience.signal?.aborted !== true) {
      const held = journal.groupsOf(batch);
      const missing = settings.promptsPerStep - held.length;
      if (missing <= 0 || journal.isComplete(batch)) break;
      const last = held.at(-1);
      const batchId = last?.runId === this.#run.runId ? last.batchId : undefined;
      const reply = await this.#ask({ groups: missing, batchId, policyVersion: version });
      if (reply.groups.length > 0) {
        await journal.add(batch, reply.groups);
      } else if (last !== undefined && reply.emptyReason !== 'backpressure') {
        // What is left is out, and out with ourselves: the batch stays smaller.
        await journal.complete(batch);
      } else if (reply.emptyReason !== 'exhausted') {
        await pause(reply.retryAfterMs ?? 0, patience.signal);
      } else if (!(await this.#goOn())) {
        break;
      }
    }
    return journal.groupsOf(batch);
  }

  async #ask(wanted: {
    readonly groups: number;
    readonly batchId: BatchId | undefined;
    readonly policyVersion: number;
  }): Promise<Omit<LeaseGroupsReply, 'groups'> & { readonly groups: readonly PromptGroup[] }> {
    const { client, patience } = this.#options;
    const { runId } = this.#run;
    return patiently(
      'lease groups',
      async () => {
        if (this.#mayHaveLost) await this.#reclaim();
        this.#mayHaveLost = true;
        const reply = await client.leaseGroups({ runId, ...wanted });
        this.#mayHaveLost = false;
        return {
          ...reply,
          groups: reply.groups.map(({ groupId, leaseId, batchId, prompt }) => ({
            runId,
            groupId,
            leaseId,
            batchId,
            prompt,
          })),
        };
      },
      patience,
    );
  }

  /** The run is this training's own: a group that was handed out and is not in the journal is ours, and its answer got lost. */
  async #reclaim(): Promise<void> {
    const { client, journal, patience } = this.#options;
    const { runId, groupsTotal } = this.#run;
    const lost: LeaseId[] = [];
    for (let sequence = journal.leasedOf(runId); sequence < groupsTotal; sequence++) {
      const group = await client.getGroup({ runId, groupId: groupIdAt(sequence) });
      if (group.leaseId === NO_LEASE) break;
      if (group.state === 'partial') lost.push(group.leaseId);
    }
    if (lost.length === 0) return;
    // In this order they are handed out again.
    await client.releaseGroups({ runId, leaseIds: lost });
    patience.say(`Gave ${lost.length} groups back whose leases had not reached this process`);
  }

  /** Leaves the run: what was leased for this batch and later ones is given up, and a new run begins. */
  async startOver(batch: number): Promise<void> {
    await this.#options.journal.forgetFrom(batch);
    await this.#walkNext(await this.#options.nextRun());
  }

  /** Whether there is a next run, which is walked from now on. */
  async #goOn(): Promise<boolean> {
    const { settings, nextRun } = this.#options;
    // The caller wanted so many walks and no more.
    if (settings.epochs !== undefined) return false;
    await this.#walkNext(await nextRun());
    return true;
  }

  async #walkNext(place: RunPlace): Promise<void> {
    const { client, settings, patience } = this.#options;
    this.#run = await patiently('open the next run', () => openRunOf(client, settings, place), patience);
    this.#mayHaveLost = true;
    patience.say(`The questions are walked on in run ${place.runId}`);
  }
}

/** @throws EnvError `failed_precondition` when the server does not know a run that a training is to go on with */
export async function requireRun(client: CallsClient, runId: RunId, patience: Patience): Promise<void> {
  try {
    await patiently('find the run', () => client.getRun(runId), patience);
  } catch (error) {
    if (!(error instanceof EnvError) || error.code !== 'not_found') throw error;
    throw new EnvError(
      'failed_precondition',
      `Cannot resume: the server does not know run "${runId}"; is it another server, or was its data directory deleted?`,
      { cause: error },
    );
  }
}
