// Holds a share of the cheap verdicts against a judge's, so that it is seen when a rule or a small model drifts away from
// what a careful reader would say. It never changes a reward, holds none up, and asks no more than a set number at a time.

import { hashText, isDrawn } from '../../core/audit-draw.ts';
import type { AuditResult } from '../../core/audit-books.ts';
import type { Finding, ScorerReport } from '../../core/reward.ts';
import type { Cost } from '../../core/score.ts';
import type { Log } from '../../ports/log.ts';
import type { Scorer } from './scorer.ts';
import type { Reference } from './scoring.ts';

/** What the judge says of one completion's cheap verdicts; where they come from is for those who keep the books. */
export type AuditedScore = Omit<AuditResult, 'place'> & { readonly scorer: string };

/** Told of each audit that begins. It resolves with what was found and never rejects. */
export type OnAudit = (audit: Promise<readonly AuditedScore[]>) => void;

export interface AuditOptions {
  /** Of the cheap verdicts, in [0, 1]. */
  readonly share: number;
  readonly judge: Scorer;
  readonly log: Log;
  /** Askings at a time; verdicts beyond it go without. */
  readonly pendingMax?: number | undefined;
}

const PENDING_MAX = 1_024;

interface CheapScore {
  readonly scorer: string;
  readonly score: number;
}

export class Audit {
  readonly judge: Scorer;
  readonly #options: AuditOptions;
  readonly #questions = new WeakMap<Reference, number>();
  #pending = 0;
  #skipped = 0;

  constructor(options: AuditOptions) {
    this.judge = options.judge;
    this.#options = options;
  }

  /** Verdicts that were drawn while too many waited for the judge. */
  get skipped(): number {
    return this.#skipped;
  }

  /** @param ask asks the judge of the same completion */
  consider(
    found: { readonly reference: Reference; readonly reports: readonly ScorerReport[] },
    ask: (judge: Scorer) => Finding | Promise<Finding>,
    onAudit: OnAudit,
  ): void {
    const { share, pendingMax = PENDING_MAX } = this.#options;
    const answer = found.reports.find((report) => report.answer !== undefined)?.answer;
    if (answer === undefined || !isDrawn(share, { question: this.#hashOf(found.reference), answer })) return;
    const cheap = found.reports.flatMap((report) => cheapScore(report) ?? []);
    if (cheap.length === 0) return;
    if (this.#pending >= pendingMax) {
      this.#skipped += 1;
      return;
    }
    this.#pending += 1;
    onAudit(this.#ask(cheap, ask).finally(() => (this.#pending -= 1)));
  }

  async #ask(
    cheap: readonly CheapScore[],
    ask: (judge: Scorer) => Finding | Promise<Finding>,
  ): Promise<readonly AuditedScore[]> {
    try {
      const finding = await ask(this.judge);
      const judgeScore = finding.kind === 'score' ? finding.score : undefined;
      const cost = 'cost' in finding ? finding.cost : undefined;
      // One asking, paid once.
      return cheap.map((each, index) => ({ ...each, judgeScore, cost: index === 0 ? cost : undefined }));
    } catch (error) {
      // The server is going down, or the judge has a bug; either way nobody is waiting for it.
      this.#options.log.warn('An audit ended without a verdict', { judge: this.judge.name, error });
      return [];
    }
  }

  /** Once for each reference: a run has one for each row. */
  #hashOf(reference: Reference): number {
    const known = this.#questions.get(reference);
    if (known !== undefined) return known;
    const hash = hashText(JSON.stringify([reference.promptText, reference.groundTruth.answer]));
    this.#questions.set(reference, hash);
    return hash;
  }
}

/** Of a scorer that compared the answer and was not paid for it. Undefined for one that could not tell. */
function cheapScore({ use, finding, answer }: ScorerReport): CheapScore | undefined {
  if (answer === undefined || costOf(finding) !== undefined) return undefined;
  const scorer = use.name;
  if (finding.kind === 'correct') return { scorer, score: 1 };
  if (finding.kind === 'incorrect') return { scorer, score: 0 };
  return finding.kind === 'score' ? { scorer, score: finding.score } : undefined;
}

function costOf(finding: Finding): Cost | undefined {
  return 'cost' in finding ? finding.cost : undefined;
}
