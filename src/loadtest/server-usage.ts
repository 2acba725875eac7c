// Watches the server's processor time and memory through its own /metrics while it is under load, so that it works across
// machines. A server without metrics is measured without them.

import type { Timers } from './pace.ts';

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
const READINGS_SHOWN = 60;

export interface ServerWatch {
  /** So far; undefined when the server has no metrics. */
  usage(): ServerUsage | undefined;
  end(): void;
}

/** Starts to read `/metrics` of the HTTP door once a second, where the address of one is known. */
export function watchServer(
  options: { readonly http: string | undefined; readonly token: string | undefined },
  timers: Timers,
): ServerWatch {
  const { http, token } = options;
  const readings: Reading[] = [];
  let isOver = http === undefined;
  let cancel: (() => void) | undefined;
  const readAgain = async (): Promise<void> => {
    if (isOver || http === undefined) return;
    const reading = await readMetrics({ address: http, token }, timers.now());
    if (reading !== undefined) readings.push(reading);
    cancel = timers.after(READ_EVERY_MS, () => void readAgain());
  };
  void readAgain();
  return {
    usage: () => summarize(readings),
    end() {
      isOver = true;
      cancel?.();
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

async function readMetrics(
  options: { readonly address: string; readonly token: string | undefined },
  atMs: number,
): Promise<Reading | undefined> {
  try {
    const origin = options.address.includes('://') ? options.address : `http://${options.address}`;
    const headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
    const reply = await fetch(`${origin}/metrics`, { headers, signal: AbortSignal.timeout(5_000) });
    const text = await reply.text();
    const cpuSeconds = metric(text, 'process_cpu_seconds_total');
    const residentBytes = metric(text, 'process_resident_memory_bytes');
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
