// The recall of MAmmoTH2 (arXiv 2405.03548): a small classifier that learned from pages with exercises, and from any others, chooses the pages that are
// worth a model's reading. It runs here and costs nothing.

import { z } from 'zod';

import { isJsonObject } from '../../core/canonical-json.ts';
import { EnvError } from '../../core/errors.ts';
import {
  classify,
  type TextClassifier,
  trainClassifier,
  TRAINING_DEFAULTS,
  type TrainingExample,
} from '../../core/text-classifier/classifier.ts';
import { classifierFromJson } from '../../core/text-classifier/classifier-json.ts';
import type { NamedFiles } from '../../ports/named-files.ts';
import { asPassage } from '../item.ts';
import { dropped, kept, noted, stageKind } from '../stage.ts';

const recallOptions = () =>
  z
    .strictObject({
      /** Files of rows with pages of the kind to find, and of any other kind. */
      positives: z.array(z.string().min(1)).default([]),
      negatives: z.array(z.string().min(1)).default([]),
      /** Column of the text in those files. */
      column: z.string().min(1).default('text'),
      /** Rows of each kind that it learns from, the first ones. */
      examples_max: z.int().min(1).default(20_000),
      epochs: z.int().min(1).max(100).default(TRAINING_DEFAULTS.epochs),
      bits: z.int().min(8).max(22).default(TRAINING_DEFAULTS.bits),
      seed: z.int().min(0).default(TRAINING_DEFAULTS.seed),
      /** A classifier that was trained before, instead of files to learn from. */
      classifier: z.string().min(1).nullable().default(null),
      /** Least probability for a passage to stay. */
      min: z.number().min(0).max(1).default(0.5),
    })
    .refine(
      ({ positives, negatives, classifier }) =>
        classifier === null
          ? positives.length > 0 && negatives.length > 0
          : positives.length + negatives.length === 0,
      'needs "positives" and "negatives" to learn from, or else a "classifier"',
    );
type RecallOptions = z.output<ReturnType<typeof recallOptions>>;

/** Of the probability in notes. */
const DECIMALS = 1e4;
const SHOWN_CHARS = 200;

export const recall = stageKind({
  name: 'recall',
  summary:
    'A classifier learns from example pages which passages are of their kind, and drops the others (MAmmoTH2).',
  takes: 'passage',
  gives: 'passage',
  model: undefined,
  options: recallOptions,
  reads: ({ positives, negatives, classifier }: RecallOptions) => [
    ...positives,
    ...negatives,
    ...(classifier === null ? [] : [classifier]),
  ],
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 0.2 }),
  build: (options: RecallOptions) => {
    let trained: Promise<TextClassifier> | undefined;
    return {
      kind: 'each',
      apply: async (each, { files }) => {
        const item = asPassage(each);
        trained ??= classifierOf(files, options);
        const { title, text } = item.passage;
        const score = classify(await trained, title === undefined ? text : `${title}\n${text}`);
        const shown = Math.round(score * DECIMALS) / DECIMALS;
        return score < options.min
          ? dropped('not_recalled', `${shown}: ${text.slice(0, SHOWN_CHARS)}`)
          : kept({ ...item, notes: noted(item.notes, 'recall', shown) });
      },
    };
  },
});

async function classifierOf(files: NamedFiles, options: RecallOptions): Promise<TextClassifier> {
  if (options.classifier !== null) return readClassifier(files, options.classifier);
  const examples = [
    ...(await examplesOf(files, options.positives, { options, isPositive: true })),
    ...(await examplesOf(files, options.negatives, { options, isPositive: false })),
  ];
  const { bits, epochs, seed } = options;
  return trainClassifier(examples, { ...TRAINING_DEFAULTS, bits, epochs, seed });
}

async function examplesOf(
  files: NamedFiles,
  paths: readonly string[],
  { options, isPositive }: { readonly options: RecallOptions; readonly isPositive: boolean },
): Promise<readonly TrainingExample[]> {
  const examples: TrainingExample[] = [];
  for (const path of paths) {
    for await (const batch of files.rows(path).batches()) {
      for (const row of batch) {
        if (examples.length >= options.examples_max) return examples;
        const text = row.kind === 'row' && isJsonObject(row.row) ? row.row[options.column] : undefined;
        if (typeof text !== 'string' || text.trim() === '') {
          throw new EnvError(
            'failed_precondition',
            `Cannot learn from "${path}": row ${row.at} has no text in column "${options.column}"`,
          );
        }
        examples.push({ text, isPositive });
      }
    }
  }
  return examples;
}

async function readClassifier(files: NamedFiles, path: string): Promise<TextClassifier> {
  for await (const batch of files.rows(path).batches()) {
    const [row] = batch;
    if (row?.kind !== 'row') break;
    try {
      return classifierFromJson(row.row);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new EnvError('failed_precondition', `Cannot use "${path}": ${error.message}`, { cause: error });
    }
  }
  throw new EnvError('failed_precondition', `Cannot use "${path}": it holds no classifier`);
}
