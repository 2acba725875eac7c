// Measures Groupwise beside its baselines, round by round in turn, and prints medians and their ratios beside the goals.
//
//   npx node scripts/bench/run.ts [--rounds 5] [--seconds 4] [--warmup 2] [--only 'NAME;NAME'] [--node-flag FLAG]… [--json FILE]

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Measurement, measure, median } from './measure.ts';
import {
  type BenchServer,
  CACHE,
  startFastApi,
  startGroupwise,
  startGrpcEcho,
  startHttpEcho,
} from './servers.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    warmup: { type: 'string', default: '2' },
    only: { type: 'string' },
    // What `groupwise` sets for itself, the others get as well.
    'node-flag': { type: 'string', multiple: true, default: ['--no-allocation-site-pretenuring'] },
    json: { type: 'string', default: join(CACHE, 'result.json') },
  },
});

type ServerName = 'groupwise' | 'grpc-echo' | 'grpc-echo-lean' | 'http-echo' | 'fastapi';

/** All Node servers get the same flags, so that a ratio compares servers and not flags. */
const START: Readonly<Record<ServerName, (nodeFlags: readonly string[]) => Promise<BenchServer>>> = {
  groupwise: startGroupwise,
  'grpc-echo': (nodeFlags) => startGrpcEcho(nodeFlags, false),
  'grpc-echo-lean': (nodeFlags) => startGrpcEcho(nodeFlags, true),
  'http-echo': startHttpEcho,
  fastapi: startFastApi,
};

interface Case {
  readonly server: ServerName;
  /** Options of `groupwise loadtest`. */
  readonly args: readonly string[];
}

const ONE = ['--group-size', '1'];
const WIDE = ['--concurrency', '64'];
const UNCHECKED = ['--check', 'shape'];
const STREAM = ['--transport', 'grpc-stream'];
const UNARY = ['--transport', 'grpc'];
const REST = ['--transport', 'rest'];
const GET_REWARD = [...REST, '--body', 'get_reward'];

const CASES: Readonly<Record<string, Case>> = {
  'stream, 8 × 500': { server: 'groupwise', args: STREAM },
  'raw stream, 8 × 500': { server: 'grpc-echo', args: [...STREAM, ...UNCHECKED] },
  'lean raw stream, 8 × 500': { server: 'grpc-echo-lean', args: [...STREAM, ...UNCHECKED] },
  'stream, 8 × 500, c 64': { server: 'groupwise', args: [...STREAM, ...WIDE] },
  'raw stream, 8 × 500, c 64': { server: 'grpc-echo', args: [...STREAM, ...UNCHECKED, ...WIDE] },
  'unary, 8 × 500': { server: 'groupwise', args: UNARY },
  'raw unary, 8 × 500': { server: 'grpc-echo', args: [...UNARY, ...UNCHECKED] },
  'REST, 1 × 500': { server: 'groupwise', args: [...REST, ...ONE] },
  'raw node:http, 1 × 500': { server: 'http-echo', args: [...REST, ...ONE, ...UNCHECKED] },
  'FastAPI, 1 × 500': { server: 'fastapi', args: [...GET_REWARD, ...ONE] },
  'REST, 8 × 500': { server: 'groupwise', args: REST },
  'FastAPI, 8 × 500': { server: 'fastapi', args: GET_REWARD },
  'FastAPI, 8 × 500, c 64': { server: 'fastapi', args: [...GET_REWARD, ...WIDE] },
  'rollout, 8 × 500': { server: 'groupwise', args: ['--scenario', 'rollout', ...WIDE] },
};

/** Ratios of completions per second. */
const RATIOS: readonly { readonly of: string; readonly to: string; readonly goal: number | undefined }[] = [
  { of: 'stream, 8 × 500', to: 'raw stream, 8 × 500', goal: 0.7 },
  { of: 'stream, 8 × 500', to: 'lean raw stream, 8 × 500', goal: undefined },
  { of: 'stream, 8 × 500, c 64', to: 'raw stream, 8 × 500, c 64', goal: 0.7 },
  { of: 'unary, 8 × 500', to: 'raw unary, 8 × 500', goal: 0.85 },
  { of: 'REST, 1 × 500', to: 'raw node:http, 1 × 500', goal: 0.6 },
  { of: 'REST, 1 × 500', to: 'FastAPI, 1 × 500', goal: 4 },
  { of: 'REST, 8 × 500', to: 'FastAPI, 8 × 500', goal: undefined },
  { of: 'stream, 8 × 500', to: 'FastAPI, 8 × 500', goal: 10 },
  { of: 'stream, 8 × 500, c 64', to: 'FastAPI, 8 × 500, c 64', goal: 10 },
];
const ROLLOUT_GOAL = 5_000;

