// The `rollout` scenario: the durable path. Opens a run, plays rollout clients that answer each leased group at once, and
// at the end holds the server's books against what came back: every group ended once, every reward was right.

import { cpuUsage } from 'node:process';
import type { Accounting, GroupResult, LeasedGroup, RolloutResponse, RunInfo } from '../core/calls.ts';
import { EnvError } from '../core/errors.ts';
import type { LeaseId, RunId } from '../core/ids.ts';
import type { OpenRunInput, RolloutInput } from '../contract/encode-calls.ts';
import { arithmeticAnswer } from './arithmetic.ts';
import { balance } from './books.ts';
import { FrameQueue } from '../client/frame-queue.ts';
import { isRightMember, knownCompletion } from './known-completion.ts';
import type { LoadPlan, LoadResult } from './load.ts';
import type { Timers } from './pace.ts';
import { Recorder } from './recorder.ts';
import { type Check, groupFault, replyCompletion } from './reply-check.ts';
import type { Books } from './report.ts';
import type { Outcome } from './transport.ts';

/** What the scenario needs of `EnvClient`. */
export interface RolloutClient {
  openRun(input: OpenRunInput): Promise<RunInfo>;
  rollout(
    requests: AsyncIterable<RolloutInput>,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<RolloutResponse>;
  closeRun(runId: RunId): Promise<RunInfo>;
  getAccounting(runId: RunId): Promise<Accounting>;
}

export interface RolloutPlan extends LoadPlan {
  readonly dataset: string;
  readonly groupSize: number;
  readonly completionChars: number;
  readonly streams: number;
  /** Groups that each stream holds at a time. */
  readonly window: number;
  readonly check: Check;
}

/** More groups than any test plays through. */
const EPOCHS = 100_000;

/** Groups are the requests here; latency is from the submit to the result on disk. */
export async function runRolloutScenario(
  plan: RolloutPlan,
  client: RolloutClient,
  timers: Timers,
): Promise<LoadResult & { readonly books: Books }> {
  const { dataset, groupSize, seed } = plan;
  const run = await client.openRun({ dataset, groupSize, seed, epochs: EPOCHS });
  const fromMs = timers.now() + plan.warmupMs;
  const toMs = fromMs + plan.durationMs;
  const recorder = new Recorder({ fromMs, toMs });
  const play = new RolloutPlay(plan, { runId: run.runId, untilMs: toMs, recorder, timers });

  let before = cpuUsage();
  let beforeMs = timers.now();
  let clientCpuShare = 0;
  timers.after(plan.warmupMs, () => {
    before = cpuUsage();
    beforeMs = timers.now();
  });
  timers.after(plan.warmupMs + plan.durationMs, () => {
    const used = cpuUsage(before);
    clientCpuShare = (used.user + used.system) / 1000 / (timers.now() - beforeMs);
  });
  const signal = AbortSignal.timeout(plan.warmupMs + plan.durationMs + plan.timeoutMs);
  await Promise.all(Array.from({ length: plan.streams }, () => play.stream(client, signal)));

  await client.closeRun(run.runId);
  const books = balance(await client.getAccounting(run.runId), { groupSize, results: play.results });
  return { recorder, clientCpuShare, books };
}

interface Submitted {
  readonly intendedMs: number;
  readonly requestBytes: number;
  /** [members] that the group must be given. */
  readonly rewards: readonly number[];
}

/** All streams of one test: what they submitted and what came back. */
class RolloutPlay {
  readonly #plan: RolloutPlan;
  readonly #runId: RunId;
  readonly #untilMs: number;
  readonly #recorder: Recorder;
  readonly #timers: Timers;
  #groups = 0;
  #results = 0;

  constructor(
    plan: RolloutPlan,
    test: {
      readonly runId: RunId;
      readonly untilMs: number;
      readonly recorder: Recorder;
      readonly timers: Timers;
    },
  ) {
    this.#plan = plan;
    this.#runId = test.runId;
    this.#untilMs = test.untilMs;
    this.#recorder = test.recorder;
    this.#timers = test.timers;
  }

