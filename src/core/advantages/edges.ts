// The rules that hold in every dialect, in one place: what is checked, what is rounded, who is left out, and which groups
// get zeros. Formulas see checked, scored members only and never a `null`.

import { type EnvError, invalidArgument } from '../errors.ts';
import { isConstant } from '../statistics.ts';
import type { AdvantageGroup, GroupFlag, RewardGroup } from './estimator.ts';

/** What a dialect reads besides rewards. */
export interface Needs {
  /** `required`: an error without them. `optional`: without them, in the whole batch, all members count the same. */
  readonly lengths: 'required' | 'optional' | 'unused';
  readonly components: boolean;
}

/** The scored members of one group; n of its G. */
export interface ScoredGroup {
  /** [n], rounded to float32, as the trainers hold them. */
  readonly rewards: readonly number[];
  /** [n] in tokens, at least 1: even an empty completion has its end token. Undefined: not given. */
  readonly lengths: readonly number[] | undefined;
  /** By scorer name, [n], rounded to float32; empty unless the dialect needs them. */
  readonly components: ReadonlyMap<string, readonly (number | null)[]>;
  /** [n]: each one's index in the group. Undefined: all G were scored. */
  readonly members: readonly number[] | undefined;
  /** G. */
  readonly size: number;
}

export type FlagRule = (group: ScoredGroup) => GroupFlag | undefined;
export type Compute = (groups: readonly RewardGroup[]) => readonly AdvantageGroup[];

/** A flagged group gets zeros, whatever the formula. Max = min after rounding is the test: a deviation of equal floats need not be 0. */
export function flagByReward({ rewards }: ScoredGroup): GroupFlag | undefined {
  if (rewards.length < 2) return 'insufficient_valid';
  return isConstant(rewards) ? 'zero_variance' : undefined;
}

/** A dialect whose formula looks at one group at a time: n rewards in (n ≥ 2, not all equal), n advantages out. */
export function groupwise(
  needs: Needs,
  formula: (group: ScoredGroup) => readonly number[],
  flagOf: FlagRule = flagByReward,
): Compute {
  return (groups) =>
    groups.map((group, index) => {
      const scored = readGroup(group, `groups[${index}]`, needs);
      const flag = flagOf(scored);
      return flag === undefined ? spread(scored, formula(scored)) : zeros(scored.size, flag);
    });
}

/** A group of a batch, as formulas with batch statistics see it. What a flagged one contributes is the dialect's matter. */
export interface BatchMember extends ScoredGroup {
  readonly flag: GroupFlag | undefined;
}

/** A dialect whose formula sees all groups of the batch at once; what it returns for flagged groups is not used. */
export function batchwise(
  needs: Needs,
  formula: (groups: readonly BatchMember[]) => readonly (readonly number[])[],
  flagOf: FlagRule = flagByReward,
): Compute {
  return (groups) => {
    checkAllOrNone(groups, needs);
    const members = groups.map((group, index): BatchMember => {
      const scored = readGroup(group, `groups[${index}]`, needs);
      return { ...scored, flag: flagOf(scored) };
    });
    const values = formula(members);
    return members.map((group, index) =>
      group.flag === undefined ? spread(group, values[index] ?? []) : zeros(group.size, group.flag),
    );
  };
}

/** Lengths for some groups only would weigh those against groups that count their members. */
function checkAllOrNone(groups: readonly RewardGroup[], needs: Needs): void {
  if (needs.lengths !== 'optional' || groups.every((group) => group.lengths === undefined)) return;
  const missing = groups.findIndex((group) => group.lengths === undefined);
  if (missing === -1) return;
  throw invalidArgument(
    `groups[${missing}].lengths`,
    'Cannot compute advantages: this group has no lengths and others of its batch have',
  );
}

