// A progress bar on standard error, only where a person looks at it. The only file that draws with cli-progress.

import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  update(bytes: number, rows: number): void;
  /** Takes the bar off the screen's last line. Can be called twice. */
  stop(): void;
}

/** A bar over bytes read, with rows per second and time left; does nothing when standard error is no terminal. */
export function startProgress(bytesTotal: number): Progress {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: '{bar} {percentage} % | {rows} rows | {speed} rows/s | {eta_formatted} left',
      hideCursor: true,
      clearOnComplete: true,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  );
  const startedAt = performance.now();
  bar.start(bytesTotal, 0, { rows: 0, speed: 0 });
  return {
    update(bytes, rows) {
      const seconds = (performance.now() - startedAt) / 1000;
      bar.update(bytes, { rows, speed: Math.round(rows / Math.max(seconds, 0.001)) });
    },
    stop: () => bar.stop(),
  };
}
