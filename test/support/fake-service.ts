// A small real implementation of both services over memory, for tests of the doors: every call answers something of the
// right shape, and names that start with `throws-` make it fail with that code, or with a bug.

import type {
  GroupResult,
  LeasedGroup,
  RolloutRequest,
  RolloutResponse,
  RunEvent,
  RunInfo,
  ScoreCall,
  ScoreReply,
  TrainingStep,
} from '../../src/core/calls.ts';
import { EnvError, ERROR_CODES } from '../../src/core/errors.ts';
import type { BatchId, GroupId, LeaseId, PairId, RunId } from '../../src/core/ids.ts';
import { recipeOf } from '../../src/core/recipe.ts';
import type { Services } from '../../src/services/dispatch.ts';
import type { EnvironmentService, RewardsService } from '../../src/services/service.ts';

/** Never in any reply, error or log. */
export const FAKE_SECRET = 'fake-ground-truth-5be1';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const ESTIMATOR = { name: 'grpo:verl', ddof: 1, epsilon: 1e-6 };

/** `throws-not_found` → EnvError; `throws-bug` → an ordinary exception with a secret in it. */
function failIfAsked(name: string): void {
  if (name === 'throws-bug') throw new TypeError(`A bug with ${FAKE_SECRET} in its text`);
  const code = ERROR_CODES.find((known) => name === `throws-${known}`);
  if (code === undefined) return;
  throw new EnvError(code, `Cannot do it: thrown as ${code}`, {
    field: code === 'invalid_argument' ? 'name' : undefined,
    retryAfterMs: code === 'resource_exhausted' ? 1_500 : undefined,
  });
}

export class FakeEnvironment implements EnvironmentService {
  readonly runs = new Map<string, RunInfo>();
  readonly steps: TrainingStep[] = [];
  /** How many frames of a rollout were pulled: what backpressure is measured by. */
  framesPulled = 0;
  /** Ends watchers when resolved by a test. */
  events: RunEvent[] = [];
  #submitting: (() => void)[] = [];

  async listDatasets() {
    return [await this.getDataset('tiny')];
  }

  async getDataset(name: string) {
    failIfAsked(name);
    if (name !== 'tiny') throw new EnvError('not_found', `Cannot find dataset "${name}"`);
    return {
      name,
      version: 'v1',
      description: '',
      createdAt: AT,
      splits: [{ name: 'train', count: 2 }],
      answerTypes: [{ name: 'math', count: 2 }],
      domains: [],
      reward: recipeOf('math'),
      provenance: { source: 'here', license: 'CC0-1.0', generator: 'fake 1' },
    };
  }

  async openRun(call: Parameters<EnvironmentService['openRun']>[0]): Promise<RunInfo> {
    failIfAsked(call.dataset);
    const { runId = `run-${this.runs.size + 1}` as RunId, ...settings } = call;
    const run: RunInfo = {
      ...settings,
      runId,
      state: 'open',
      datasetVersion: 'v1',
      createdAt: AT,
      groupsTotal: 2 * call.epochs,
      groupsCompleted: 0,
      policyVersion: undefined,
    };
    this.runs.set(runId, run);
    return run;
  }

  async listRuns() {
    return [...this.runs.values()];
  }

  async getRun(runId: RunId): Promise<RunInfo> {
    failIfAsked(runId);
    const run = this.runs.get(runId);
    if (run === undefined) throw new EnvError('not_found', `Cannot find run "${runId}"`);
    return run;
  }

  async closeRun(runId: RunId): Promise<RunInfo> {
    const run: RunInfo = { ...(await this.getRun(runId)), state: 'closed' };
    this.runs.set(runId, run);
    return run;
  }

