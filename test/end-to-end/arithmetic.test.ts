// The recipe `arithmetic` over the documents that come along, by the command: the dataset that the reference trainer learns from when
// it is told nothing else. Enough sums, no model, no sum in two splits, each with a place in its document.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extractAnswer } from '../../src/core/answer.ts';
import { numericVerifier } from '../../src/core/verifiers/numeric.ts';
import { runCommandLine } from '../support/command-line.ts';

const DOCUMENTS = fileURLToPath(new URL('../../examples/documents', import.meta.url));

interface Row {
  readonly question: string;
  readonly ground_truth: string;
  readonly answer_type: string;
  readonly split: string;
  readonly provenance: {
    readonly document_id: string;
    readonly span: { readonly start: number; readonly end: number };
    readonly extra: { readonly source: string };
  };
}

let folder = '';
let rows: readonly Row[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-arithmetic-'));
  const data = ['--data', join(folder, 'data')];
  const made = await runCommandLine(
    'generate',
    DOCUMENTS,
    '--name',
    'sums',
    '--recipe',
    'arithmetic',
    ...data,
  );
  if (made.status !== 0) throw new Error(made.stderr);
  const out = join(folder, 'rows.jsonl');
  await runCommandLine('dataset', 'export', 'sums', '--out', out, ...data);
  rows = readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    // What the command has just written.
    .map((line): Row => JSON.parse(line) as Row);
});

/** What the verifier of these rows says of a bare completion. */
function verdictOn(completion: string, answer: string): string {
  return numericVerifier.verify({
    answer: extractAnswer(completion, numericVerifier.fallback)?.answer ?? '',
    groundTruth: { answer, aliases: [] },
    choices: [],
    promptText: '',
    options: numericVerifier.parseOptions({}),
  }).kind;
}

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the recipe "arithmetic" over examples/documents', () => {
  it('gives enough sums to train on and to test by', () => {
    const count = (split: string): number => rows.filter((row) => row.split === split).length;
    expect(count('train')).toBeGreaterThan(1_500);
    expect(count('test')).toBeGreaterThan(200);
    expect(new Set(rows.map(({ question }) => question)).size).toBe(rows.length);
  });

  it('gives rows that their verifier says yes to, and no to another number', () => {
    for (const { question, ground_truth: answer, answer_type: type } of rows) {
      const [a = 0, b = 0] = question.slice(0, -1).split('+').map(Number);
      expect(type).toBe('number');
      expect(Number(answer)).toBe(a + b);
      expect(verdictOn(answer, answer)).toBe('correct');
      expect(verdictOn(String(a + b + 10), answer)).toBe('incorrect');
    }
  });

  it('keeps both orders of a sum in one split, which is its document’s', () => {
    const splits = new Map(rows.map(({ question, split }) => [question, split]));
    const documents = new Map(rows.map(({ provenance, split }) => [provenance.document_id, split]));
    for (const { question, split, provenance } of rows) {
      const [a, b] = question.slice(0, -1).split('+');
      expect(splits.get(`${b}+${a}=`)).toBe(split);
      expect(documents.get(provenance.document_id)).toBe(split);
    }
  });

  it('names the bytes of the document between and with the two numbers', () => {
    for (const { question, provenance } of rows) {
      const path = join(DOCUMENTS, '..', provenance.extra.source);
      const { start, end } = provenance.span;
      const stretch = readFileSync(path).subarray(start, end).toString();
      for (const number of question.slice(0, -1).split('+')) {
        expect(stretch).toMatch(new RegExp(`(?:^|\\D|\\d\\d)0?${number}(?:\\d\\d|\\D|$)`, 'u'));
      }
    }
  });
});
