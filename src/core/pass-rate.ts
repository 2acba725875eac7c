// How often completions of a prompt are right, and how sure that is. `passes` of `trials` completions passed; both are
// whole numbers, 0 ≤ passes ≤ trials.

import type { Observation } from './sampling.ts';

/** A completion passes when its reward is at least this. */
export const PASS_THRESHOLD = 0.5;

/** Share of right completions, or undefined when none was scored. */
export function passRate({ passes, trials }: Observation): number | undefined {
  return trials === 0 ? undefined : passes / trials;
}

/** Counts the passes among `rewards: [G]`; `null` (unscorable) is no trial. */
export function observationOf(rewards: readonly (number | null)[]): Observation {
  let passes = 0;
  let trials = 0;
  for (const reward of rewards) {
    if (reward === null) continue;
    trials += 1;
    if (reward >= PASS_THRESHOLD) passes += 1;
  }
  return { passes, trials };
}

/**
 * C(a, k) / C(n, k), 0 ≤ k ≤ n: the chance that k of n, drawn without putting back, all come from a chosen a of them. A
 * product of k ratios in [0, 1], so that no factorial overflows.
 */
export function drawAllFrom(draw: {
  readonly chosen: number;
  readonly of: number;
  readonly k: number;
}): number {
  if (draw.chosen < draw.k) return 0;
  let chance = 1;
  for (let i = 0; i < draw.k; i++) chance *= (draw.chosen - i) / (draw.of - i);
  return chance;
}

/**
 * pass@k, the chance that at least one of k completions is right, without bias: 1 − C(n − c, k) / C(n, k) for c passes
 * among n trials ("Evaluating Large Language Models Trained on Code", arXiv 2107.03374, equation 1). Undefined when
 * there are fewer than k trials.
 */
export function passAtK({ passes, trials }: Observation, k: number): number | undefined {
  if (trials < k) return undefined;
  return 1 - drawAllFrom({ chosen: trials - passes, of: trials, k });
}

/**
 * Wilson's score interval for a pass rate (1927): holds its level for few trials and near 0 and 1, where mean ± z·s does
 * not. `z`: quantile of the normal distribution, 1.96 for 95 %. No trials: [0, 1].
 */
export function wilsonInterval(
  { passes, trials }: Observation,
  z: number,
): { readonly low: number; readonly high: number } {
  if (trials === 0) return { low: 0, high: 1 };
  const rate = passes / trials;
  const shrink = 1 + z ** 2 / trials;
  const centre = (rate + z ** 2 / (2 * trials)) / shrink;
  const half = (z / shrink) * Math.sqrt((rate * (1 - rate)) / trials + z ** 2 / (4 * trials ** 2));
  return {
    low: passes === 0 ? 0 : Math.max(0, centre - half),
    high: passes === trials ? 1 : Math.min(1, centre + half),
  };
}
