// A walk over a split, as any rollout client walks: a run of its own, groups leased, completions handed in, rewards taken. What it
// brings home of each question is how many of its completions were right; no ground truth comes near it.

import type { CallsClient } from '../../client/calls-client.ts';
import { LIMITS } from '../../contract/limits.ts';
import type { CompletionResult, LeasedGroup, RunInfo } from '../../core/calls.ts';
import type { PairId } from '../../core/ids.ts';
import { observationOf } from '../../core/pass-rate.ts';
import type { Observation } from '../../core/sampling.ts';
import { holdingLeases } from '../loop/heartbeat.ts';
import { pause } from '../loop/patience.ts';
import type { Respondent, ResponsePlan, Responses } from './respondent.ts';

/** How one question went. */
export interface AnsweredQuestion extends Observation {
  readonly pairId: PairId;
  /** Of completions that could be scored. */
  readonly rewards: readonly number[];
  readonly unscorable: number;
  readonly truncated: number;
  /** Undefined where the respondent does not count. */
  readonly tokens: number | undefined;
}

export interface Walk {
  readonly run: RunInfo;
  readonly questions: readonly AnsweredQuestion[];
  /** Questions that the respondent gave nothing for; they are not among the others. */
  readonly unanswered: readonly string[];
  readonly seconds: number;
}

export interface WalkOptions {
  readonly client: CallsClient;
  readonly respondent: Respondent;
  readonly dataset: string;
  readonly split: string;
  /** Undefined: all. Others are drawn by the seed. */
  readonly questionsMax: number | undefined;
  readonly reward: string | undefined;
  readonly promptTemplate: string;
  readonly plan: Omit<ResponsePlan, 'part'>;
  /** How long the scoring of one part may take. */
  readonly scoreMsMax: number;
  readonly onProgress: (done: number, of: number) => void;
}

/** @throws EnvError as the server refuses; the reason of the plan's signal */
export async function walkSplit(options: WalkOptions): Promise<Walk> {
  const { client, respondent, plan } = options;
  const startedAt = performance.now();
  const run = await client.openRun({
    dataset: options.dataset,
    split: options.split,
    groupSize: plan.count,
    seed: plan.seed,
    epochs: 1,
    reward: options.reward,
    promptTemplate: options.promptTemplate,
  });
  try {
    const wanted = Math.min(run.groupsTotal, options.questionsMax ?? run.groupsTotal);
    const questions: AnsweredQuestion[] = [];
    const unanswered: string[] = [];
    let leased = 0;
    for (let part = 0; leased < wanted; part += 1) {
      plan.signal.throwIfAborted();
      const groups = await leaseSome(
        client,
        run,
        Math.min(wanted - leased, partSize(respondent, plan.count)),
        plan.signal,
      );
      if (groups.length === 0) break;
      leased += groups.length;
      const held = groups.map((group) => ({ ...group, runId: run.runId }));
      const responses = await holdingLeases({ client, groups: held, ttlMs: run.leaseTtlMs }, () =>
        respondent.respond(
          groups.map(({ prompt }) => prompt),
          { ...plan, part },
        ),
      );
      for (const response of responses) if (response.kind === 'none') unanswered.push(response.detail);
      questions.push(...(await scored(groups, responses, run, options)));
      options.onProgress(leased, wanted);
    }
    return { run, questions, unanswered, seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    await client.closeRun(run.runId);
  }
}

/** As many as are best at once and fit into one request. */
function partSize({ promptsAtOnce }: Respondent, count: number): number {
  const fitting = Math.floor(LIMITS.completionsPerRequestMax / count);
  return Math.max(1, Math.min(promptsAtOnce, fitting, LIMITS.groupsPerLeaseMax));
}

async function leaseSome(
  client: CallsClient,
  { runId }: RunInfo,
  groups: number,
  signal: AbortSignal,
): Promise<readonly LeasedGroup[]> {
  for (;;) {
    signal.throwIfAborted();
    const reply = await client.leaseGroups({ runId, groups });
    // Nobody else walks this run: what is leased and not handed in stayed unanswered.
    if (reply.emptyReason !== 'backpressure') return reply.groups;
    await pause(reply.retryAfterMs ?? 0, signal);
  }
}

async function scored(
  groups: readonly LeasedGroup[],
  responses: readonly Responses[],
  { runId }: RunInfo,
  { client, scoreMsMax }: WalkOptions,
): Promise<readonly AnsweredQuestion[]> {
  const answered = groups.flatMap((group, index) => {
    const response = responses[index];
    return response?.kind === 'completions' ? [{ group, completions: response.completions }] : [];
  });
  if (answered.length === 0) return [];
  const results = await client.submitCompletions(
    {
      runId,
      groups: answered.map(({ group, completions }) => ({
        leaseId: group.leaseId,
        completions: completions.map((completion, memberIndex) => ({ ...completion, memberIndex })),
      })),
    },
    { deadlineMs: scoreMsMax },
  );
  const byLease = new Map(results.map((result) => [result.leaseId, result.completions]));
  return answered.map(({ group, completions }) => {
    const rewards = (byLease.get(group.leaseId) ?? []).map(rewardOf);
    const counts = completions.map(({ tokenCount }) => tokenCount);
    return {
      pairId: group.pairId,
      ...observationOf(rewards),
      rewards: rewards.filter((reward) => reward !== null),
      unscorable: rewards.filter((reward) => reward === null).length,
      truncated: completions.filter(({ finishReason }) => finishReason === 'length').length,
      tokens: counts.reduce<number | undefined>(
        (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
        0,
      ),
    };
  });
}

function rewardOf({ outcome }: CompletionResult): number | null {
  return outcome.kind === 'scored' ? outcome.reward : null;
}
