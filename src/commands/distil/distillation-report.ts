// What a distillation found, as it is written beside the model and printed with --json. Shares of nothing are null.

import type { RewardModelInput } from '../../core/reward-model.ts';
import { type Proportion, proportionOf } from '../../core/proportion.ts';
import { type Band, saidUnder } from '../../trainer/distil/band.ts';
import type { Distilled, HeldOut } from '../../trainer/distil/distil.ts';
import type { VerifierMeasure } from '../../trainer/distil/measure.ts';
import type { TrainingPlan } from '../../trainer/distil/training.ts';
import type { VerifierConfig } from '../../trainer/distil/verifier-config.ts';
import type { JudgedRow, JudgedRows } from './judged-rows.ts';
import { RULE, type RuleSaid } from './rule-beside.ts';

/** Where the verdicts are from. */
export interface VerdictSource {
  readonly file: string | null;
  readonly runs: readonly string[] | null;
  /** Null: the file's labels. */
  readonly judge: { readonly name: string; readonly model: string; readonly template: string } | null;
}

export interface ReportParts {
  readonly source: VerdictSource;
  readonly read: JudgedRows;
  readonly repeated: number;
  readonly contradictory: number;
  readonly distilled: Distilled<JudgedRow>;
  readonly ruleSaid: readonly RuleSaid[];
  readonly config: VerifierConfig;
  readonly plan: TrainingPlan;
  readonly input: RewardModelInput;
  readonly seed: number;
  readonly agreementMin: number;
  readonly usesVariants: boolean;
  readonly provider: string;
  readonly threads: number;
  readonly seconds: number;
  readonly name: string;
}

export type DistillationReport = ReturnType<typeof distillationReport>;
export type MeasureReport = ReturnType<typeof measureReport>;

export function distillationReport(parts: ReportParts) {
  const { source, read, distilled, config, plan } = parts;
  const { counts, band, network, calibration } = distilled;
  const parameters = [...network.weights.values()].reduce((sum, { length }) => sum + length, 0);
  return {
    source,
    read: {
      completions: read.counts.completions,
      no_answer: read.counts.noAnswer,
      unlabelled: read.counts.unlabelled,
      no_verdict: read.counts.noVerdict,
      undecided: read.counts.undecided,
      rejected: read.counts.rejected,
      repeated: parts.repeated,
      contradictory: parts.contradictory,
      too_long: distilled.tooLong,
    },
    parts: {
      train: counts.train,
      validation: counts.validation,
      calibration: counts.calibration,
      held_out: counts.heldOut,
    },
    network: {
      input: parts.input,
      parameters,
      width: config.width,
      layers: config.layers,
      heads: config.heads,
      tokens_max: config.tokensMax,
    },
    training: {
      seed: parts.seed,
      uses_variants: parts.usesVariants,
      batch_size: plan.batchSize,
      learning_rate: plan.learningRate,
      steps: network.steps,
      best_step: network.bestStep,
      validation_loss: network.looks.find(({ step }) => step === network.bestStep)?.validationLoss ?? null,
      provider: parts.provider,
      threads: parts.threads,
      wall_s: parts.seconds,
    },
    calibration: { kind: 'sigmoid' as const, ...calibration },
    agreement_min: parts.agreementMin,
    undecided_between: [band.low, band.high] as const,
    held_out: measureReport(distilled.measure),
    held_out_unseen_pairs:
      distilled.unseenMeasure === undefined ? null : measureReport(distilled.unseenMeasure),
    rule: ruleReport(distilled.heldOut, parts.ruleSaid, band),
    recipe: recipeOf(parts.name, band),
  };
}

/** A cascade with the verifier in its place: the rule, the verifier where the rule cannot tell, the judge for the rest. */
function recipeOf(name: string, { low, high }: Band) {
  return {
    scorers: [
      { name: RULE },
      { name, when: 'undecided', required: false, undecided_between: [low, high] },
      { name: 'judge', when: 'undecided' },
    ],
  };
}

function measureReport({ labels, auroc, brier, calibrationError, reliability, band }: VerifierMeasure) {
  return {
    verdicts: labels.labelled,
    agreement: shareOf(labels.agreement),
    precision: shareOf(labels.precision),
    recall: shareOf(labels.recall),
    kappa: labels.kappa ?? null,
    true_positives: labels.truePositives,
    false_positives: labels.falsePositives,
    false_negatives: labels.falseNegatives,
    true_negatives: labels.trueNegatives,
    too_long: labels.unscorable['too_long'] ?? 0,
    auroc: auroc ?? null,
    brier: Number.isFinite(brier) ? brier : null,
    calibration_error: Number.isFinite(calibrationError) ? calibrationError : null,
    reliability: reliability.map(({ from, count, meanScore, equivalentShare }) => ({
      from,
      count,
      mean_score: meanScore,
      equivalent_share: equivalentShare,
    })),
    band: {
      decided: shareOf(band.decided),
      agreement_of_decided: shareOf(band.agreement),
      agreement_with_judge_for_rest: shareOf(band.cascadeAgreement),
      wrong_yes: band.wrongYes,
      wrong_no: band.wrongNo,
    },
  };
}

/** The rule beside the verifier, both on the held-out verdicts, and the verifier on what the rule leaves. */
function ruleReport(heldOut: readonly HeldOut<JudgedRow>[], ruleSaid: readonly RuleSaid[], band: Band) {
  const counts = { decided: 0, right: 0, left: 0, verifierDecided: 0, verifierRight: 0 };
  heldOut.forEach(({ row, score }, index) => {
    const said = ruleSaid[index];
    if (said !== 'undecided') {
      counts.decided += 1;
      if ((said === 'yes') === row.isEquivalent) counts.right += 1;
      return;
    }
    counts.left += 1;
    const verifier = score === undefined ? undefined : saidUnder(band, score);
    if (verifier === undefined) return;
    counts.verifierDecided += 1;
    if (verifier === row.isEquivalent) counts.verifierRight += 1;
  });
  const { decided, right, left, verifierDecided, verifierRight } = counts;
  const all = heldOut.length;
  const wrong = decided - right + (verifierDecided - verifierRight);
  return {
    name: RULE,
    decided: shareOf(proportionOf(decided, all)),
    agreement_of_decided: shareOf(proportionOf(right, decided)),
    left: left,
    verifier_of_left: {
      decided: shareOf(proportionOf(verifierDecided, left)),
      agreement_of_decided: shareOf(proportionOf(verifierRight, verifierDecided)),
    },
    cascade: {
      judge_asked: shareOf(proportionOf(left - verifierDecided, all)),
      judge_asked_without_verifier: shareOf(proportionOf(left, all)),
      agreement: shareOf(proportionOf(all - wrong, all)),
      agreement_without_verifier: shareOf(proportionOf(all - (decided - right), all)),
    },
  };
}

function shareOf(share: Proportion | undefined): Proportion | null {
  return share ?? null;
}
