// One completion on its way through the scorers: what they are given of it, and what they said so far.

import { extractAnswer } from '../../core/answer.ts';
import type { ExtractedAnswer, Fallback } from '../../core/answer.ts';
import { settled } from '../../core/cascade.ts';
import type { Completion } from '../../core/completion.ts';
import { endsAsking, NO_ANSWER } from '../../core/reward.ts';
import type { Finding, ScorerReport } from '../../core/reward.ts';
import type { VerifierInput } from '../../core/verifiers/verifier.ts';
import type { Audit, OnAudit } from './audit.ts';
import type { PreparedRecipe, Reference, Step } from './scoring.ts';

/** Longest answer that an outcome repeats. */
const REPORTED_ANSWER_CHARS = 2_000;

export class CompletionProgress {
  readonly prepared: PreparedRecipe;
  readonly reports: ScorerReport[] = [];
  readonly completion: Completion;
  readonly #reference: Reference;
  readonly #onAudit: OnAudit | undefined;
  #answer: ExtractedAnswer | undefined;
  #fallback: Fallback | undefined;

  constructor(
    prepared: PreparedRecipe,
    reference: Reference,
    completion: Completion,
    onAudit: OnAudit | undefined,
  ) {
    this.prepared = prepared;
    this.#reference = reference;
    this.completion = completion;
    this.#onAudit = onAudit;
  }

  ask(
    { scorer, options }: Pick<Step, 'scorer' | 'options'>,
    signal?: AbortSignal,
  ): Finding | Promise<Finding> {
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

  /** Has the judge of the audit look at what was found, where that was drawn and somebody keeps the books. */
  audit(audit: Audit): void {
    if (this.#onAudit === undefined) return;
    const found = { reference: this.#reference, reports: this.reports };
    audit.consider(found, (judge) => this.ask({ scorer: judge, options: {} }), this.#onAudit);
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
