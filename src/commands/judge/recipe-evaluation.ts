// What one recipe did on labelled completions: verdicts against labels, per scorer and per place, who had to ask a judge and
// who did not. Tallies only: it holds no completion.

import type { CompletionResult } from '../../core/calls.ts';
import type { Said } from '../../core/label-tally.ts';
import { PASS_THRESHOLD } from '../../core/pass-rate.ts';
import type { CompletionOutcome, Score } from '../../core/score.ts';
import type { BooksSnapshot } from '../../services/language-models/books.ts';
import type { Place } from './labelled-rollout.ts';
import { type Measured, PlacedTally } from './placed-tally.ts';
import type { Askings } from './scorer-meter.ts';

/** What judges sent and were billed, of this recipe alone. Null: an unknown price. */
export interface JudgeBill {
  calls: number;
  promptTokens: number;
  completionTokens: number;
  costUsd: number | null;
}

/** How many judge questions there were, and why the others were none. All of them sum up to the completions. */
export interface JudgeUse {
  readonly judge: string;
  readonly completions: number;
  readonly asked: number;
  /** By the scorer that had the last word without this judge. */
  readonly decidedBy: Readonly<Record<string, number>>;
  readonly noAnswer: number;
  readonly refused: number;
  readonly sameAnswer: number;
  readonly known: number;
  /** Different questions: what an empty cache would have had to buy. */
  readonly questions: number;
  readonly bill: JudgeBill;
}

export class RecipeEvaluation {
  /** For the meter: what each scorer was asked under this recipe. */
  readonly askings = new Map<string, Askings>();
  readonly #threshold: number;
  readonly #judges: readonly string[];
  readonly #rewards = new PlacedTally();
  readonly #scorers = new Map<string, { readonly tally: PlacedTally; replaced: number }>();
  /** By judge: who had the last word without it, and completions that have a score of it. */
  readonly #uses = new Map<string, { readonly decidedBy: Record<string, number>; reported: number }>();
  readonly #bills = new Map<string, JudgeBill>();
  #completions = 0;
  /** Wall clock. */
  milliseconds = 0;

  /** @param options.threshold rewards of at least this count as a yes; scores do from 0.5 */
  constructor(options: { readonly threshold: number; readonly judges: readonly string[] }) {
    this.#threshold = options.threshold;
    this.#judges = options.judges;
  }

  /** Undefined label: the completion counts for the judge's work and for no measure. */
  add({ outcome }: Pick<CompletionResult, 'outcome'>, label: boolean | undefined, place: Place): void {
    this.#completions += 1;
    for (const judge of this.#judges) this.#countUse(judge, outcome);
    if (label === undefined) return;
    this.#rewards.add(this.said(outcome), label, place);
    for (const score of outcome.scores) this.#addScore(score, label, place);
  }

  /** The reward as a yes or a no. */
  said(outcome: CompletionOutcome): Said {
    return outcome.kind === 'scored'
      ? { kind: 'said', isYes: outcome.reward >= this.#threshold }
      : { kind: 'unscorable', cause: outcome.unscorable.cause };
  }

  /** What a judge sent between two looks into its books. */
  bill(judge: string, before: BooksSnapshot, after: BooksSnapshot): void {
    const bill = this.#billOf(judge);
    bill.calls += after.calls - before.calls;
    bill.promptTokens += after.promptTokens - before.promptTokens;
    bill.completionTokens += after.completionTokens - before.completionTokens;
    if (bill.costUsd === null || after.costUsd === null || before.costUsd === null) bill.costUsd = null;
    else bill.costUsd += after.costUsd - before.costUsd;
  }

  rewards(): Measured {
    return this.#rewards.measured();
  }

  scorers(): readonly (Measured & { readonly scorer: string; readonly replaced: number })[] {
    return [...this.#scorers].map(([scorer, { tally, replaced }]) => ({
      scorer,
      replaced,
      ...tally.measured(),
    }));
  }

  judges(): readonly JudgeUse[] {
    return this.#judges.map((judge) => {
      const { decidedBy, reported } = this.#useOf(judge);
      const { refused, sameAnswer, known, asked, questions } = this.askings.get(judge) ?? NOT_ASKED;
      return {
        judge,
        completions: this.#completions,
        asked,
        decidedBy,
        noAnswer: reported - refused - sameAnswer - known - asked,
        refused,
        sameAnswer,
        known,
        questions: questions.size,
        bill: this.#billOf(judge),
      };
    });
  }

  #addScore(score: Score, label: boolean, place: Place): void {
    const known = this.#scorers.get(score.scorer);
    const entry = known ?? { tally: new PlacedTally(), replaced: 0 };
    if (known === undefined) this.#scorers.set(score.scorer, entry);
    if (score.replacedBy !== undefined) entry.replaced += 1;
    const said: Said =
      score.kind === 'scored'
        ? { kind: 'said', isYes: score.score >= PASS_THRESHOLD }
        : { kind: 'unscorable', cause: score.unscorable.cause };
    entry.tally.add(said, label, place);
  }

  #countUse(judge: string, { scores }: CompletionOutcome): void {
    const use = this.#useOf(judge);
    const own = scores.find(({ scorer }) => scorer === judge);
    // The recipe's rule for truncated completions gives scores without asking anybody.
    if (own === undefined || own.reason === 'truncated') {
      const last = scores.at(-1)?.scorer;
      const decider = last === undefined || last === judge ? 'recipe' : last;
      use.decidedBy[decider] = (use.decidedBy[decider] ?? 0) + 1;
      return;
    }
    use.reported += 1;
  }

  #useOf(judge: string): { readonly decidedBy: Record<string, number>; reported: number } {
    const known = this.#uses.get(judge);
    if (known !== undefined) return known;
    const use = { decidedBy: {}, reported: 0 };
    this.#uses.set(judge, use);
    return use;
  }

  #billOf(judge: string): JudgeBill {
    const known = this.#bills.get(judge);
    if (known !== undefined) return known;
    const bill: JudgeBill = { calls: 0, promptTokens: 0, completionTokens: 0, costUsd: 0 };
    this.#bills.set(judge, bill);
    return bill;
  }
}

const NOT_ASKED = { refused: 0, sameAnswer: 0, known: 0, asked: 0, questions: { size: 0 } } as const;
