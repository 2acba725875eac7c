// A distillation from verdicts to a calibrated verifier with what was measured of it: parts by question, training, scale,
// band, measure. It writes nothing; where verdicts come from and where the model goes is the caller's business.

import { EnvError } from '../../core/errors.ts';
import { createRandom } from '../../core/random.ts';
import type { Engine } from '../engine/engine.ts';
import { type Band, bandOf } from './band.ts';
import { drawing } from './drawing.ts';
import type { Asked, EncodeComparison } from './encoding.ts';
import { requireEnough } from './enough.ts';
import { type LabelledAnswer, type Part, partsOf } from './labelled-answers.ts';
import { measureVerifier, type VerifierMeasure } from './measure.ts';
import { fitSigmoid, sigmoid, type Sigmoid } from './platt.ts';
import {
  type Lesson,
  type Look,
  NetworkTrainer,
  type TrainedNetwork,
  type TrainingPlan,
} from './training.ts';
import type { VerifierConfig } from './verifier-config.ts';

export interface DistilOptions<Row extends LabelledAnswer> {
  readonly rows: readonly Row[];
  readonly engine: Engine;
  readonly config: VerifierConfig;
  readonly plan: TrainingPlan;
  readonly encode: EncodeComparison;
  readonly padId: number;
  readonly seed: number;
  /** What a side of the band must be expected to reach. */
  readonly agreementMin: number;
  /** Whether to learn from what follows from verdicts as well. */
  readonly usesVariants: boolean;
  readonly onLook: (look: Look) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A held-out verdict with what the verifier says of it; no score where it does not see all of the text. */
export interface HeldOut<Row> {
  readonly row: Row;
  readonly logit: number | undefined;
  readonly score: number | undefined;
  /** The same ground truth and answer were learnt from, under another question. */
  readonly isSeenPair: boolean;
}

export interface PartCount {
  readonly questions: number;
  readonly verdicts: number;
  /** Verdicts that call the answer equivalent. */
  readonly yes: number;
}

export interface Distilled<Row> {
  readonly network: TrainedNetwork;
  readonly calibration: Sigmoid;
  readonly band: Band;
  readonly counts: Readonly<Record<Part, PartCount>>;
  /** Verdicts on texts that are longer than the model takes. */
  readonly tooLong: number;
  readonly heldOut: readonly HeldOut<Row>[];
  /** Some held-out comparisons with the logits that the training engine gives them. */
  readonly probes: readonly { readonly comparison: Asked; readonly logit: number }[];
  readonly measure: VerifierMeasure;
  /** On held-out verdicts whose ground truth and answer were not learnt from. */
  readonly unseenMeasure: VerifierMeasure | undefined;
}

/** @throws EnvError `failed_precondition` with what there is and what is needed */
export async function distil<Row extends LabelledAnswer>(
  options: DistilOptions<Row>,
): Promise<Distilled<Row>> {
  const { rows, seed, agreementMin, engine, config, plan, padId, encode } = options;
  requireEnough(rows, seed);
  const parts = partsOf(rows, seed);
  const random = createRandom(seed);
  const trainer = new NetworkTrainer({ engine, config, plan, padId, random });
  const lessons = parts.validation.flatMap((row) => lessonsOf(row, encode));
  const draw = drawing(parts.train, options, random);
  const network = await trainer.train({ draw, validation: lessons }, options.onLook, options.signal);

  const judged = await judgedRows(parts.calibration, trainer, encode);
  const calibration = fitSigmoid(judged);
  if (!(calibration.scale > 0))
    throw new EnvError(
      'failed_precondition',
      `Cannot distil: the verifier has learnt nothing (its scale on ${judged.length} verdicts is ${calibration.scale.toPrecision(3)})`,
    );
  const scoreOf = (logit: number): number => sigmoid(calibration.scale * logit + calibration.shift);
  const band = bandOf(
    judged.map(({ logit, isEquivalent }) => ({ score: scoreOf(logit), isEquivalent })),
    agreementMin,
  );

  const seen = new Set(
    parts.train.flatMap((row) => row.groundTruths.map((truth) => pairKey(truth, row.answer))),
  );
  const logits = await logitsOf(parts.heldOut, trainer, encode);
  const heldOut = parts.heldOut.map((row, index): HeldOut<Row> => {
    const logit = logits[index];
    return {
      row,
      logit,
      score: logit === undefined ? undefined : scoreOf(logit),
      isSeenPair: row.groundTruths.some((truth) => seen.has(pairKey(truth, row.answer))),
    };
  });
  const unseen = heldOut.filter(({ isSeenPair }) => !isSeenPair);
  return {
    network,
    calibration,
    band,
    counts: countsOf(parts),
    tooLong: rows.filter((row) => lessonsOf(row, encode).length < row.groundTruths.length).length,
    heldOut,
    probes: await probesOf(parts.heldOut, trainer, encode),
    measure: measureVerifier(heldOut.map(judgedScore), band),
    unseenMeasure: unseen.length === 0 ? undefined : measureVerifier(unseen.map(judgedScore), band),
  };
}

function judgedScore<Row extends LabelledAnswer>({
  row,
  score,
}: HeldOut<Row>): {
  readonly score: number | undefined;
  readonly isEquivalent: boolean;
} {
  return { score, isEquivalent: row.isEquivalent };
}

/** One for each ground truth; texts that do not fit are none. */
function lessonsOf(row: LabelledAnswer, encode: EncodeComparison): readonly Lesson[] {
  const { question, answer, isEquivalent } = row;
  return row.groundTruths.flatMap((groundTruth) => {
    const pair = encode({ question, groundTruth, answer });
    return pair.isTruncated ? [] : [{ pair, isEquivalent }];
  });
}

async function judgedRows(
  rows: readonly LabelledAnswer[],
  trainer: NetworkTrainer,
  encode: EncodeComparison,
): Promise<readonly { readonly logit: number; readonly isEquivalent: boolean }[]> {
  const logits = await logitsOf(rows, trainer, encode);
  return rows.flatMap(({ isEquivalent }, index) => {
    const logit = logits[index];
    return logit === undefined ? [] : [{ logit, isEquivalent }];
  });
}

/** As served: the best over the ground truths, and nothing where one of them does not fit. */
async function logitsOf(
  rows: readonly LabelledAnswer[],
  trainer: NetworkTrainer,
  encode: EncodeComparison,
): Promise<readonly (number | undefined)[]> {
  const pairs = rows.map(({ question, groundTruths, answer }) =>
    groundTruths.map((groundTruth) => encode({ question, groundTruth, answer })),
  );
  const logits = await trainer.logits(pairs.flat());
  let at = 0;
  return pairs.map((each) => {
    const own = logits.slice(at, at + each.length);
    at += each.length;
    return each.some(({ isTruncated }) => isTruncated) ? undefined : Math.max(...own);
  });
}

const PROBES = 32;

async function probesOf(
  rows: readonly LabelledAnswer[],
  trainer: NetworkTrainer,
  encode: EncodeComparison,
): Promise<Distilled<LabelledAnswer>['probes']> {
  const asked = rows
    .slice(0, PROBES)
    .map(({ question, groundTruths, answer }) => ({ question, groundTruth: groundTruths[0], answer }));
  const logits = await trainer.logits(asked.map((each) => encode(each)));
  return asked.map((comparison, index) => ({ comparison, logit: logits[index] ?? Number.NaN }));
}

function countsOf(
  parts: Readonly<Record<Part, readonly LabelledAnswer[]>>,
): Distilled<LabelledAnswer>['counts'] {
  const { train, validation, calibration, heldOut } = parts;
  return {
    train: countOf(train),
    validation: countOf(validation),
    calibration: countOf(calibration),
    heldOut: countOf(heldOut),
  };
}

function pairKey(groundTruth: string, answer: string): string {
  return JSON.stringify([groundTruth, answer]);
}

function countOf(rows: readonly LabelledAnswer[]): PartCount {
  return {
    questions: new Set(rows.map(({ question }) => question)).size,
    verdicts: rows.length,
    yes: rows.filter(({ isEquivalent }) => isEquivalent).length,
  };
}
