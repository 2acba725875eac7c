// Scores one completion under a recipe: one extraction, the scorers in order, the reward. Answers without a promise when
// every scorer does, which is how a server keeps up with its transport.

import { extractAnswer } from '../core/answer.ts';
import type { ExtractedAnswer, Fallback } from '../core/answer.ts';
import { isAsked, settled } from '../core/cascade.ts';
import type { Completion } from '../core/completion.ts';
import type { JsonObject } from '../core/json.ts';
import type { GroundTruth } from '../core/qa-pair.ts';
import { validateRecipe } from '../core/recipe-check.ts';
import { bareScorer } from '../core/recipe.ts';
import type { Recipe, ScorerUse } from '../core/recipe.ts';
import { endsAsking, NO_ANSWER, outcomeOf, truncatedOutcome } from '../core/reward.ts';
import type { Finding, ScorerReport } from '../core/reward.ts';
import type { CompletionOutcome, UnscorableCause } from '../core/score.ts';
import type { VerifierInput } from '../core/verifiers/verifier.ts';
import type { Clock } from '../ports/clock.ts';
import type { Scorer, ScorerLookup } from './scorer.ts';
import { withinTimeLimit } from './time-limit.ts';

/** A checked recipe with its scorers looked up. Make it once, score a million completions with it. */
export interface PreparedRecipe {
  readonly recipe: Recipe;
  readonly steps: readonly Step[];
}

interface Step {
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

/** Longest answer that an outcome repeats. */
const REPORTED_ANSWER_CHARS = 2_000;

export class Scoring {
  readonly #scorers: ScorerLookup;
  readonly #clock: Clock;
  /** Recipes that are a scorer's bare name, as those of most requests are: no more than there are scorers. */
  readonly #bare = new Map<string, PreparedRecipe>();
  readonly #prepared = new WeakMap<Recipe, PreparedRecipe>();
  readonly #byCause = new Map<UnscorableCause, number>();
  #scored = 0;
  #unscorable = 0;

  /** @param clock for the time limits of recipes */
  constructor(scorers: ScorerLookup, clock: Clock) {
    this.#scorers = scorers;
    this.#clock = clock;
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

  /** Scores one completion. What goes wrong is in the outcome; rejects only when a scorer was shut down. */
  score(
    prepared: PreparedRecipe,
    reference: Reference,
    completion: Completion,
  ): CompletionOutcome | Promise<CompletionOutcome> {
    const truncated = truncatedOutcome(prepared.recipe, completion);
    if (truncated !== undefined) return this.#count(truncated);
    return this.#goOn(new Progress(prepared, reference, completion), 0);
  }

  /** Asks the scorers from the `from`th on, until one answers with a promise. */
  #goOn(progress: Progress, from: number): CompletionOutcome | Promise<CompletionOutcome> {
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
    return this.#count(outcomeOf(recipe, progress.reports, progress.completion.tokenCount));
  }

  async #wait(
    progress: Progress,
    step: Step,
    finding: Promise<Finding>,
    index: number,
  ): Promise<CompletionOutcome> {
    progress.report(step, await finding);
    const isLast = step.use.gate !== undefined && progress.hasEnded();
    return this.#goOn(progress, isLast ? progress.prepared.steps.length : index + 1);
  }

  #ask(progress: Progress, step: Step): Finding | Promise<Finding> {
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

/** One completion on its way through the scorers. */
class Progress {
  readonly prepared: PreparedRecipe;
  readonly reports: ScorerReport[] = [];
  readonly completion: Completion;
  readonly #reference: Reference;
  #answer: ExtractedAnswer | undefined;
  #fallback: Fallback | undefined;

  constructor(prepared: PreparedRecipe, reference: Reference, completion: Completion) {
    this.prepared = prepared;
    this.#reference = reference;
    this.completion = completion;
  }

  ask({ scorer, options }: Step, signal?: AbortSignal): Finding | Promise<Finding> {
    const { groundTruth, choices, promptText } = this.#reference;
    const answer =
      scorer.reads === 'completion' ? this.completion.text : this.#extract(scorer.fallback)?.answer;
    if (answer === undefined) return NO_ANSWER;
    const input: VerifierInput = { answer, groundTruth, choices, promptText, options };
    return scorer.score(input, signal);
  }

  report({ use, scorer }: Step, finding: Finding): void {
    const extracted = scorer.reads === 'answer' ? this.#extract(scorer.fallback) : undefined;
    const answer = extracted?.answer;
    this.reports.push({
      use,
      finding: settled(use, finding),
      answer:
        answer === undefined || answer.length <= REPORTED_ANSWER_CHARS
          ? answer
          : `${answer.slice(0, REPORTED_ANSWER_CHARS)}…`,
      answerSource: extracted?.source,
    });
  }

  /** Whether the last report is the last word: a gate has closed. */
  hasEnded(): boolean {
    const last = this.reports.at(-1);
    return last !== undefined && endsAsking(this.prepared.recipe, last);
  }

  /** One extraction serves all scorers; only one with another last resort needs its own. */
  #extract(fallback: Fallback): ExtractedAnswer | undefined {
    if (this.#fallback !== fallback) {
      this.#answer = extractAnswer(this.completion.text, fallback);
      this.#fallback = fallback;
    }
    return this.#answer;
  }
}
