// Writes what docs/distill.md measures on: completions with verdicts of a judge that tells the truth, said in many ways.
//
//   node scripts/distilled-verdicts.ts COMPLETIONS.jsonl OUT.jsonl [CASES.json]
//
// COMPLETIONS: lines with question, ground_truth and completions that have text and is_correct; each is there twice, as it is
// and with its answer said another way. CASES: a list of gold, prediction and expected (1 or 0), pairs of mathematics.

import { readFileSync, writeFileSync } from 'node:fs';

import type { LabelledRow } from './cascade/knowing-judge.ts';
import { withParaphrases } from './cascade/measure.ts';

interface Case {
  readonly i: number;
  readonly gold: string;
  readonly prediction: string;
  readonly expected: number;
}

const [completions, out, cases] = process.argv.slice(2);
if (completions === undefined || out === undefined)
  throw new Error('Usage: node scripts/distilled-verdicts.ts COMPLETIONS.jsonl OUT.jsonl [CASES.json]');

const rows = readFileSync(completions, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line): LabelledRow => JSON.parse(line));
const { mix, ways } = withParaphrases(rows);
const pairs: readonly Case[] = cases === undefined ? [] : JSON.parse(readFileSync(cases, 'utf8'));
const lines = [
  ...mix,
  ...pairs.map(({ i, gold, prediction, expected }) => ({
    question: `Case ${i}`,
    ground_truth: gold,
    answer: prediction,
    label: expected === 1,
  })),
];
writeFileSync(out, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
process.stdout.write(`${lines.length} lines; said another way: ${JSON.stringify(ways)}\n`);
