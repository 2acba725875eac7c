// One scorer's time limit: what takes longer is a fault, and the work is told that nobody waits for it any more.

import type { Finding } from '../../core/reward.ts';
import type { Clock } from '../../ports/clock.ts';

/** What `ask` comes to, which is told by its signal when the time is up and then ends by itself. No limit: undefined. */
export async function untilTimeLimit<Result>(
  clock: Clock,
  limitMs: number | undefined,
  ask: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  if (limitMs === undefined) return ask(controller.signal);
  const cancel = clock.after(limitMs, () => controller.abort(new TimeLimitPassed(limitMs)));
  try {
    return await ask(controller.signal);
  } finally {
    cancel();
  }
}

/** Why a scorer's signal was aborted; nobody but the scorer sees it. */
export class TimeLimitPassed extends Error {
  constructor(limitMs: number) {
    super(`took longer than the recipe's ${limitMs} ms`);
    this.name = 'TimeLimitPassed';
  }
}

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
