// The calls that both doors have, as methods over core types. A transport brings `call`; everything else is the same, so
// that code can be written against either door.

import type { CallName, InputOf, ReplyOf } from '../contract/calls.ts';
import type { LeasesCall } from '../core/calls.ts';
import type { GroupId, RunId } from '../core/ids.ts';

export interface CallOptions {
  /** Ends the waiting; rejects with `cancelled`. */
  readonly signal?: AbortSignal | undefined;
  /** How long the call may take, retries and waits included. */
  readonly deadlineMs?: number | undefined;
}

/** All methods reject with `EnvError`: code, field and retry-after are those that the server gave. */
export abstract class CallsClient {
  abstract call<Name extends CallName>(
    name: Name,
    input: InputOf<Name>,
    options?: CallOptions,
  ): Promise<ReplyOf<Name>>;

  abstract close(): void;

  listDatasets(options?: CallOptions): Promise<ReplyOf<'ListDatasets'>> {
    return this.call('ListDatasets', undefined, options);
  }

  getDataset(name: string, options?: CallOptions): Promise<ReplyOf<'GetDataset'>> {
    return this.call('GetDataset', name, options);
  }

  /** Everything but `dataset` has the server's default. Safe to repeat when `runId` is given. */
  openRun(input: InputOf<'OpenRun'>, options?: CallOptions): Promise<ReplyOf<'OpenRun'>> {
    return this.call('OpenRun', input, options);
  }

  listRuns(options?: CallOptions): Promise<ReplyOf<'ListRuns'>> {
    return this.call('ListRuns', undefined, options);
  }

  getRun(runId: RunId, options?: CallOptions): Promise<ReplyOf<'GetRun'>> {
    return this.call('GetRun', runId, options);
  }

  closeRun(runId: RunId, options?: CallOptions): Promise<ReplyOf<'CloseRun'>> {
    return this.call('CloseRun', runId, options);
  }

  /** Never repeated by itself: a lost answer would leave its groups leased to nobody. */
  leaseGroups(input: InputOf<'LeaseGroups'>, options?: CallOptions): Promise<ReplyOf<'LeaseGroups'>> {
    return this.call('LeaseGroups', input, options);
  }

  heartbeat(input: LeasesCall, options?: CallOptions): Promise<ReplyOf<'Heartbeat'>> {
    return this.call('Heartbeat', input, options);
  }

  releaseGroups(input: LeasesCall, options?: CallOptions): Promise<ReplyOf<'ReleaseGroups'>> {
    return this.call('ReleaseGroups', input, options);
  }

  /** With `wait` (the default) it answers when all is scored: give it a deadline that scoring can meet. */
  submitCompletions(
    input: InputOf<'SubmitCompletions'>,
    options?: CallOptions,
  ): Promise<ReplyOf<'SubmitCompletions'>> {
    return this.call('SubmitCompletions', input, options);
  }

  getGroup(
    input: { readonly runId: RunId; readonly groupId: GroupId },
    options?: CallOptions,
  ): Promise<ReplyOf<'GetGroup'>> {
    return this.call('GetGroup', input, options);
  }

  getAccounting(runId: RunId, options?: CallOptions): Promise<ReplyOf<'GetAccounting'>> {
    return this.call('GetAccounting', runId, options);
  }

  async reportTrainingStep(input: InputOf<'ReportTrainingStep'>, options?: CallOptions): Promise<void> {
    await this.call('ReportTrainingStep', input, options);
  }

  listTrainingSteps(
    input: InputOf<'ListTrainingSteps'>,
    options?: CallOptions,
  ): Promise<ReplyOf<'ListTrainingSteps'>> {
    return this.call('ListTrainingSteps', input, options);
  }

  score(input: InputOf<'Score'>, options?: CallOptions): Promise<ReplyOf<'Score'>> {
    return this.call('Score', input, options);
  }

  computeAdvantages(
    input: InputOf<'ComputeAdvantages'>,
    options?: CallOptions,
  ): Promise<ReplyOf<'ComputeAdvantages'>> {
    return this.call('ComputeAdvantages', input, options);
  }
}
