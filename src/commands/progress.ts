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
  const bar = barOf('{bar} {percentage} % | {rows} rows | {speed} rows/s | {left} left');
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

/** How far long work is, as asked again and again. */
export interface Standing {
  /** In [0, 1]. */
  readonly share: number;
  /** What else there is to say: counts, rates, cost. */
  readonly text: string;
}

const LOOK_MS = 250;
const SAY_MS = 30_000;

/** A bar over what `look` tells; a line every half minute where standard error is no terminal. Returns what ends it. */
export function watchProgress(look: () => Standing): () => void {
  const startedAt = performance.now();
  const leftOf = ({ share }: Standing): string => {
    const seconds = (performance.now() - startedAt) / 1000;
    return share > 0 ? `${Math.round((seconds * (1 - share)) / share)} s` : '?';
  };
  if (!process.stderr.isTTY) {
    const timer = setInterval(() => {
      const standing = look();
      process.stderr.write(
        `${Math.floor(standing.share * 100)} % | ${standing.text} | ${leftOf(standing)} left\n`,
      );
    }, SAY_MS);
    return () => clearInterval(timer);
  }
  const bar = barOf('{bar} {percentage} % | {text} | {left} left');
  bar.start(1_000, 0, { text: '', left: '?' });
  const timer = setInterval(() => {
    const standing = look();
    bar.update(Math.floor(standing.share * 1_000), { text: standing.text, left: leftOf(standing) });
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    bar.stop();
  };
}

function barOf(format: string): SingleBar {
  return new SingleBar(
    { stream: process.stderr, format, hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  );
}
