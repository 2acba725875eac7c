// What a load test found: one object for `--json`, the same as a table for people. Pure.

import type { Latency } from './recorder.ts';
import type { ServerUsage } from './server-usage.ts';

/** Field names are those of the printed JSON. Rates are per second of the measured window, latencies milliseconds. */
export interface Report {
  readonly scenario: string;
  readonly transport: string;
  readonly address: string;
  readonly pace: string;
  readonly workload: string;
  readonly duration_s: number;
  readonly answered: number;
  readonly wrong: number;
  readonly wrong_detail?: string | undefined;
  readonly failed: number;
  readonly failed_by_code: Readonly<Record<string, { readonly count: number; readonly detail: string }>>;
  readonly error_rate: number;
  readonly requests_per_s: number;
  readonly groups_per_s: number;
  readonly completions_per_s: number;
  readonly bytes_out_per_s: number;
  readonly bytes_in_per_s: number;
  readonly latency_ms: Latency;
  /** How late the client itself was in sending: high values mean that the client, not the server, is slow. */
  readonly send_lag_p99_ms: number;
  readonly client_cpu_share: number;
  readonly server?: ServerUsage | undefined;
  readonly books?: Books | undefined;
}

/** Whether the server's accounting of a run agrees with what the client saw. */
export interface Books {
  readonly balance: boolean;
  readonly detail: string;
}

/** Room for the names of the rows; a longer one still has a blank behind it. */
const NAME_CHARS = 13;
const CLIENT_BUSY_SHARE = 0.95;
const CLIENT_LATE_MS = 2;

/** Why the test failed, or undefined when it passed. */
export function verdictOf(report: Report, errorRateMax: number): string | undefined {
  if (report.wrong > 0)
    return `${report.wrong} wrong answers, the first: ${report.wrong_detail ?? 'unknown'}`;
  if (report.answered === 0) return 'no request was answered';
  if (report.error_rate > errorRateMax) {
    return `the error rate is ${percent(report.error_rate)}, allowed is ${percent(errorRateMax)}`;
  }
  if (report.books?.balance === false) return `the books do not balance: ${report.books.detail}`;
  return undefined;
}

/** The report for a terminal, ending in a newline. */
export function formatReport(report: Report): string {
  const { latency_ms: latency } = report;
  const rows: readonly (readonly [string, string])[] = [
    ['scenario', `${report.scenario} over ${report.transport} to ${report.address}`],
    ['load', `${report.workload}; ${report.pace}; ${report.duration_s} s`],
    [
      'throughput',
      `${count(report.requests_per_s)} requests/s, ${count(report.groups_per_s)} groups/s, ` +
        `${count(report.completions_per_s)} completions/s`,
    ],
    ['bytes', `${megabytes(report.bytes_out_per_s)}/s out, ${megabytes(report.bytes_in_per_s)}/s in`],
    [
      'latency (ms)',
      `p50 ${ms(latency.p50)}   p90 ${ms(latency.p90)}   p99 ${ms(latency.p99)}   p99.9 ${ms(latency.p999)}   max ${ms(latency.max)}`,
    ],
    [
      'answers',
      `${count(report.answered)} checked, ${report.wrong} wrong, ${report.failed} failed (${percent(report.error_rate)})`,
    ],
    ...Object.entries(report.failed_by_code).map(
      ([code, failures]) => [`  ${code}`, `${failures.count}, the first: ${failures.detail}`] as const,
    ),
    ...(report.books === undefined ? [] : [['books', report.books.detail] as const]),
    ['client', clientLine(report)],
    ...(report.server === undefined ? [] : [['server', serverLine(report.server)] as const]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(NAME_CHARS)} ${value}\n`).join('');
}

function clientLine(report: Report): string {
  const line = `${percent(report.client_cpu_share)} of a core, sends ${ms(report.send_lag_p99_ms)} ms late at p99`;
  const isOpen = report.pace.startsWith('open');
  // An open loop waits for the next due time on the event loop, which keeps a core busy: there, lateness is what tells.
  const isLimit = isOpen
    ? report.send_lag_p99_ms > CLIENT_LATE_MS
    : report.client_cpu_share > CLIENT_BUSY_SHARE;
  return isLimit ? `${line}: the client is the limit here, not the server` : line;
}

function serverLine(server: ServerUsage): string {
  const bytes = server.residentBytes;
  return (
    `${percent(server.cpuShare)} of a core, resident memory ${megabytes(bytes[0] ?? 0)} at first, ` +
    `${megabytes(Math.max(...bytes))} at most, ${megabytes(bytes.at(-1) ?? 0)} at last`
  );
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.01 ? 3 : 1)} %`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function ms(milliseconds: number): string {
  return milliseconds.toFixed(milliseconds < 10 ? 2 : 1);
}
