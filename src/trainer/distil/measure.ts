// How a distilled verifier did on verdicts that it has never seen. Pure.

import { type LabelMeasure, LabelTally } from '../../core/label-tally.ts';
import { type Proportion, proportionOf } from '../../core/proportion.ts';
import { type Band, saidUnder, type Scored } from './band.ts';

/** One tenth of the scores: how many, their mean, and the share that the judge called right. */
export interface ReliabilityBin {
  readonly from: number;
  readonly count: number;
  readonly meanScore: number;
  readonly equivalentShare: number;
}

export interface BandMeasure {
  /** Share that it decides: calls that are saved. */
  readonly decided: Proportion | undefined;
  /** Of what it decides. */
  readonly agreement: Proportion | undefined;
  /** Of all, when the judge decides the rest. */
  readonly cascadeAgreement: Proportion | undefined;
  readonly wrongYes: number;
  readonly wrongNo: number;
}

export interface VerifierMeasure {
  /** Scores of at least 0.5 as a yes. */
  readonly labels: LabelMeasure;
  /** Chance that an equivalent answer scores above a different one, ties half; undefined with one kind only. */
  readonly auroc: number | undefined;
  /** Mean squared error of the scores. */
  readonly brier: number;
  /** Σ over tenths of count · |mean score − share| / all. */
  readonly calibrationError: number;
  readonly reliability: readonly ReliabilityBin[];
  readonly band: BandMeasure;
}

/** @param scored undefined scores are texts that the network does not see whole: undecided */
export function measureVerifier(
  scored: readonly { readonly score: number | undefined; readonly isEquivalent: boolean }[],
  band: Band,
): VerifierMeasure {
  const tally = new LabelTally();
  const known: Scored[] = [];
  for (const { score, isEquivalent } of scored) {
    if (score === undefined) tally.add({ kind: 'unscorable', cause: 'too_long' }, isEquivalent);
    else {
      tally.add({ kind: 'said', isYes: score >= 0.5 }, isEquivalent);
      known.push({ score, isEquivalent });
    }
  }
  const bins = reliabilityOf(known);
  return {
    labels: tally.measure(),
    auroc: aurocOf(known),
    brier:
      known.reduce((sum, { score, isEquivalent }) => sum + (score - Number(isEquivalent)) ** 2, 0) /
      known.length,
    calibrationError:
      bins.reduce(
        (sum, { count, meanScore, equivalentShare }) => sum + count * Math.abs(meanScore - equivalentShare),
        0,
      ) / known.length,
    reliability: bins,
    band: bandMeasure(known, band, scored.length),
  };
}

function bandMeasure(known: readonly Scored[], band: Band, all: number): BandMeasure {
  let [decided, wrongYes, wrongNo] = [0, 0, 0];
  for (const { score, isEquivalent } of known) {
    const said = saidUnder(band, score);
    if (said === undefined) continue;
    decided += 1;
    if (said && !isEquivalent) wrongYes += 1;
    if (!said && isEquivalent) wrongNo += 1;
  }
  const wrong = wrongYes + wrongNo;
  return {
    decided: proportionOf(decided, all),
    agreement: proportionOf(decided - wrong, decided),
    cascadeAgreement: proportionOf(all - wrong, all),
    wrongYes,
    wrongNo,
  };
}

/** By ranks (Mann and Whitney): ties share the mean of their ranks. */
export function aurocOf(scored: readonly Scored[]): number | undefined {
  const rising = scored.toSorted((a, b) => a.score - b.score);
  const yes = scored.filter(({ isEquivalent }) => isEquivalent).length;
  const no = scored.length - yes;
  if (yes === 0 || no === 0) return undefined;
  let rankSum = 0;
  for (let from = 0; from < rising.length;) {
    let to = from;
    while (to < rising.length && rising[to]?.score === rising[from]?.score) to += 1;
    const rank = (from + 1 + to) / 2;
    for (let at = from; at < to; at += 1) if (rising[at]?.isEquivalent === true) rankSum += rank;
    from = to;
  }
  return (rankSum - (yes * (yes + 1)) / 2) / (yes * no);
}

const BINS = 10;

/** Tenths that have scores. */
function reliabilityOf(scored: readonly Scored[]): readonly ReliabilityBin[] {
  return Array.from({ length: BINS }, (_, bin): ReliabilityBin => {
    const inside = scored.filter(({ score }) => Math.min(BINS - 1, Math.floor(score * BINS)) === bin);
    const sum = inside.reduce((total, { score }) => total + score, 0);
    const right = inside.filter(({ isEquivalent }) => isEquivalent).length;
    return {
      from: bin / BINS,
      count: inside.length,
      meanScore: sum / inside.length,
      equivalentShare: right / inside.length,
    };
  }).filter(({ count }) => count > 0);
}
