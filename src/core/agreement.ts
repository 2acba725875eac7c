// How far a cheap scorer and a judge agree on what both have scored. The judge is taken to be right: precision is the share
// of the scorer's yeses that the judge shares, recall the share of the judge's yeses that the scorer found.

import { PASS_THRESHOLD } from './pass-rate.ts';

/** Counts of what was scored twice. A score of at least 0.5 is a yes. */
export interface Confusion {
  readonly bothYes: number;
  readonly onlyScorer: number;
  readonly onlyJudge: number;
  readonly bothNo: number;
}

/** Undefined where there is nothing to take a share of. */
export interface Agreement {
  /** (both yes + both no) / all. */
  readonly agreement: number | undefined;
  /** both yes / the scorer's yeses. */
  readonly precision: number | undefined;
  /** both yes / the judge's yeses. */
  readonly recall: number | undefined;
}

/** The counter that one more pair of scores, each in [0, 1], belongs to. */
export function confusionOf(scores: { readonly scorer: number; readonly judge: number }): keyof Confusion {
  const isJudgeYes = scores.judge >= PASS_THRESHOLD;
  if (scores.scorer >= PASS_THRESHOLD) return isJudgeYes ? 'bothYes' : 'onlyScorer';
  return isJudgeYes ? 'onlyJudge' : 'bothNo';
}

export function agreementOf({ bothYes, onlyScorer, onlyJudge, bothNo }: Confusion): Agreement {
  return {
    agreement: share(bothYes + bothNo, bothYes + onlyScorer + onlyJudge + bothNo),
    precision: share(bothYes, bothYes + onlyScorer),
    recall: share(bothYes, bothYes + onlyJudge),
  };
}

/**
 * Cohen's kappa (J. Cohen, 1960): (pₒ − pₑ) / (1 − pₑ), with pₒ the share on which both agree and pₑ the share on which two who
 * say yes as often would agree by chance. 1: always, 0: as by chance. Undefined where both say only yes or only no.
 */
export function kappaOf({ bothYes, onlyScorer, onlyJudge, bothNo }: Confusion): number | undefined {
  const all = bothYes + onlyScorer + onlyJudge + bothNo;
  const byChance =
    (bothYes + onlyScorer) * (bothYes + onlyJudge) + (bothNo + onlyJudge) * (bothNo + onlyScorer);
  const room = all ** 2 - byChance;
  return room === 0 ? undefined : ((bothYes + bothNo) * all - byChance) / room;
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
