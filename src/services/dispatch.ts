// Which method of the service serves which call of the contract. Both doors look it up here, so a call cannot mean one
// thing at one door and another at the other.

import type { EnvironmentService, RewardsService } from './service.ts';

export interface Services {
  readonly environment: EnvironmentService;
  readonly rewards: RewardsService;
}

type Args<Method extends (...args: never[]) => unknown> = Parameters<Method>[0];

export const DISPATCH = {
  ListDatasets: ({ environment }: Services) => environment.listDatasets(),
  GetDataset: ({ environment }: Services, name: string) => environment.getDataset(name),
  OpenRun: ({ environment }: Services, call: Args<EnvironmentService['openRun']>) =>
    environment.openRun(call),
  ListRuns: ({ environment }: Services) => environment.listRuns(),
  GetRun: ({ environment }: Services, runId: Args<EnvironmentService['getRun']>) => environment.getRun(runId),
  CloseRun: ({ environment }: Services, runId: Args<EnvironmentService['closeRun']>) =>
    environment.closeRun(runId),
  LeaseGroups: ({ environment }: Services, call: Args<EnvironmentService['leaseGroups']>) =>
    environment.leaseGroups(call),
  Heartbeat: ({ environment }: Services, call: Args<EnvironmentService['heartbeat']>) =>
    environment.heartbeat(call),
  ReleaseGroups: ({ environment }: Services, call: Args<EnvironmentService['releaseGroups']>) =>
    environment.releaseGroups(call),
  SubmitCompletions: (
    { environment }: Services,
    call: Args<EnvironmentService['submitCompletions']>,
    signal: AbortSignal,
  ) => environment.submitCompletions(call, signal),
  GetGroup: ({ environment }: Services, call: Args<EnvironmentService['getGroup']>) =>
    environment.getGroup(call),
  GetAccounting: ({ environment }: Services, runId: Args<EnvironmentService['getAccounting']>) =>
    environment.getAccounting(runId),
  ReportTrainingStep: ({ environment }: Services, call: Args<EnvironmentService['reportTrainingStep']>) =>
    environment.reportTrainingStep(call),
  ListTrainingSteps: ({ environment }: Services, call: Args<EnvironmentService['listTrainingSteps']>) =>
    environment.listTrainingSteps(call),
  Score: ({ rewards }: Services, call: Args<RewardsService['score']>, signal: AbortSignal) =>
    rewards.score(call, signal),
  ComputeAdvantages: ({ rewards }: Services, call: Args<RewardsService['computeAdvantages']>) =>
    rewards.computeAdvantages(call),
} as const;
