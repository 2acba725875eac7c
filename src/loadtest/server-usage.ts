// Watches the server's processor time and memory through its own /metrics while it is under load, so that it works across
// machines. A server without metrics is measured without them.

import { RestClient } from '../client/rest-client.ts';
import { rootCertificates, type Tls } from '../client/tls.ts';
import type { Timers } from './pace.ts';
import { originOf } from './rest-transport.ts';

export interface ServerUsage {
  /** Seconds of processor time per second: above 1, more than one core is busy. */
  readonly cpuShare: number;
  /** Resident bytes over time, evenly spaced, at most 60 of them. */
  readonly residentBytes: readonly number[];
}

interface Reading {
  readonly atMs: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

const READ_EVERY_MS = 1_000;
const READ_LIMIT_MS = 5_000;
const READINGS_SHOWN = 60;

export interface ServerWatch {
  /** So far; undefined when the server has no metrics. */
  usage(): ServerUsage | undefined;
  end(): void;
}

/** Starts to read `/metrics` of the HTTP door once a second, where the address of one is known. */
export function watchServer(
  options: {
    readonly http: string | undefined;
    readonly token: string | undefined;
    readonly tls: Tls | undefined;
  },
  timers: Timers,
): ServerWatch {
  const { http, token, tls } = options;
  const client =
    http === undefined
      ? undefined
      : new RestClient({
          url: originOf({ address: http, tls }),
          token,
          rootCertificates: rootCertificates(tls),
        });
  const readings: Reading[] = [];
  let isOver = false;
  let cancel: (() => void) | undefined;
  const readAgain = async (): Promise<void> => {
    if (isOver || client === undefined) return;
    const reading = await readMetrics(client, timers.now());
    if (reading !== undefined) readings.push(reading);
    cancel = timers.after(READ_EVERY_MS, () => void readAgain());
  };
  void readAgain();
  return {
    usage: () => summarize(readings),
    end() {
      isOver = true;
      cancel?.();
      client?.close();
    },
  };
}

function summarize(readings: readonly Reading[]): ServerUsage | undefined {
  const first = readings[0];
  const last = readings.at(-1);
  if (first === undefined || last === undefined || last.atMs === first.atMs) return undefined;
  const every = Math.ceil(readings.length / READINGS_SHOWN);
  return {
    cpuShare: (last.cpuSeconds - first.cpuSeconds) / ((last.atMs - first.atMs) / 1000),
    residentBytes: readings.filter((_, index) => index % every === 0).map((reading) => reading.residentBytes),
  };
}

async function readMetrics(client: RestClient, atMs: number): Promise<Reading | undefined> {
  try {
    const deadlineAt = Date.now() + READ_LIMIT_MS;
    const { body } = await client.send(
      { method: 'GET', path: '/metrics', body: undefined },
      { deadlineAt, signal: undefined },
    );
    const cpuSeconds = metric(body, 'process_cpu_seconds_total');
    const residentBytes = metric(body, 'process_resident_memory_bytes');
    return cpuSeconds === undefined || residentBytes === undefined
      ? undefined
      : { atMs, cpuSeconds, residentBytes };
  } catch (error) {
    // A server that is too busy to answer, or has no such path, goes without this reading; the load shows the fault itself.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** The value of a metric without labels in Prometheus' text format. */
function metric(text: string, name: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  const value = Number(line?.slice(name.length + 1));
  return line === undefined || Number.isNaN(value) ? undefined : value;
}
