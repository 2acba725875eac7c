// Whether a scored group says what it must. The advantages are worked out here a second time, from the paper's formula
// and not by the server's code, so that the two can disagree. Pure.

import type { CompletionResult } from '../core/calls.ts';

/** What any door says of one completion. Undefined: the reply has none. */
export interface ReplyCompletion {
  readonly reward: number | undefined;
  readonly advantage: number | undefined;
}
/** The same of a decoded reply. */
export function replyCompletion(result: CompletionResult): ReplyCompletion {
  const { outcome, advantage } = result;
  return { reward: outcome.kind === 'scored' ? outcome.reward : undefined, advantage };
}

/** [groups][members] */
export type ReplyGroups = readonly (readonly ReplyCompletion[])[];

/**
 * `full`: rewards and advantages must be right. `rewards`: rewards only, for servers that give no advantages. `shape`: only
 * the number of groups and members, for servers that score nothing.
 */
export const CHECKS = ['full', 'rewards', 'shape'] as const;
export type Check = (typeof CHECKS)[number];

const TOLERANCE = 1e-6;
const EPSILON = 1e-6;

/** What is wrong with a reply, or undefined when nothing is. `rewards`: those it must hold, [groups][members]. */
export function replyFault(
  reply: ReplyGroups,
  rewards: readonly (readonly number[])[],
  check: Check,
): string | undefined {
  if (reply.length !== rewards.length) return `${reply.length} groups instead of ${rewards.length}`;
  for (const [g, expected] of rewards.entries()) {
    const fault = groupFault(reply[g] ?? [], expected, check);
    if (fault !== undefined) return `group ${g}: ${fault}`;
  }
  return undefined;
}

/** The same for one group. `rewards`: [members] */
export function groupFault(
  reply: readonly ReplyCompletion[],
  rewards: readonly number[],
  check: Check,
): string | undefined {
  if (reply.length !== rewards.length) return `${reply.length} completions instead of ${rewards.length}`;
  if (check === 'shape') return undefined;
  const advantages = grpoVerl(rewards);
  for (const [m, reward] of rewards.entries()) {
    const got = reply[m];
    if (got?.reward !== reward) return `completion ${m}: reward ${String(got?.reward)} instead of ${reward}`;
    if (check === 'rewards') continue;
    const advantage = advantages[m] ?? 0;
    if (got.advantage === undefined || !(Math.abs(got.advantage - advantage) <= TOLERANCE)) {
      return `completion ${m}: advantage ${String(got.advantage)} instead of ${advantage}`;
    }
  }
  return undefined;
}

/** (r - mean) / (standard deviation with ddof 1 + 1e-6), arXiv 2402.03300 as verl computes it; zeros for equal rewards. */
function grpoVerl(rewards: readonly number[]): readonly number[] {
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  const squares = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0);
  if (squares === 0) return rewards.map(() => 0);
  const deviation = Math.sqrt(squares / (rewards.length - 1));
  return rewards.map((reward) => (reward - mean) / (deviation + EPSILON));
}
