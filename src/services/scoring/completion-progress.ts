// One completion on its way through the scorers: what they are given of it, and what they said so far.

import { extractAnswer } from '../../core/answer.ts';
import type { ExtractedAnswer, Fallback } from '../../core/answer.ts';
import { isAsked, settled } from '../../core/cascade.ts';
import type { Completion } from '../../core/completion.ts';
import { endsAsking, NO_ANSWER } from '../../core/reward.ts';
import type { Finding, ScorerReport } from '../../core/reward.ts';
import type { VerifierInput } from '../../core/verifiers/verifier.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Audit, OnAudit } from './audit.ts';
import type { PreparedRecipe, Reference, Step } from './scoring.ts';
import { withinTimeLimit } from './time-limit.ts';

/** Longest answer that an outcome repeats. */
const REPORTED_ANSWER_CHARS = 2_000;

export class CompletionProgress {
  readonly prepared: PreparedRecipe;
  readonly reports: ScorerReport[] = [];
  readonly completion: Completion;
  readonly #reference: Reference;
  readonly #clock: Clock;
  readonly #onAudit: OnAudit | undefined;
  #answer: ExtractedAnswer | undefined;
  #fallback: Fallback | undefined;

  constructor(
    prepared: PreparedRecipe,
    reference: Reference,
    completion: Completion,
    clock: Clock,
    onAudit: OnAudit | undefined,
  ) {
    this.prepared = prepared;
    this.#reference = reference;
    this.completion = completion;
    this.#clock = clock;
    this.#onAudit = onAudit;
  }

  /**
   * Asks the scorers from the `from`th up to the `to`th; without a promise when all of them answer so. Rejects only when a
   * scorer does.
   */
  askSteps(from: number, to: number): Promise<void> | undefined {
    const { steps } = this.prepared;
    for (let index = from; index < to; index += 1) {
      const step = steps[index];
      if (step === undefined) continue;
      if (step.use.when !== 'always' && !isAsked(step.use, this.reports)) continue;
      const finding = this.#askInTime(step);
      if (finding instanceof Promise) return this.#wait(step, finding, { from: index + 1, to });
      this.report(step, finding);
      if (index + 1 < to && this.hasEnded()) return undefined;
    }
    return undefined;
  }

  async #wait(
    step: Step,
    finding: Promise<Finding>,
    { from, to }: { readonly from: number; readonly to: number },
  ): Promise<void> {
    this.report(step, await finding);
    if (!this.hasEnded()) await this.askSteps(from, to);
  }

  #askInTime(step: Step): Finding | Promise<Finding> {
    const { timeLimitMs } = step.use;
    if (timeLimitMs === undefined) return this.ask(step);
    return withinTimeLimit(this.#clock, timeLimitMs, (signal) => this.ask(step, signal));
  }

  ask(step: Omit<Step, 'use'>, signal?: AbortSignal): Finding | Promise<Finding> {
    const input = this.inputOf(step);
    return input === undefined ? NO_ANSWER : step.scorer.score(input, signal);
  }

  /** What a scorer is given; undefined where it reads the answer and there is none. */
  inputOf({ scorer, options, reads }: Omit<Step, 'use'>): VerifierInput | undefined {
    const { groundTruth, choices, promptText, columns } = this.#reference;
    const answer = reads === 'completion' ? this.completion.text : this.#extract(scorer.fallback)?.answer;
    if (answer === undefined) return undefined;
    const input = { answer, groundTruth, choices, promptText, options };
    return scorer.usesColumns === true && columns !== undefined ? { ...input, columns } : input;
  }

  report({ use, scorer, reads }: Step, finding: Finding): void {
    const extracted = reads === 'answer' ? this.#extract(scorer.fallback) : undefined;
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

  /** Whether the last report is the last word: a gate has closed, or the completion is unscorable in any case. */
  hasEnded(): boolean {
    const last = this.reports.at(-1);
    return last !== undefined && endsAsking(this.prepared.recipe, last);
  }

  /** Whether the scorer of `step` is to be asked of this completion, all before it having been. */
  isFor({ use }: Step): boolean {
    return !this.hasEnded() && isAsked(use, this.reports);
  }

  /** Has the judge of the audit look at what was found, where that was drawn and somebody keeps the books. */
  audit(audit: Audit): void {
    if (this.#onAudit === undefined) return;
    const found = { reference: this.#reference, reports: this.reports };
    audit.consider(
      found,
      (judge) => this.ask({ scorer: judge, options: {}, reads: judge.reads }),
      this.#onAudit,
    );
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
