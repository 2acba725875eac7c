// Whole model folders with seeded random weights: small ones for tests, and one of a realistic size for benchmarks. They
// are real networks that a real runtime runs; only what they have learnt is noise.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { writeEncoder } from './encoder-graph.ts';
import { makeEncoderWeights, type EncoderShape, type EncoderWeights } from './encoder-weights.ts';
import { makeWordPieces, tokenizerJson, type WordPieces } from './word-pieces.ts';

export interface ModelFolderPlan {
  readonly shape: EncoderShape;
  readonly seed: number;
  readonly labels: readonly string[];
  /** Contents of `groupwise.json`. */
  readonly rules: Readonly<Record<string, unknown>>;
}

export interface MadeModel {
  readonly folder: string;
  readonly weights: EncoderWeights;
  readonly pieces: WordPieces;
}

const SMALL = { vocabulary: 400, positions: 64, layers: 2, width: 32, heads: 4, inner: 64 };
const LARGE = { vocabulary: 30_522, positions: 512, layers: 6, width: 384, heads: 12, inner: 1536 };
const SIGMOID = { kind: 'sigmoid', scale: 1, shift: 0 };

/** Name of the folder → what lies in it. */
export const MODEL_PLANS = {
  regression: plan({ ...SMALL, labels: 1 }, 11, ['LABEL_0'], { input: 'answer', calibration: SIGMOID }),
  classifier: plan({ ...SMALL, labels: 3 }, 12, ['bad', 'fair', 'good'], {
    input: 'question_answer',
    label: 'good',
  }),
  'cross-encoder': plan({ ...SMALL, labels: 1 }, 13, ['LABEL_0'], {
    input: 'question_ground_truth_answer',
    calibration: SIGMOID,
  }),
  embedding: plan({ ...SMALL, labels: 0 }, 14, [], { head: 'embedding', pooling: 'mean' }),
  large: plan({ ...LARGE, labels: 1 }, 15, ['LABEL_0'], { input: 'answer', calibration: SIGMOID }),
} as const;
export type ModelPlanName = keyof typeof MODEL_PLANS;

export function makeModelFolder(parent: string, name: ModelPlanName): MadeModel {
  const { shape, seed, labels, rules }: ModelFolderPlan = MODEL_PLANS[name];
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  const weights = makeEncoderWeights(shape, seed);
  const pieces = makeWordPieces(shape.vocabulary, seed);
  const isBare = labels.length === 0;
  const config = {
    architectures: [isBare ? 'BertModel' : 'BertForSequenceClassification'],
    model_type: 'bert',
    max_position_embeddings: shape.positions,
    pad_token_id: 0,
    type_vocab_size: 2,
    ...(isBare ? {} : { id2label: Object.fromEntries(labels.map((label, index) => [index, label])) }),
  };
  writeFileSync(join(folder, 'model.onnx'), writeEncoder(weights));
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizerJson(pieces)));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config, undefined, 2));
  writeFileSync(join(folder, 'groupwise.json'), JSON.stringify(rules, undefined, 2));
  return { folder, weights, pieces };
}

function plan(
  shape: EncoderShape,
  seed: number,
  labels: readonly string[],
  rules: Readonly<Record<string, unknown>>,
): ModelFolderPlan {
  return { shape, seed, labels, rules };
}