  /** Groups that were completed, the warm-up's included. */
  get results(): number {
    return this.#results;
  }

  /** Plays one rollout client until the time is over and all that it submitted has come back. */
  async stream(client: RolloutClient, signal: AbortSignal): Promise<void> {
    const frames = new FrameQueue<RolloutInput>();
    const inFlight = new Map<LeaseId, Submitted>();
    frames.push({ kind: 'open', runId: this.#runId, window: this.#plan.window });
    const endWhenDone = (): void => {
      if (inFlight.size === 0 && this.#timers.now() >= this.#untilMs) frames.end();
    };
    // For a stream that is idle when the time is over: no response will come to end it.
    this.#timers.after(Math.max(0, this.#untilMs - this.#timers.now()) + 1, endWhenDone);
    let lost = { code: 'unavailable', detail: 'The stream ended before the result came' };
    try {
      for await (const response of client.rollout(frames, { signal })) {
        this.#take(response, frames, inFlight);
        endWhenDone();
      }
    } catch (error) {
      if (!(error instanceof EnvError)) throw error;
      lost = { code: error.code, detail: error.message };
    }
    for (const leaseId of inFlight.keys()) this.#finish(leaseId, inFlight, { kind: 'failed', ...lost });
  }

  #take(
    response: RolloutResponse,
    frames: FrameQueue<RolloutInput>,
    inFlight: Map<LeaseId, Submitted>,
  ): void {
    if (response.kind === 'group') this.#answer(response.group, frames, inFlight);
    if (response.kind === 'result') this.#check(response.result, inFlight);
    if (response.kind === 'problem') {
      const { code, detail } = response.problem;
      for (const leaseId of response.leaseIds) {
        this.#finish(leaseId, inFlight, { kind: 'failed', code, detail });
      }
    }
  }

  #answer(group: LeasedGroup, frames: FrameQueue<RolloutInput>, inFlight: Map<LeaseId, Submitted>): void {
    const now = this.#timers.now();
    if (now >= this.#untilMs) return;
    const answer = arithmeticAnswer(group.prompt.map((message) => message.content).join('\n'));
    this.#groups += 1;
    const number = this.#groups;
    const members = Array.from({ length: group.groupSize }, (_, member) => member);
    const completions = members.map((member) => ({
      text: knownCompletion({
        answer: answer ?? '0',
        isRight: isRightMember(number, member),
        member,
        chars: this.#plan.completionChars,
      }),
    }));
    inFlight.set(group.leaseId, {
      intendedMs: now,
      requestBytes: completions.reduce((sum, completion) => sum + completion.text.length, 0),
      rewards: members.map((member) => (isRightMember(number, member) ? 1 : 0)),
    });
    frames.push({ kind: 'submit', groups: [{ leaseId: group.leaseId, completions }] });
  }

  #check(result: GroupResult, inFlight: Map<LeaseId, Submitted>): void {
    this.#results += 1;
    const submitted = inFlight.get(result.leaseId);
    if (submitted === undefined) return;
    const fault = groupFault(result.completions.map(replyCompletion), submitted.rewards, this.#plan.check);
    // Bytes on the wire are the client's to know; the size of the result is not measured here.
    const right: Outcome = { kind: 'answered', bytes: 0 };
    this.#finish(result.leaseId, inFlight, fault === undefined ? right : { kind: 'wrong', detail: fault });
  }

  #finish(leaseId: LeaseId, inFlight: Map<LeaseId, Submitted>, outcome: Outcome): void {
    const submitted = inFlight.get(leaseId);
    if (submitted === undefined) return;
    inFlight.delete(leaseId);
    this.#recorder.finished({ ...submitted, finishedMs: this.#timers.now(), outcome });
  }
}