const only = flags.only?.split(';').map((name) => name.trim());
const names = Object.keys(CASES).filter((name) => only === undefined || only.includes(name));
const results = new Map<string, Measurement[]>(names.map((name) => [name, []]));
const servers = new Map<ServerName, BenchServer>();

try {
  for (const server of new Set(names.map((name) => caseOf(name).server))) {
    servers.set(server, await START[server](flags['node-flag']));
  }
  const length = { warmupSeconds: Number(flags.warmup), seconds: Number(flags.seconds) };
  for (let round = 1; round <= Number(flags.rounds); round += 1) {
    for (const name of names) {
      const { server, args } = caseOf(name);
      const running = servers.get(server);
      if (running === undefined) throw new Error(`${server} is not running`);
      const measured = await measure(running, args, length);
      results.get(name)?.push(measured);
      const { completions_per_s: rate, latency_ms: latency } = measured.report;
      console.error(
        `round ${round}  ${name.padEnd(28)}${rate.toFixed(0).padStart(9)} completions/s  p99 ${latency.p99} ms`,
      );
    }
  }
} finally {
  await Promise.all([...servers.values()].map((server) => server.stop()));
}
report();

function caseOf(name: string): Case {
  const found = CASES[name];
  if (found === undefined) throw new Error(`There is no case "${name}"`);
  return found;
}

function medianOf(name: string, read: (measured: Measurement) => number): number {
  return median((results.get(name) ?? []).map(read));
}

function report(): void {
  console.log('| case | requests/s | completions/s | p50 ms | p99 ms | server µs/request | client CPU |');
  console.log('|---|---|---|---|---|---|---|');
  const medians = names.map((name) => ({
    name,
    requestsPerSecond: medianOf(name, (measured) => measured.report.requests_per_s),
    completionsPerSecond: medianOf(name, (measured) => measured.report.completions_per_s),
    p50: medianOf(name, (measured) => measured.report.latency_ms.p50),
    p99: medianOf(name, (measured) => measured.report.latency_ms.p99),
    serverMicrosPerRequest: medianOf(name, (measured) => measured.serverMicrosPerRequest),
    clientCpuShare: medianOf(name, (measured) => measured.report.client_cpu_share),
  }));
  for (const row of medians) {
    console.log(
      `| ${row.name} | ${row.requestsPerSecond.toFixed(0)} | ${row.completionsPerSecond.toFixed(0)} | ${row.p50.toFixed(2)} ` +
        `| ${row.p99.toFixed(2)} | ${row.serverMicrosPerRequest.toFixed(1)} | ${(row.clientCpuShare * 100).toFixed(0)} % |`,
    );
  }
  console.log('\n| ratio of completions/s | measured | goal | by server CPU |\n|---|---|---|---|');
  const ratios = RATIOS.filter(({ of, to }) => names.includes(of) && names.includes(to)).map(
    ({ of, to, goal }) => ({
      of,
      to,
      goal,
      // Of the same round, then the median: what slows a whole round down cancels out.
      ratio: ratioOf(of, to, (measured) => measured.report.completions_per_s),
      cpuRatio: ratioOf(to, of, (measured) => measured.serverMicrosPerRequest),
    }),
  );
  for (const { of, to, goal, ratio, cpuRatio } of ratios) {
    console.log(`| ${of} : ${to} | ${ratio.toFixed(2)} | ${goal ?? ''} | ${cpuRatio.toFixed(2)} |`);
  }
  if (names.includes('rollout, 8 × 500')) {
    const groups = medianOf('rollout, 8 × 500', (measured) => measured.report.groups_per_s);
    console.log(`\nDurable rollout: ${groups.toFixed(0)} groups/s, goal ${ROLLOUT_GOAL}`);
  }
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
    date: new Date().toISOString(),
  };
  mkdirSync(CACHE, { recursive: true });
  const rounds = Object.fromEntries(results);
  writeFileSync(flags.json, JSON.stringify({ machine, flags, medians, ratios, rounds }, null, 1));
}

function ratioOf(of: string, to: string, read: (measured: Measurement) => number): number {
  const above = (results.get(of) ?? []).map(read);
  const below = (results.get(to) ?? []).map(read);
  return median(above.map((value, round) => value / (below[round] ?? Number.NaN)));
}
