// The JSON of `groupwise judge evaluate --json`, made of what was measured. Null where there is nothing to take a share of.

import type { EncodedRecipe } from './recipe-name.ts';
import type { LabelMeasure } from '../../core/label-tally.ts';
import type { Proportion } from '../../core/proportion.ts';
import { quantile } from '../../core/statistics.ts';
import type { Measured } from './placed-tally.ts';
import type { JudgeUse, RecipeEvaluation } from './recipe-evaluation.ts';

interface ShareReport {
  readonly share: number;
  /** 95 % interval (Wilson). */
  readonly low: number;
  readonly high: number;
}

export interface MeasureReport {
  readonly labelled: number;
  readonly true_positives: number;
  readonly false_positives: number;
  readonly false_negatives: number;
  readonly true_negatives: number;
  readonly unscorable: Readonly<Record<string, number>>;
  readonly accuracy: ShareReport | null;
  readonly precision: ShareReport | null;
  readonly recall: ShareReport | null;
  readonly agreement: ShareReport | null;
  readonly kappa: number | null;
}

interface PlaceReport extends MeasureReport {
  readonly answer_type: string;
  readonly domain: string;
}

export interface LatencyReport {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface JudgeUseReport {
  readonly judge: string;
  /** What judging every completion would have asked. */
  readonly completions: number;
  readonly asked: number;
  readonly avoided: number;
  /** avoided / completions. */
  readonly avoided_share: number | null;
  readonly decided_by: Readonly<Record<string, number>>;
  readonly no_answer: number;
  readonly refused: number;
  readonly same_answer: number;
  readonly known: number;
  readonly questions: number;
  /** Requests that were sent: votes and repetitions are requests of their own. */
  readonly calls: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly cost_usd: number | null;
}

export interface RecipeReport extends MeasureReport {
  readonly name: string;
  readonly reward: EncodedRecipe;
  readonly seconds: number;
  readonly judges: readonly JudgeUseReport[];
  readonly scorers: readonly (MeasureReport & {
    readonly scorer: string;
    /** Times that another scorer spoke for it. */
    readonly replaced: number;
    /** Of askings; of a judge only those that reached it. */
    readonly latency_ms: LatencyReport | null;
    readonly places: readonly PlaceReport[];
  })[];
  readonly places: readonly PlaceReport[];
  /** With the first recipe, on completions that both scored; null for the first. */
  readonly with_first: { readonly compared: number; readonly agreement: ShareReport | null } | null;
}

export function recipeReport(
  { name, reward }: Pick<RecipeReport, 'name' | 'reward'>,
  evaluation: RecipeEvaluation,
  withFirst: RecipeReport['with_first'],
): RecipeReport {
  const { all, places } = evaluation.rewards();
  return {
    name,
    reward,
    ...measureReport(all),
    seconds: evaluation.milliseconds / 1_000,
    judges: evaluation.judges().map(judgeUseReport),
    scorers: evaluation.scorers().map(({ scorer, replaced, ...measured }) => ({
      scorer,
      replaced,
      ...measureReport(measured.all),
      latency_ms: latencyReport(evaluation.askings.get(scorer)?.milliseconds ?? []),
      places: placeReports(measured),
    })),
    places: placeReports({ all, places }),
    with_first: withFirst,
  };
}

export function shareReport(proportion: Proportion | undefined): ShareReport | null {
  return proportion ?? null;
}

function measureReport(measure: LabelMeasure): MeasureReport {
  return {
    labelled: measure.labelled,
    true_positives: measure.truePositives,
    false_positives: measure.falsePositives,
    false_negatives: measure.falseNegatives,
    true_negatives: measure.trueNegatives,
    unscorable: measure.unscorable,
    accuracy: shareReport(measure.accuracy),
    precision: shareReport(measure.precision),
    recall: shareReport(measure.recall),
    agreement: shareReport(measure.agreement),
    kappa: measure.kappa ?? null,
  };
}

function placeReports({ places }: Measured): readonly PlaceReport[] {
  return places
    .toSorted((one, other) => other.measure.labelled - one.measure.labelled)
    .map(({ answerType, domain, measure }) => ({
      answer_type: answerType,
      domain,
      ...measureReport(measure),
    }));
}

function judgeUseReport(use: JudgeUse): JudgeUseReport {
  const { judge, completions, asked, bill } = use;
  const avoided = completions - asked;
  return {
    judge,
    completions,
    asked,
    avoided,
    avoided_share: completions === 0 ? null : avoided / completions,
    decided_by: use.decidedBy,
    no_answer: use.noAnswer,
    refused: use.refused,
    same_answer: use.sameAnswer,
    known: use.known,
    questions: use.questions,
    calls: bill.calls,
    prompt_tokens: bill.promptTokens,
    completion_tokens: bill.completionTokens,
    cost_usd: bill.costUsd,
  };
}

function latencyReport(milliseconds: readonly number[]): LatencyReport | null {
  if (milliseconds.length === 0) return null;
  const [p50, p90, p99, max] = [0.5, 0.9, 0.99, 1].map((share) => quantile(milliseconds, share));
  return { count: milliseconds.length, p50: p50 ?? 0, p90: p90 ?? 0, p99: p99 ?? 0, max: max ?? 0 };
}
