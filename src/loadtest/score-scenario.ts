// The `score` scenario: stateless scoring of completions whose rewards are known, over one of three transports.

import { EncodedRewards } from '../client/encoded-rewards.ts';
import { createScoreMessages } from '../client/score-messages.ts';
import type { Tls } from '../client/tls.ts';
import type { ScoreStreamReply } from '../contract/streams.ts';
import { createStreamTransport, createUnaryTransport } from './grpc-transports.ts';
import { type Body, decodeBody, encodeBody, PATHS } from './json-bodies.ts';
import { type LoadPlan, type LoadResult, runLoad } from './load.ts';
import type { Timers } from './pace.ts';
import { type Check, replyCompletion } from './reply-check.ts';
import { type DecodedReply, ReplyChecker } from './reply-checker.ts';
import { createRestTransport } from './rest-transport.ts';
import { type ScoreCase, scoreCases, type ScoreShape } from './score-case.ts';
import type { Transport } from './transport.ts';

export const SCORE_TRANSPORTS = ['grpc', 'grpc-stream', 'rest'] as const;
export type ScoreTransport = (typeof SCORE_TRANSPORTS)[number];

export interface ScorePlan extends LoadPlan {
  readonly shape: ScoreShape;
  readonly transport: ScoreTransport;
  /** HOST:PORT of the door that `transport` speaks to. */
  readonly address: string;
  readonly token: string | undefined;
  readonly tls: Tls | undefined;
  readonly connections: number;
  /** Only `grpc-stream`. */
  readonly streams: number;
  /** Only `rest`. */
  readonly body: Body;
  readonly check: Check;
}

/** Sends requests as `plan` says and checks each answer. */
export async function runScoreScenario(plan: ScorePlan, timers: Timers): Promise<LoadResult> {
  const cases = scoreCases(plan.shape);
  const transport = plan.transport === 'rest' ? restTransport(plan, cases) : grpcTransport(plan, cases);
  const result = await runLoad(plan, transport, { caseCount: cases.length, timers });
  await transport.close();
  return result;
}

function grpcTransport(plan: ScorePlan, cases: readonly ScoreCase[]): Transport {
  const messages = createScoreMessages();
  const load = {
    clients: Array.from({ length: plan.connections }, () => new EncodedRewards(plan)),
    requests: cases.map((scoreCase) => messages.encode(scoreCase.input)),
    checker: new ReplyChecker(cases, {
      check: plan.check,
      decode: (reply) => decodedReply(messages.decode(reply)),
    }),
  };
  if (plan.transport === 'grpc') return createUnaryTransport(load, plan.timeoutMs);
  const deadlineMs = Date.now() + plan.warmupMs + plan.durationMs + 2 * plan.timeoutMs;
  return createStreamTransport(load, { streams: plan.streams, deadlineMs });
}

function decodedReply(reply: ScoreStreamReply): DecodedReply {
  if (reply.kind === 'problem') return { kind: 'problem', ...reply.problem };
  return {
    kind: 'scored',
    groups: reply.reply.groups.map((group) => group.completions.map(replyCompletion)),
  };
}

function restTransport(plan: ScorePlan, cases: readonly ScoreCase[]): Transport {
  const { body } = plan;
  // `get_reward` knows neither groups nor advantages: its reply is one flat list.
  const isFlat = body === 'get_reward';
  const checker = new ReplyChecker(isFlat ? cases.map(flattened) : cases, {
    check: isFlat && plan.check === 'full' ? 'rewards' : plan.check,
    decode: (reply) => decodeBody(body, reply),
  });
  const bodies = cases.map((scoreCase) => encodeBody(body, scoreCase));
  return createRestTransport({ ...plan, path: PATHS[body] }, bodies, checker);
}

function flattened(scoreCase: ScoreCase): ScoreCase {
  return { ...scoreCase, rewards: [scoreCase.rewards.flat()] };
}
