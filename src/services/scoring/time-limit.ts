// One scorer's time limit: what takes longer is a fault, and the work is told that nobody waits for it any more.

import type { Finding } from '../../core/reward.ts';
import type { Clock } from '../../ports/clock.ts';

/** The finding of `ask`, or `deadline_exceeded` when it takes longer. What is found at once has no limit. */
export function withinTimeLimit(
  clock: Clock,
  limitMs: number,
  ask: (signal: AbortSignal) => Finding | Promise<Finding>,
): Finding | Promise<Finding> {
  const controller = new AbortController();
  const asked = ask(controller.signal);
  if (!(asked instanceof Promise)) return asked;
  const late: Finding = {
    kind: 'fault',
    cause: 'deadline_exceeded',
    detail: `took longer than the recipe's ${limitMs} ms`,
  };
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () => {
      resolve(late);
      controller.abort();
    });
    void asked.then(resolve, reject).finally(cancel);
  });
}
