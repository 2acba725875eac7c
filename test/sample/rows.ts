// Reads the sample dataset as it is committed: plain JSON, none of the importer's code.

import { readFileSync } from 'node:fs';
import type { AnswerType } from '../../src/core/qa-pair.ts';

export const SAMPLE_FOLDER = new URL('../../examples/sample/', import.meta.url);

export interface SampleRow {
  readonly question: string;
  readonly choices?: readonly string[];
  readonly ground_truth: string;
  readonly aliases?: readonly string[];
  readonly answer_type: AnswerType;
  readonly domain: string;
  readonly persona: string;
  readonly split: string;
  readonly provenance: {
    readonly document_id?: string;
    readonly span?: { readonly start: number; readonly end: number };
    readonly generator: string;
    readonly extra?: { readonly family: string; readonly expression: string };
  };
}

export function sampleRows(): readonly SampleRow[] {
  const lines = readFileSync(new URL('questions.jsonl', SAMPLE_FOLDER), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests check what matters of the shape
    return JSON.parse(line) as SampleRow;
  });
}

/** The texts of which any one is a right answer, spelt out: the option's text for a choice. */
export function rightTexts(row: SampleRow): readonly string[] {
  const option = row.answer_type === 'choice' ? row.choices?.['ABCD'.indexOf(row.ground_truth)] : undefined;
  return [option ?? row.ground_truth, ...(row.aliases ?? [])];
}
