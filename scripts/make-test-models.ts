// Writes small real reward models (seeded random weights) with what they give, by the plain reference in double precision:
//
//   npx node scripts/make-test-models.ts DIR [NAME…]

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { TextTokenizer } from '../src/adapters/tokenizer.ts';
import { readModelFolder } from '../src/adapters/onnx-model-folder.ts';
import { makeModelFolder, MODEL_PLANS, type ModelPlanName } from './models/model-folders.ts';
import { expectedRow } from './models/encoder-reference.ts';

const [parent, ...asked] = process.argv.slice(2);
if (parent === undefined) throw new Error('Usage: make-test-models.ts DIR [NAME…]');
const all = Object.keys(MODEL_PLANS) as ModelPlanName[];
const names =
  asked.length === 0 ? all.filter((name) => name !== 'large') : all.filter((name) => asked.includes(name));

const TEXTS = [
  'The answer is 42.',
  'What is the city of France? Paris, in the question.',
  'no',
  'A river is not a city, and yes: the answer to this question is which of the two we take. '.repeat(4),
];

for (const name of names) {
  const { folder, weights } = makeModelFolder(parent, name);
  const tokenizer = new TextTokenizer(readModelFolder(folder).tokenizer);
  const texts = [...TEXTS, ['What is the question?', 'The answer is Paris.'] as const];
  const logits = texts.map((text) => {
    const [first, second] = typeof text === 'string' ? [text] : text;
    return expectedRow(weights, tokenizer.encode({ first, second }));
  });
  writeFileSync(join(folder, 'expected.json'), JSON.stringify({ texts, logits }));
  console.log(folder);
}
