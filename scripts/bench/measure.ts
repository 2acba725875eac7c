// One measurement: `groupwise loadtest` in a process of its own against one server, with the processor time that the server
// spends on a request. That time wanders far less than rates do when the machine has other work.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../../src/loadtest/report.ts';
import { type BenchServer, cpuSeconds, GROUPWISE } from './servers.ts';

export interface Measurement {
  readonly report: Report;
  readonly serverCpuShare: number;
  readonly serverMicrosPerRequest: number;
}

export interface Length {
  readonly warmupSeconds: number;
  readonly seconds: number;
}

/** @param args options of `groupwise loadtest` */
export async function measure(
  server: BenchServer,
  args: readonly string[],
  length: Length,
): Promise<Measurement> {
  const doors = [
    ...(server.grpc === undefined ? [] : ['--grpc', server.grpc]),
    ...(server.http === undefined ? [] : ['--http', server.http]),
  ];
  const times = ['--warmup', String(length.warmupSeconds), '--duration', String(length.seconds)];
  const load = spawn(process.execPath, [GROUPWISE, 'loadtest', '--json', ...doors, ...times, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(load, 'exit');
  let printed = '';
  load.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  // The middle of the measured window, whatever the client needs to start: half a second is plenty.
  await sleep((length.warmupSeconds + 0.5) * 1000);
  const [cpuBefore, before] = [cpuSeconds(server.pid), performance.now()];
  await sleep(Math.max(0.5, length.seconds - 1) * 1000);
  const serverCpuShare = (cpuSeconds(server.pid) - cpuBefore) / ((performance.now() - before) / 1000);
  const [status]: unknown[] = await ended;
  if (status !== 0) throw new Error(`The load test ended with status ${String(status)}: ${printed}`);
  const report: Report = JSON.parse(printed);
  return { report, serverCpuShare, serverMicrosPerRequest: (serverCpuShare / report.requests_per_s) * 1e6 };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
