// What a recipe may say of a judge that compares: which pairs are compared, and which text of them.

import { invalidArgument } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { pairingCount, RANKINGS, type RankingPlan } from '../../core/ranking/plan.ts';
import type { Judge } from './judge.ts';
import { checkTemplate } from './judge-scorer.ts';

const COMPARES = ['completion', 'answer'] as const;

/** Comparisons per member of a ring. */
const COMPARISONS_DEFAULT = 4;
const COMPARISONS_MAX = 64;

/** Most comparisons of one group: all pairs of 91 texts, or a ring of 1,024 with four each, twice. */
const PAIRINGS_MAX = 4_096;

/** Throws `invalid_argument` that names the option. All defaults are filled in. */
export function parseRankingOptions(
  given: JsonObject,
  { judge, usesGroundTruth }: { readonly judge: Judge; readonly usesGroundTruth: boolean },
): JsonObject {
  const { template, ranking, comparisons, compares, ...strangers } = given;
  const [stranger] = Object.keys(strangers);
  if (stranger !== undefined) {
    const known = 'template, ranking, comparisons, compares';
    throw invalidArgument(stranger, `The judge "${judge.name}" compares, and takes the options ${known}`);
  }
  checkTemplate(judge, template);
  const plan = oneOf('ranking', ranking ?? RANKINGS[0], RANKINGS);
  if (comparisons !== undefined && plan === 'round_robin') {
    throw invalidArgument('comparisons', 'A round robin compares all pairs: only a ring has "comparisons"');
  }
  return {
    ...(template !== undefined && { template }),
    ranking: plan,
    ...(plan === 'ring' && { comparisons: checkedCount(comparisons ?? COMPARISONS_DEFAULT) }),
    compares: oneOf('compares', compares ?? (usesGroundTruth ? 'answer' : 'completion'), COMPARES),
  };
}

function oneOf<Choice extends string>(name: string, value: unknown, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw invalidArgument(name, `"${name}" must be one of: ${choices.join(', ')}`);
}

function checkedCount(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 2 && value <= COMPARISONS_MAX) {
    return value;
  }
  throw invalidArgument('comparisons', `"comparisons" must be a whole number from 2 to ${COMPARISONS_MAX}`);
}

/** Options have been parsed, so what is not there has its default. */
export function planOf({ ranking, comparisons }: JsonObject): RankingPlan {
  return {
    ranking: ranking === 'round_robin' ? 'round_robin' : 'ring',
    comparisons: typeof comparisons === 'number' ? comparisons : COMPARISONS_DEFAULT,
  };
}

/** Why a group of this size cannot be compared; undefined when it can. */
export function sizeProblem(size: number, plan: RankingPlan): string | undefined {
  if (size < 2) return 'there is no other completion of the group to compare with';
  const count = pairingCount(size, plan);
  if (count <= PAIRINGS_MAX) return undefined;
  return `a group of ${size} would need ${count} comparisons, and at most ${PAIRINGS_MAX} are made`;
}