function readGroup(group: RewardGroup, field: string, needs: Needs): ScoredGroup {
  const { rewards } = group;
  checkLengths(group, field, needs);
  const components = needs.components ? readComponents(group, field) : NO_COMPONENTS;
  const values: number[] = [];
  let members: number[] | undefined;
  for (let i = 0; i < rewards.length; i++) {
    const reward = rewards[i] ?? null;
    if (reward !== null && (!needs.components || hasComponent(components, i))) {
      const rounded = Math.fround(reward);
      if (!Number.isFinite(rounded)) throw notFloat32(reward, `${field}.rewards[${i}]`);
      values.push(rounded);
      members?.push(i);
    } else {
      members ??= Array.from(values.keys());
    }
  }
  const kept = members === undefined ? undefined : new Set(members);
  const pick = <T>(list: readonly T[]): readonly T[] =>
    kept === undefined ? list : list.filter((_, i) => kept.has(i));
  return {
    rewards: values,
    lengths:
      needs.lengths === 'unused' || group.lengths === undefined
        ? undefined
        : pick(group.lengths).map((length) => Math.max(length, 1)),
    components:
      kept === undefined ? components : new Map(Array.from(components, ([name, list]) => [name, pick(list)])),
    members,
    size: rewards.length,
  };
}

const NO_COMPONENTS: ScoredGroup['components'] = new Map();

function hasComponent(components: ScoredGroup['components'], member: number): boolean {
  for (const list of components.values()) if (list[member] !== null) return true;
  return false;
}

function readComponents(group: RewardGroup, field: string): ScoredGroup['components'] {
  const components = Object.entries(group.components ?? {});
  if (components.length === 0 && group.rewards.length > 0) {
    throw invalidArgument(
      `${field}.components`,
      'Cannot compute advantages: this estimator needs the scores of each scorer',
    );
  }
  return new Map(
    components.map(([name, list]) => {
      checkSize(list, group, `${field}.components.${name}`);
      const rounded = list.map((score, i) => {
        if (score === null || Number.isFinite(Math.fround(score)))
          return score === null ? null : Math.fround(score);
        throw notFloat32(score, `${field}.components.${name}[${i}]`);
      });
      return [name, rounded];
    }),
  );
}

function checkLengths(group: RewardGroup, field: string, needs: Needs): void {
  const { lengths } = group;
  if (lengths === undefined) {
    if (needs.lengths !== 'required') return;
    throw invalidArgument(
      `${field}.lengths`,
      'Cannot compute advantages: this estimator needs the length of each completion in tokens',
    );
  }
  checkSize(lengths, group, `${field}.lengths`);
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i] ?? 0;
    if (Number.isSafeInteger(length) && length >= 0) continue;
    throw invalidArgument(
      `${field}.lengths[${i}]`,
      `Cannot compute advantages: a length is a whole number of tokens, this is ${length}`,
    );
  }
}

function checkSize(list: readonly unknown[], group: RewardGroup, field: string): void {
  if (list.length === group.rewards.length) return;
  throw invalidArgument(
    field,
    `Cannot compute advantages: ${list.length} entries for a group of ${group.rewards.length}`,
  );
}

/** Trainers hold rewards in float32: two rewards that are one number there must be one number here. */
function notFloat32(value: number, field: string): EnvError {
  return invalidArgument(field, `Cannot compute advantages: ${value} is not a finite 32-bit float`);
}

/** Back to G entries: 0 for members that were left out. Adding 0 turns -0 into 0. */
function spread(group: ScoredGroup, values: readonly number[]): AdvantageGroup {
  if (group.members === undefined) return { advantages: values.map((value) => value + 0), flags: [] };
  const advantages = Array.from<number>({ length: group.size }).fill(0);
  group.members.forEach((member, i) => {
    advantages[member] = (values[i] ?? 0) + 0;
  });
  return { advantages, flags: [] };
}

function zeros(size: number, flag: GroupFlag): AdvantageGroup {
  return { advantages: Array.from<number>({ length: size }).fill(0), flags: [flag] };
}
