// Scores one completion under a recipe: one extraction, the scorers in order, the reward. Answers without a promise when
// every scorer does, which is how a server keeps up with its transport.

import { isAsked } from '../../core/cascade.ts';
import type { Completion } from '../../core/completion.ts';
import type { JsonObject } from '../../core/json.ts';
import type { GroundTruth } from '../../core/qa-pair.ts';
import { validateRecipe } from '../../core/recipe-check.ts';
import { bareScorer } from '../../core/recipe.ts';
import type { Recipe, ScorerUse } from '../../core/recipe.ts';
import { outcomeOf, truncatedOutcome } from '../../core/reward.ts';
import type { Finding } from '../../core/reward.ts';
import type { CompletionOutcome, UnscorableCause } from '../../core/score.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Audit, OnAudit } from './audit.ts';
import { CompletionProgress } from './completion-progress.ts';
import type { Scorer, ScorerLookup } from './scorer.ts';
import { withinTimeLimit } from './time-limit.ts';

/** A checked recipe with its scorers looked up. Make it once, score a million completions with it. */
export interface PreparedRecipe {
  readonly recipe: Recipe;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly use: ScorerUse;
  readonly scorer: Scorer;
  readonly options: JsonObject;
}

/** What the completions of one group are compared with. */
export interface Reference {
  readonly groundTruth: GroundTruth;
  readonly choices: readonly string[];
  /** Text of the prompt; empty when unknown. */
  readonly promptText: string;
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
      if (scorer !== undefined) steps.push({ use, scorer, options: use.options });
    }
    const prepared = { recipe: checked, steps };
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
    return this.#goOn(new CompletionProgress(prepared, reference, completion, onAudit), 0);
  }

  /** Asks the scorers from the `from`th on, until one answers with a promise. */
  #goOn(progress: CompletionProgress, from: number): CompletionOutcome | Promise<CompletionOutcome> {
    const { steps, recipe } = progress.prepared;
    for (let index = from; index < steps.length; index += 1) {
      const step = steps[index];
      if (step === undefined) continue;
      if (step.use.when !== 'always' && !isAsked(step.use, progress.reports)) continue;
      const finding = this.#ask(progress, step);
      if (finding instanceof Promise) return this.#wait(progress, step, finding, index);
      progress.report(step, finding);
      if (step.use.gate !== undefined && progress.hasEnded()) break;
    }
    if (this.#audit !== undefined) progress.audit(this.#audit);
    return this.#count(outcomeOf(recipe, progress.reports, progress.completion.tokenCount));
  }

  async #wait(
    progress: CompletionProgress,
    step: Step,
    finding: Promise<Finding>,
    index: number,
  ): Promise<CompletionOutcome> {
    progress.report(step, await finding);
    const isLast = step.use.gate !== undefined && progress.hasEnded();
    return this.#goOn(progress, isLast ? progress.prepared.steps.length : index + 1);
  }

  #ask(progress: CompletionProgress, step: Step): Finding | Promise<Finding> {
    const { timeLimitMs } = step.use;
    if (timeLimitMs === undefined) return progress.ask(step);
    return withinTimeLimit(this.#clock, timeLimitMs, (signal) => progress.ask(step, signal));
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
