// Draws rows of a dataset file by a seed, for judging by hand: the same file and seed give the same rows on any machine, and a
// row keeps its place whatever other rows there are. Prints question, answer and evidence as Markdown.
//
//   node scripts/draw-rows.mjs FILE.jsonl --seed 1 --count 50 [--documents FOLDER]

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '50' },
    documents: { type: 'string' },
  },
});
const [file] = positionals;
if (file === undefined) {
  process.stderr.write('Cannot draw rows: name a JSONL file\n');
  process.exit(2);
}

const rows = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));
const placed = rows
  .map((row) => ({
    row,
    place: createHash('sha256').update(`${values.seed}\n${row.question}`).digest('hex'),
  }))
  .toSorted((a, b) => (a.place < b.place ? -1 : 1))
  .slice(0, Number(values.count));

for (const [index, { row }] of placed.entries()) {
  process.stdout.write(`${index + 1}. ${row.question} → **${row.ground_truth}**\n`);
  const evidence = evidenceOf(row.provenance);
  if (evidence !== undefined) process.stdout.write(`   > ${evidence}\n`);
}

/** The bytes of the document that state the answer, where the documents are at hand. */
function evidenceOf({ span, extra }) {
  const source = extra?.source;
  if (values.documents === undefined || source === undefined || span === undefined) return undefined;
  const bytes = readFileSync(join(values.documents, source));
  return bytes.subarray(span.start, span.end).toString('utf8').replace(/\s+/gu, ' ');
}
