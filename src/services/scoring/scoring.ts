// Scores one completion under a recipe: one extraction, the scorers in order, the reward. Answers without a promise when
// every scorer does, which is how a server keeps up with its transport.

import type { Completion } from '../../core/completion.ts';
import type { JsonObject } from '../../core/json.ts';
import type { GroundTruth } from '../../core/qa-pair.ts';
import { validateRecipe } from '../../core/recipe-check.ts';
import { bareScorer } from '../../core/recipe.ts';
import type { Recipe, ScorerUse } from '../../core/recipe.ts';
import { outcomeOf, truncatedOutcome } from '../../core/reward.ts';
import type { CompletionOutcome, UnscorableCause } from '../../core/score.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Audit, OnAudit } from './audit.ts';
import { CompletionProgress } from './completion-progress.ts';
import { askGroup, GroupMember } from './group-asking.ts';
import type { Scorer, ScorerLookup } from './scorer.ts';

/** A checked recipe with its scorers looked up. Make it once, score a million completions with it. */
export interface PreparedRecipe {
  readonly recipe: Recipe;
  readonly steps: readonly Step[];
  /** Whether completions are compared with others of their group, so that a group must be scored as a whole. */
  readonly isGroupWise: boolean;
}

export interface Step {
  readonly use: ScorerUse;
  readonly scorer: Scorer;
  readonly options: JsonObject;
  readonly reads: Scorer['reads'];
}

/** What the completions of one group are compared with. */
export interface Reference {
  readonly groundTruth: GroundTruth;
  readonly choices: readonly string[];
  /** Text of the prompt; empty when unknown. */
  readonly promptText: string;
  /** Other columns of the row, where it has any. */
  readonly columns?: JsonObject | undefined;
}

export interface ScoringCounters {
  readonly scored: number;
  readonly unscorable: number;
  readonly unscorableByCause: ReadonlyMap<UnscorableCause, number>;
}

export class Scoring {
  readonly #scorers: ScorerLookup;
  readonly #clock: Clock;
  readonly #audit: Audit | undefined;
  /** Recipes that are a scorer's bare name, as those of most requests are: no more than there are scorers. */
  readonly #bare = new Map<string, PreparedRecipe>();
  readonly #prepared = new WeakMap<Recipe, PreparedRecipe>();
  readonly #byCause = new Map<UnscorableCause, number>();
  #scored = 0;
  #unscorable = 0;

  /** @param clock for the time limits of recipes */
  constructor(scorers: ScorerLookup, clock: Clock, audit?: Audit) {
    this.#scorers = scorers;
    this.#clock = clock;
    this.#audit = audit;
  }

  /** Checks a recipe and looks its scorers up; the same object or bare name is done once. Throws like `validateRecipe`. */
  prepare(recipe: Recipe, path = 'reward'): PreparedRecipe {
    const bare = bareScorer(recipe);
    const known = bare === undefined ? this.#prepared.get(recipe) : this.#bare.get(bare);
    if (known !== undefined) return known;
    const checked = validateRecipe(recipe, this.#scorers, path);
    const steps: Step[] = [];
    for (const use of checked.scorers) {
      const scorer = this.#scorers.find(use.name);
      // validateRecipe has just found it.
      if (scorer === undefined) continue;
      const { options } = use;
      steps.push({ use, scorer, options, reads: scorer.groupWise?.reads(options) ?? scorer.reads });
    }
    const isGroupWise = steps.some(({ scorer }) => scorer.groupWise !== undefined);
    const prepared = { recipe: checked, steps, isGroupWise };
    if (bare === undefined) this.#prepared.set(recipe, prepared);
    else this.#bare.set(bare, prepared);
    return prepared;
  }

  /** Names of all scorers that a recipe may use. */
  scorerNames(): readonly string[] {
    return this.#scorers.names();
  }

  counters(): ScoringCounters {
    return { scored: this.#scored, unscorable: this.#unscorable, unscorableByCause: new Map(this.#byCause) };
  }

  /**
   * Scores one completion. What goes wrong is in the outcome; rejects only when a scorer was shut down.
   *
   * @param onAudit told when a judge looks at the cheap verdicts of this completion as well; without it none does
   */
  score(
    prepared: PreparedRecipe,
    reference: Reference,
    completion: Completion,
    onAudit?: OnAudit,
  ): CompletionOutcome | Promise<CompletionOutcome> {
    const truncated = truncatedOutcome(prepared.recipe, completion);
    if (truncated !== undefined) return this.#count(truncated);
    const progress = new CompletionProgress(prepared, reference, completion, this.#clock, onAudit);
    const asking = progress.askSteps(0, prepared.steps.length);
    return asking === undefined ? this.#conclude(progress) : asking.then(() => this.#conclude(progress));
  }

  /**
   * Scores the completions of one group together, as group-wise scorers need it. A group-wise scorer is asked when all
   * before it have spoken of every completion, and about those for which it is to be asked. One completion whose scorer
   * rejects takes no other with it.
   *
   * @returns outcomes in the order of `completions`
   */
  async scoreGroup(
    prepared: PreparedRecipe,
    reference: Reference,
    completions: readonly Completion[],
    onAudit?: OnAudit,
  ): Promise<readonly PromiseSettledResult<CompletionOutcome>[]> {
    const members = completions.map((completion) => {
      const truncated = truncatedOutcome(prepared.recipe, completion);
      return (
        truncated ??
        new GroupMember(new CompletionProgress(prepared, reference, completion, this.#clock, onAudit))
      );
    });
    const running = members.filter((member) => member instanceof GroupMember);
    await askGroup(prepared, running, this.#clock);
    return members.map((member): PromiseSettledResult<CompletionOutcome> => {
      if (!(member instanceof GroupMember)) return { status: 'fulfilled', value: this.#count(member) };
      return member.failure ?? { status: 'fulfilled', value: this.#conclude(member.progress) };
    });
  }

  #conclude(progress: CompletionProgress): CompletionOutcome {
    if (this.#audit !== undefined) progress.audit(this.#audit);
    const { prepared, reports, completion } = progress;
    return this.#count(outcomeOf(prepared.recipe, reports, completion.tokenCount));
  }

  #count(outcome: CompletionOutcome): CompletionOutcome {
    if (outcome.kind === 'scored') this.#scored += 1;
    else {
      this.#unscorable += 1;
      const { cause } = outcome.unscorable;
      this.#byCause.set(cause, (this.#byCause.get(cause) ?? 0) + 1);
    }
    return outcome;
  }
}