  async leaseGroups(call: Parameters<EnvironmentService['leaseGroups']>[0]) {
    const run = await this.getRun(call.runId);
    const batchId = call.batchId ?? ('b-1' as BatchId);
    if (run.state === 'closed') return { batchId, groups: [], emptyReason: 'exhausted' as const };
    if (call.groups > 2)
      return { batchId, groups: [], emptyReason: 'backpressure' as const, retryAfterMs: 0 };
    return { batchId, groups: Array.from({ length: call.groups }, (_, index) => this.#group(run, index)) };
  }

  async heartbeat(call: Parameters<EnvironmentService['heartbeat']>[0]) {
    await this.getRun(call.runId);
    const held = call.leaseIds.filter((leaseId) => leaseId.startsWith('l-'));
    return {
      leases: held.map((leaseId) => ({ leaseId, expiresAt: AT })),
      lost: call.leaseIds.filter((leaseId) => !leaseId.startsWith('l-')),
    };
  }

  async releaseGroups(call: Parameters<EnvironmentService['releaseGroups']>[0]) {
    await this.getRun(call.runId);
    return { released: call.leaseIds.filter((leaseId) => leaseId.startsWith('l-')).length };
  }

  /** A lease named `l-waits` is answered when `finishSubmits` is called, or when the signal is aborted. */
  async submitCompletions(
    call: Parameters<EnvironmentService['submitCompletions']>[0],
    signal?: AbortSignal,
  ) {
    await this.getRun(call.runId);
    if (call.groups.some(({ leaseId }) => leaseId === 'l-waits')) {
      await new Promise<void>((resolve, reject) => {
        this.#submitting.push(resolve);
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      });
    }
    return call.groups.map(({ leaseId, completions }) =>
      result(
        leaseId,
        completions.map(({ memberIndex }) => memberIndex),
      ),
    );
  }

  finishSubmits(): void {
    for (const resolve of this.#submitting) resolve();
    this.#submitting = [];
  }

  get submitsWaiting(): number {
    return this.#submitting.length;
  }

  async getGroup(call: Parameters<EnvironmentService['getGroup']>[0]): Promise<GroupResult> {
    await this.getRun(call.runId);
    if (call.groupId !== 'g-0') throw new EnvError('not_found', `Cannot find group "${call.groupId}"`);
    return { ...result('l-0' as LeaseId, [0]), state: 'partial', missing: [1] };
  }

  async *rollout(
    requests: AsyncIterable<RolloutRequest>,
    signal: AbortSignal,
  ): AsyncGenerator<RolloutResponse> {
    let run: RunInfo | undefined;
    for await (const request of requests) {
      signal.throwIfAborted();
      this.framesPulled += 1;
      if (request.kind === 'open') {
        run = await this.getRun(request.runId);
        for (let index = 0; index < request.window; index += 1)
          yield { kind: 'group', group: this.#group(run, index) };
        continue;
      }
      if (run === undefined)
        throw new EnvError('failed_precondition', 'Cannot serve the frame: open comes first');
      if (request.kind === 'submit') {
        for (const { leaseId, completions } of request.groups) {
          yield {
            kind: 'result',
            result: result(
              leaseId,
              completions.map(({ memberIndex }) => memberIndex),
            ),
          };
        }
      } else if (request.kind === 'update') {
        yield { kind: 'idle', reason: 'all_leased', retryAfterMs: 5 };
      } else {
        yield {
          kind: 'heartbeat',
          reply: await this.heartbeat({ runId: run.runId, leaseIds: request.leaseIds }),
        };
      }
    }
  }

  async getAccounting(runId: RunId) {
    await this.getRun(runId);
    return {
      leases: { leased: 3, completed: 1, expired: 1, released: 0, quarantined: 0, open: 1 },
      groups: { total: 2, issued: 2, completed: 1, quarantined: 0, inProgress: 1 },
      completions: {
        submitted: 3,
        scored: 2,
        unscorable: 1,
        inFlight: 0,
        unscorableByCause: [{ name: 'verifier_timeout', count: 1 }],
        truncated: 0,
        repeats: 0,
      },
      meanReward: 0,
      passRate: undefined,
      passThreshold: 0.5,
      zeroVarianceGroups: 0,
      zeroVarianceShare: 0,
      insufficientValidGroups: 0,
      cache: { hits: 0, misses: 0 },
      costUsd: undefined,
      judgePromptTokens: 11,
      judgeCompletionTokens: 7,
      drift: [{ drift: 0, completions: 2 }],
      audits: [
        {
          scorer: 'math',
          domain: '',
          answerType: 'number',
          bothYes: 0,
          onlyScorer: 1,
          onlyJudge: 0,
          bothNo: 0,
          unjudged: 2,
          agreement: 0,
          precision: 0,
          recall: undefined,
        },
      ],
    };
  }

  /** What is in `events`, then, unless the run is closed, nothing until the signal is aborted. */
  async *watchRun(
    call: Parameters<EnvironmentService['watchRun']>[0],
    signal: AbortSignal,
  ): AsyncGenerator<RunEvent> {
    const { state } = await this.getRun(call.runId);
    for (const event of this.events) {
      if (event.sequence > (call.afterSequence ?? 0)) yield event;
    }
    if (state === 'closed') return;
    await new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }

  async reportTrainingStep(call: Parameters<EnvironmentService['reportTrainingStep']>[0]) {
    await this.getRun(call.runId);
    this.steps.push(call.trainingStep);
  }

  async listTrainingSteps(call: Parameters<EnvironmentService['listTrainingSteps']>[0]) {
    await this.getRun(call.runId);
    return this.steps.filter(({ number }) => number > (call.afterNumber ?? -1)).slice(0, call.limit);
  }

  #group(run: RunInfo, index: number): LeasedGroup {
    return {
      groupId: `g-${index}` as GroupId,
      leaseId: `l-${index}` as LeaseId,
      batchId: 'b-1' as BatchId,
      pairId: `p-${index}` as PairId,
      prompt: [{ role: 'user', content: `What is ${index} + 1?` }],
      groupSize: run.groupSize,
      attempt: 1,
      expiresAt: AT + 600_000,
      epoch: 0,
    };
  }
}

/** Rewards 1 for texts that hold the ground truth, in order; `slow` texts answer later. */
export class FakeRewards implements RewardsService {
  /** Requests taken and not answered, and the most of them at a time. */
  waiting = 0;
  mostWaiting = 0;
  readonly #late: (() => void)[] = [];

  score(call: ScoreCall, signal?: AbortSignal): ScoreReply | Promise<ScoreReply> {
    const reply: ScoreReply = {
      estimator: { ...ESTIMATOR, ...call.estimator },
      groups: call.groups.map(({ reference, completions }) => ({
        flags: [],
        completions: completions.map(({ memberIndex, text }) => {
          if (reference.kind === 'row') failIfAsked(reference.dataset);
          const isRight = reference.kind === 'inline' && text.includes(reference.groundTruth.answer);
          const score = isRight ? 1 : 0;
          return {
            memberIndex,
            outcome: { kind: 'scored', reward: score, scores: [{ kind: 'scored', scorer: 'fake', score }] },
            advantage: 0,
            drift: undefined,
          };
        }),
      })),
    };
    if (!call.groups.some(({ completions }) => completions.some(({ text }) => text === 'slow'))) return reply;
    this.waiting += 1;
    this.mostWaiting = Math.max(this.mostWaiting, this.waiting);
    return new Promise((resolve, reject) => {
      this.#late.push(() => {
        this.waiting -= 1;
        resolve(reply);
      });
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }

  /** Answers what waits, the last first. */
  answerLate(): void {
    for (let answer = this.#late.pop(); answer !== undefined; answer = this.#late.pop()) answer();
  }

  computeAdvantages(call: Parameters<RewardsService['computeAdvantages']>[0]) {
    return {
      estimator: { ...ESTIMATOR, ...call.estimator },
      groups: call.groups.map(({ rewards }) => ({
        advantages: rewards.map((reward) => (reward === null ? 0 : reward / 2)),
        flags: [],
      })),
    };
  }
}

export function createFakeServices(): Services & { environment: FakeEnvironment; rewards: FakeRewards } {
  return { environment: new FakeEnvironment(), rewards: new FakeRewards() };
}

function result(leaseId: LeaseId, members: readonly number[]): GroupResult {
  return {
    groupId: 'g-0' as GroupId,
    leaseId,
    batchId: 'b-1' as BatchId,
    state: 'completed',
    completions: members.map((memberIndex) => ({
      memberIndex,
      outcome:
        memberIndex === 1
          ? {
              kind: 'unscorable',
              unscorable: { cause: 'verifier_timeout', scorer: 'math', detail: 'Took longer than 5000 ms' },
              scores: [],
            }
          : {
              kind: 'scored',
              reward: 0,
              scores: [{ kind: 'scored', scorer: 'math', score: 0, answer: '7' }],
            },
      advantage: 0,
      drift: 0,
    })),
    missing: [],
    flags: ['zero_variance'],
    estimator: ESTIMATOR,
    batchOwed: undefined,
  };
}
