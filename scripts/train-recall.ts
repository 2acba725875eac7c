// Trains the classifier of the stage `recall` and writes it as a file of one line: `node scripts/train-recall.ts --positive FILE --negative FILE
// --out FILE`. Prints how well it tells apart every tenth row, which it has not learned from.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { openRowFile } from '../src/adapters/row-files.ts';
import { isJsonObject } from '../src/core/canonical-json.ts';
import {
  classify,
  trainClassifier,
  type TextClassifier,
  TRAINING_DEFAULTS,
  type TrainingExample,
} from '../src/core/text-classifier/classifier.ts';
import { classifierToJson } from '../src/core/text-classifier/classifier-json.ts';

const HELD_OUT_EVERY = 10;

const { values } = parseArgs({
  options: {
    positive: { type: 'string', multiple: true, default: [] },
    negative: { type: 'string', multiple: true, default: [] },
    column: { type: 'string', default: 'text' },
    seed: { type: 'string', default: String(TRAINING_DEFAULTS.seed) },
    out: { type: 'string' },
  },
});
const { positive, negative, column, out } = values;
if (out === undefined) throw new Error('Name the file to write: --out FILE');

const examples = [...(await read(positive, true)), ...(await read(negative, false))];
const rule = { ...TRAINING_DEFAULTS, seed: Number(values.seed) };
const heldOut = examples.filter((_, index) => index % HELD_OUT_EVERY === HELD_OUT_EVERY - 1);
const learned = examples.filter((_, index) => index % HELD_OUT_EVERY !== HELD_OUT_EVERY - 1);
process.stdout.write(
  `${examples.length} rows; of ${heldOut.length} held out: ${quality(trainClassifier(learned, rule))}\n`,
);
writeFileSync(out, `${JSON.stringify(classifierToJson(trainClassifier(examples, rule)))}\n`);

async function read(paths: readonly string[], isPositive: boolean): Promise<readonly TrainingExample[]> {
  const rows: TrainingExample[] = [];
  for (const path of paths) {
    for await (const batch of openRowFile(path).batches()) {
      for (const row of batch) {
        const text = row.kind === 'row' && isJsonObject(row.row) ? row.row[column] : undefined;
        if (typeof text !== 'string') throw new Error(`Row ${row.at} of ${path} has no text in "${column}"`);
        rows.push({ text, isPositive });
      }
    }
  }
  return rows;
}

function quality(classifier: TextClassifier): string {
  const judged = heldOut.map(({ text, isPositive }) => ({
    isPositive,
    isFound: classify(classifier, text) >= 0.5,
  }));
  const found = judged.filter(({ isFound }) => isFound);
  const right = found.filter(({ isPositive }) => isPositive).length;
  const all = judged.filter(({ isPositive }) => isPositive).length;
  return `${right} of ${found.length} found are right, ${right} of ${all} are found`;
}
