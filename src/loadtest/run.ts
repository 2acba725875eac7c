// A load test from its options to its report: picks the scenario, watches the server beside it, sums up.

import { EnvClient } from '../client/env-client.ts';
import type { Tls } from '../client/tls.ts';
import { invalidArgument } from '../core/errors.ts';
import type { Arrivals } from './arrivals.ts';
import type { Body } from './json-bodies.ts';
import type { LoadPlan, LoadResult, Pace } from './load.ts';
import type { Timers } from './pace.ts';
import type { Check } from './reply-check.ts';
import type { Books, Report } from './report.ts';
import { runRolloutScenario } from './rollout-scenario.ts';
import { runScoreScenario } from './score-scenario.ts';
import { watchServer } from './server-usage.ts';

export const SCENARIOS = ['score', 'rollout'] as const;
export const TRANSPORTS = ['grpc', 'grpc-stream', 'rest', 'rollout'] as const;

/** Durations in seconds, as a user writes them. */
export interface LoadtestOptions {
  /** HOST:PORT of the doors; only the one that the transport needs must be there. */
  readonly grpc: string | undefined;
  readonly http: string | undefined;
  readonly token: string | undefined;
  readonly tls: Tls | undefined;
  readonly scenario: (typeof SCENARIOS)[number];
  /** Default: the fastest of the scenario. */
  readonly transport?: (typeof TRANSPORTS)[number];
  readonly concurrency: number;
  /** Present: an open loop. */
  readonly rate?: number;
  readonly arrivals: Arrivals;
  readonly inFlightMax: number;
  readonly connections?: number;
  readonly streams: number;
  readonly duration: number;
  readonly warmup: number;
  readonly timeout: number;
  readonly groupSize: number;
  readonly completionChars: number;
  readonly groupsPerRequest: number;
  readonly reward: string;
  readonly dataset: string;
  readonly check: Check;
  readonly body: Body;
  readonly seed: number;
}

const REST_CONNECTIONS_OPEN = 64;

/** @throws EnvError `invalid_argument` for options that do not go together */
export async function runLoadtest(options: LoadtestOptions, timers: Timers): Promise<Report> {
  const transport = options.transport ?? (options.scenario === 'rollout' ? 'rollout' : 'grpc-stream');
  const plan: LoadPlan = {
    pace: paceOf(options),
    warmupMs: options.warmup * 1000,
    durationMs: options.duration * 1000,
    timeoutMs: options.timeout * 1000,
    seed: options.seed,
  };
  const address = addressOf(options, transport);
  const watch = watchServer(options, timers);
  try {
    const found = await runScenario(options, { plan, transport, address, timers });
    return reportOf(options, { ...found, plan, transport, address, server: watch.usage() });
  } finally {
    watch.end();
  }
}

interface Found extends LoadResult {
  readonly books?: Books;
}

interface ScenarioLoad {
  readonly plan: LoadPlan;
  readonly transport: (typeof TRANSPORTS)[number];
  readonly address: string;
  readonly timers: Timers;
}

async function runScenario(options: LoadtestOptions, load: ScenarioLoad): Promise<Found> {
  const { plan, transport, address, timers } = load;
  if (options.scenario === 'rollout') return testRollout(options, load);
  if (transport === 'rollout') {
    throw invalidArgument(
      '--transport',
      'Cannot score over rollout: that transport goes with --scenario rollout',
    );
  }
  const { pace } = plan;
  const inFlight = pace.kind === 'closed' ? pace.concurrency : REST_CONNECTIONS_OPEN;
  return runScoreScenario(
    {
      ...plan,
      ...options,
      shape: options,
      transport,
      address,
      connections: options.connections ?? (transport === 'rest' ? inFlight : 1),
    },
    timers,
  );
}

async function testRollout(options: LoadtestOptions, load: ScenarioLoad): Promise<Found> {
  const { plan, transport, address, timers } = load;
  if (transport !== 'rollout' || plan.pace.kind === 'open') {
    throw invalidArgument('--scenario', 'Cannot play rollouts but in a closed loop over --transport rollout');
  }
  const client = new EnvClient({ address, token: options.token, tls: options.tls });
  try {
    return await runRolloutScenario({ ...options, ...plan, window: plan.pace.concurrency }, client, timers);
  } finally {
    client.close();
  }
}

function paceOf(options: LoadtestOptions): Pace {
  const { rate, concurrency, arrivals, inFlightMax } = options;
  return rate === undefined
    ? { kind: 'closed', concurrency }
    : { kind: 'open', ratePerSecond: rate, arrivals, inFlightMax };
}

function addressOf(options: LoadtestOptions, transport: (typeof TRANSPORTS)[number]): string {
  const flag = transport === 'rest' ? '--http' : '--grpc';
  const address = transport === 'rest' ? options.http : options.grpc;
  if (address === undefined) {
    throw invalidArgument(flag, `Cannot test over ${transport}: ${flag} HOST:PORT is missing`);
  }
  return address;
}

function reportOf(
  options: LoadtestOptions,
  found: Found & {
    readonly plan: LoadPlan;
    readonly transport: string;
    readonly address: string;
    readonly server: Report['server'];
  },
): Report {
  const { recorder } = found;
  const failed = [...recorder.failed.values()].reduce((sum, failures) => sum + failures.count, 0);
  const rates = recorder.perSecond;
  const groups = options.scenario === 'score' ? options.groupsPerRequest : 1;
  const { groupSize, completionChars } = options;
  return {
    scenario: options.scenario,
    transport: found.transport,
    address: found.address,
    pace: describePace(found.plan.pace),
    workload: `${groups === 1 ? '' : `${groups} × `}${groupSize} × ${completionChars} characters`,
    duration_s: options.duration,
    answered: recorder.answered,
    wrong: recorder.wrong,
    wrong_detail: recorder.wrongDetail,
    failed,
    failed_by_code: Object.fromEntries(recorder.failed),
    error_rate: failed / Math.max(1, failed + recorder.answered + recorder.wrong),
    requests_per_s: rates.answers,
    groups_per_s: rates.answers * groups,
    completions_per_s: rates.answers * groups * groupSize,
    bytes_out_per_s: rates.bytesOut,
    bytes_in_per_s: rates.bytesIn,
    latency_ms: recorder.latency,
    send_lag_p99_ms: recorder.sendLag.p99,
    client_cpu_share: found.clientCpuShare,
    server: found.server,
    books: found.books,
  };
}

function describePace(pace: Pace): string {
  return pace.kind === 'closed'
    ? `closed loop, ${pace.concurrency} in flight`
    : `open loop, ${pace.ratePerSecond} requests/s, ${pace.arrivals} arrivals`;
}
