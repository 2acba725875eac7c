// The clock of a real load test.

import type { Timers } from './pace.ts';

export const systemTimers: Timers = {
  now: () => performance.now(),
  soon: (run) => void setImmediate(run),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
