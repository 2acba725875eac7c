// What the doors may ask of the service. `environment.ts` and `rewards.ts` implement it; both doors, and the client on
// the other side of them, speak in these calls.

import type {
  Accounting,
  ComputeAdvantagesCall,
  ComputeAdvantagesReply,
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
  ScoreCall,
  ScoreReply,
  SubmitCompletionsCall,
  TrainingStep,
} from '../core/calls.ts';
import type { GroupId, RunId } from '../core/ids.ts';

/** All methods throw `EnvError` for what the caller can put right, and anything else for bugs. */
export interface EnvironmentService {
  listDatasets(): Promise<readonly DatasetInfo[]>;
  getDataset(name: string): Promise<DatasetInfo>;
  openRun(call: OpenRunCall): Promise<RunInfo>;
  listRuns(): Promise<readonly RunInfo[]>;
  getRun(runId: RunId): Promise<RunInfo>;
  closeRun(runId: RunId): Promise<RunInfo>;
  leaseGroups(call: LeaseGroupsCall): Promise<LeaseGroupsReply>;
  heartbeat(call: LeasesCall): Promise<HeartbeatReply>;
  releaseGroups(call: LeasesCall): Promise<{ readonly released: number }>;
  /** `signal` ends the waiting, not the work: what was taken in is scored all the same. */
  submitCompletions(call: SubmitCompletionsCall, signal?: AbortSignal): Promise<readonly GroupResult[]>;
  getGroup(call: { readonly runId: RunId; readonly groupId: GroupId }): Promise<GroupResult>;
  /** Reads no further than it can serve; the caller stops pulling when its reader is slow. */
  rollout(requests: AsyncIterable<RolloutRequest>, signal: AbortSignal): AsyncIterable<RolloutResponse>;
  getAccounting(runId: RunId): Promise<Accounting>;
  watchRun(
    call: { readonly runId: RunId; readonly afterSequence: number | undefined },
    signal: AbortSignal,
  ): AsyncIterable<RunEvent>;
  reportTrainingStep(call: { readonly runId: RunId; readonly trainingStep: TrainingStep }): Promise<void>;
  listTrainingSteps(call: {
    readonly runId: RunId;
    readonly afterNumber: number | undefined;
    readonly limit: number;
  }): Promise<readonly TrainingStep[]>;
}

export interface RewardsService {
  /** Returns without a promise when every verdict was quick: the fast path of `ScoreStream`. */
  score(call: ScoreCall, signal?: AbortSignal): ScoreReply | Promise<ScoreReply>;
  computeAdvantages(call: ComputeAdvantagesCall): ComputeAdvantagesReply;
}
