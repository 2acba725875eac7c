// Reads how a reward model is used: what its folder declares (`groupwise.json`), what the server's configuration says over
// it, and what the network's own `config.json` settles. An unknown key is refused by name.

import { IDENTITY, type Calibration } from './calibration.ts';
import { calibrationFromJson } from './calibration-json.ts';
import { isJsonObject } from './canonical-json.ts';
import { invalidArgument } from './errors.ts';
import type { JsonObject } from './json.ts';
import {
  POOLINGS,
  REWARD_MODEL_HEADS,
  REWARD_MODEL_INPUTS,
  TOO_LONG_RULES,
  type Reading,
  type RewardModelHead,
  type RewardModelInput,
  type RewardModelRules,
} from './reward-model.ts';

/** Keys that `rewardModelRules` reads. */
export const REWARD_MODEL_KEYS = [
  'head',
  'label',
  'values',
  'pooling',
  'input',
  'reads',
  'calibration',
  'too_long',
] as const;

/** What the network's own configuration says of its last layer. */
export interface NetworkFacts {
  /** Names of the labels, by index; empty when it has none. */
  readonly labels: readonly string[];
  /** Whether it is a bare encoder: no head on top. */
  readonly isEncoder: boolean;
}

/**
 * @param declared members of `groupwise.json` with those of the server's configuration over them
 * @param field what to call them in an error
 * @throws EnvError `invalid_argument` that names the key at fault, or the one that is missing
 */
export function rewardModelRules(declared: JsonObject, facts: NetworkFacts, field: string): RewardModelRules {
  const stranger = Object.keys(declared).find((key) => !REWARD_MODEL_KEYS.some((known) => known === key));
  if (stranger !== undefined)
    throw invalidArgument(`${field}.${stranger}`, `${field} has no key "${stranger}"`);
  const reading = readReading(declared, facts, field);
  const input = oneOf(declared, 'input', REWARD_MODEL_INPUTS, defaultInput(reading.head), field);
  if (reading.head === 'embedding' && !input.startsWith('ground_truth'))
    throw invalidArgument(
      `${field}.input`,
      `${field}.input must be ground_truth_answer: an embedding compares these two`,
    );
  return {
    reading,
    input,
    // Whoever compares with a ground truth needs the answer alone; whoever judges quality, all of it.
    reads: oneOf(
      declared,
      'reads',
      ['answer', 'completion'] as const,
      input.includes('ground_truth') ? 'answer' : 'completion',
      field,
    ),
    calibration: readCalibration(declared, reading, field),
    tooLong: oneOf(declared, 'too_long', TOO_LONG_RULES, 'truncate', field),
  };
}

function readReading(declared: JsonObject, facts: NetworkFacts, field: string): Reading {
  const head = oneOf(declared, 'head', REWARD_MODEL_HEADS, defaultHead(facts), field);
  const misplaced = (['label', 'values', 'pooling'] as const).find(
    (key) => declared[key] !== undefined && (key === 'pooling') !== (head === 'embedding'),
  );
  if (
    misplaced !== undefined ||
    (head === 'regression' && (declared['label'] ?? declared['values']) !== undefined)
  )
    throw invalidArgument(
      `${field}.${misplaced ?? 'label'}`,
      `${field}.${misplaced ?? 'label'} says nothing for the head "${head}"`,
    );
  if (head === 'regression') return { head };
  if (head === 'embedding') return { head, pooling: oneOf(declared, 'pooling', POOLINGS, 'mean', field) };
  return readClassifier(declared, facts.labels, field);
}

function readClassifier(declared: JsonObject, labels: readonly string[], field: string): Reading {
  const { label, values } = declared;
  const labelCount = labels.length;
  if (labelCount < 2)
    throw invalidArgument(
      `${field}.head`,
      `${field}.head cannot be classifier: config.json has no id2label with two or more`,
    );
  if (label !== undefined && values !== undefined)
    throw invalidArgument(`${field}.values`, `${field} can have label or values, not both`);
  if (Array.isArray(values)) {
    if (values.length !== labelCount || !values.every((value) => Number.isFinite(value)))
      throw invalidArgument(
        `${field}.values`,
        `${field}.values must be ${labelCount} finite numbers, one for each label`,
      );
    // Just checked: each of them is a number.
    return { head: 'classifier', values: values as readonly number[], labelCount };
  }
  const index = typeof label === 'string' ? labels.indexOf(label) : Number(label ?? Number.NaN);
  if (labels[index] === undefined)
    throw invalidArgument(
      `${field}.label`,
      `${field}.label must name the label whose probability is the score (or give values): ${labels.join(', ')}`,
    );
  return { head: 'classifier', label: index, labelCount };
}

function readCalibration(declared: JsonObject, reading: Reading, field: string): Calibration {
  const value = declared['calibration'];
  if (value !== undefined) return calibrationFromJson(value, `${field}.calibration`);
  if (reading.head === 'embedding') return { kind: 'min_max', min: -1, max: 1 };
  // A probability is a score already. Anything else has a scale that only its maker knows.
  if (reading.head === 'classifier' && 'label' in reading) return IDENTITY;
  throw invalidArgument(
    `${field}.calibration`,
    `${field}.calibration is missing: the raw output has no scale of its own`,
  );
}

function defaultHead({ labels, isEncoder }: NetworkFacts): RewardModelHead {
  if (isEncoder) return 'embedding';
  return labels.length > 1 ? 'classifier' : 'regression';
}

function defaultInput(head: RewardModelHead): RewardModelInput {
  return head === 'embedding' ? 'ground_truth_answer' : 'question_answer';
}

function oneOf<Word extends string>(
  declared: JsonObject,
  key: string,
  allowed: readonly Word[],
  fallback: Word,
  field: string,
): Word {
  const value = declared[key];
  if (value === undefined) return fallback;
  const found = allowed.find((word) => word === value);
  if (found === undefined)
    throw invalidArgument(`${field}.${key}`, `${field}.${key} must be one of ${allowed.join(', ')}`);
  return found;
}

/** Labels of a `config.json`, by index. */
export function networkFacts(config: unknown): NetworkFacts {
  const members = isJsonObject(config) ? config : {};
  const names = isJsonObject(members['id2label']) ? members['id2label'] : {};
  const labels: string[] = [];
  for (let index = 0; ; index += 1) {
    const name = names[String(index)];
    if (typeof name !== 'string') break;
    labels.push(name);
  }
  const architectures = Array.isArray(members['architectures']) ? members['architectures'].map(String) : [];
  const isEncoder = architectures.length > 0 && !architectures.some((name) => /For|Reward|Cross/u.test(name));
  return { labels, isEncoder };
}
