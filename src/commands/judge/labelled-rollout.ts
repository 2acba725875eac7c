// One line of a labelled file: the group that is scored, what its labels say, and where its question belongs.

import { isJsonObject } from '../../core/canonical-json.ts';
import { inferAnswerType } from '../../core/answer-type.ts';
import { invalidArgument } from '../../core/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import type { QaPair } from '../../core/qa-pair.ts';
import type { OfflineRewards } from '../score/offline-rewards.ts';
import { parseStoredRollout, type ScoreDefaults, type StoredRollout } from '../score/stored-rollout.ts';

/** Where a question belongs; empty where nobody knows. */
export interface Place {
  readonly answerType: string;
  readonly domain: string;
}

export interface LabelledRollout extends StoredRollout {
  /** File and line. */
  readonly at: string;
}

/** @throws EnvError `invalid_argument` that names the field of the line; also for a line without any label */
export function parseLabelledRollout(row: JsonValue, at: string, defaults: ScoreDefaults): LabelledRollout {
  const rollout = parseStoredRollout(row, defaults);
  if (rollout.known.every(({ isCorrect }) => isCorrect === undefined)) {
    throw invalidArgument('label', 'Must be true or false, or "is_correct" of each completion');
  }
  return { ...rollout, at };
}

/** As the line says, else as the row of the dataset does, else the type that the ground truth looks like. */
export async function placeOf(
  { row, group }: StoredRollout,
  findPair: OfflineRewards['findPair'],
): Promise<Place> {
  const { reference } = group;
  const pair = reference.kind === 'row' ? await findPair(reference.dataset, reference.pairId) : undefined;
  const inferred =
    reference.kind === 'inline' ? inferAnswerType(reference.groundTruth.answer, reference.choices) : '';
  const saidType = textOf(isJsonObject(row) ? row['answer_type'] : undefined);
  return {
    answerType: saidType ?? typeOf(pair) ?? inferred,
    domain: textOf(row['domain']) ?? pair?.domain ?? '',
  };
}

function typeOf(pair: QaPair | undefined): string | undefined {
  return pair?.answerType;
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
