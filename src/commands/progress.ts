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
      format: '{bar} {percentage} % | {rows} rows | {speed} rows/s | {left} left',
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  const startedAt = performance.now();
  bar.start(bytesTotal, 0, { rows: 0, speed: 0, left: '?' });
  return {
    update(bytes, rows) {
      const seconds = (performance.now() - startedAt) / 1000;
      // The bar's own estimate knows only its last few updates, and a buffered reader moves in jumps.
      const left = bytes > 0 ? `${Math.round((seconds * (bytesTotal - bytes)) / bytes)} s` : '?';
      bar.update(bytes, { rows, speed: Math.round(rows / Math.max(seconds, 0.001)), left });
    },
    stop: () => bar.stop(),
  };
}
