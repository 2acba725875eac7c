// Checks the stages of a recipe against each other and against what the run has, before anything is spent. Errors name the place in
// the recipe: `stages[3].check`.

import { z } from 'zod';

import type { StageChoice } from '../../core/generation-recipe.ts';
import { invalidArgument } from '../../core/errors.ts';
import type { PreparedStage, StageKind, StageNeed } from '../stage.ts';
import type { PlannedStage } from './planned-stage.ts';

export interface PlanSurroundings {
  /** All kinds of stages. */
  readonly kinds: readonly StageKind[];
  /** Names of the recipe's models. */
  readonly models: readonly string[];
  /** How a person gives the run a model of this name that the recipe lacks, in an error's words. */
  readonly modelHints?: Readonly<Record<string, string>>;
  /** What the run has beside them. */
  readonly has: ReadonlySet<StageNeed>;
  readonly hasDocuments: boolean;
}

const NEEDED: Readonly<Record<StageNeed, string>> = {
  task: 'a task definition, and the run has none',
  analyser: 'a language library, and the run has none',
  passages: 'passages to retrieve from: name a corpus',
  embedder: 'an embedder: name one',
};

/** Throws `invalid_argument` for the first stage that cannot work where it stands. */
export function planStages(
  choices: readonly StageChoice[],
  around: PlanSurroundings,
): readonly PlannedStage[] {
  const names = new Map<string, number>();
  const stages = choices.map((choice, index) => {
    const stage = planStage(choice, index, around);
    const before = names.get(choice.name) ?? 0;
    names.set(choice.name, before + 1);
    return before === 0 ? stage : { ...stage, name: `${choice.name}-${before + 1}` };
  });
  checkChain(stages, around);
  return stages;
}

function planStage(
  { name, model: chosen, temperature, maxTokens, options }: StageChoice,
  index: number,
  { kinds, models, modelHints, has }: PlanSurroundings,
): PlannedStage {
  const field = `stages[${index}].${name}`;
  const kind = kinds.find((each) => each.name === name);
  if (kind === undefined) {
    const known = kinds.map((each) => each.name).toSorted();
    throw invalidArgument(field, `There is no stage "${name}": there are ${known.join(', ') || 'none'}`);
  }
  const prepared = prepare(kind, options, field);
  if (kind.model === undefined && chosen !== undefined) {
    throw invalidArgument(`${field}.model`, `Stage "${name}" asks no model`);
  }
  const model = kind.model === undefined ? undefined : (chosen ?? kind.model);
  const absent = [model, ...prepared.asks].find((each) => each !== undefined && !models.includes(each));
  if (absent !== undefined) {
    const there = models.map((each) => `"${each}"`).join(', ') || 'none';
    const hint = modelHints?.[absent];
    throw invalidArgument(
      absent === chosen ? `${field}.model` : field,
      `Stage "${name}" asks the model "${absent}", and the recipe has ${there}${hint === undefined ? '' : `: ${hint}`}`,
    );
  }
  const missing = kind.needs?.find((need) => !has.has(need));
  if (missing !== undefined) throw invalidArgument(field, `Stage "${name}" needs ${NEEDED[missing]}`);
  return { name, kind, ...prepared, model, temperature, maxTokens };
}

function prepare(kind: StageKind, options: unknown, field: string): PreparedStage {
  try {
    return kind.prepare(options);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    // A misspelt option is why the right one is missing: it is told first.
    const { issues } = error;
    const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
    const path = issue?.path.map(String).join('.') ?? '';
    throw invalidArgument(
      path === '' ? field : `${field}.${path}`,
      `Stage "${kind.name}" does not take its options: ${issue?.message ?? error.message}`,
    );
  }
}

/** Each stage takes what the one before it gives; documents come first, pairs come last. */
function checkChain(stages: readonly PlannedStage[], { hasDocuments }: PlanSurroundings): void {
  const [first] = stages;
  const last = stages.at(-1);
  if (first === undefined || last === undefined) throw invalidArgument('stages', 'A recipe needs stages');
  let given: 'passage' | 'pair' | 'task' = first.kind.takes === 'task' ? 'task' : 'passage';
  for (const [index, { kind }] of stages.entries()) {
    const field = `stages[${index}].${kind.name}`;
    if (kind.takes !== given) {
      throw invalidArgument(
        field,
        index === 0
          ? `Stage "${kind.name}" takes pairs, and a run begins with passages`
          : `Stage "${kind.name}" ${TAKES[kind.takes]}, and the stage before it gives ${PLURALS[given]}`,
      );
    }
    given = kind.gives;
  }
  if (first.kind.takes === 'passage' && !hasDocuments) {
    throw invalidArgument(
      `stages[0].${first.kind.name}`,
      `Stage "${first.kind.name}" takes passages, and there are no documents: name some as sources`,
    );
  }
  if (given !== 'pair') {
    throw invalidArgument(
      `stages[${stages.length - 1}].${last.kind.name}`,
      `The last stage, "${last.kind.name}", gives passages: a dataset is made of pairs`,
    );
  }
}

const PLURALS = { passage: 'passages', pair: 'pairs', task: 'nothing' } as const;
const TAKES = {
  passage: 'takes passages',
  pair: 'takes pairs',
  task: 'makes the first items, so it can only be the first',
} as const;
