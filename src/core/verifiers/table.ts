// Name → verifier. A plain table: a new verifier is one file and one line here.

import type { AnswerType } from '../qa-pair.ts';
import { booleanVerifier } from './boolean.ts';
import { choiceVerifier } from './choice.ts';
import { dateVerifier } from './date.ts';
import { exactVerifier } from './exact.ts';
import { formatVerifier } from './format.ts';
import { listVerifier } from './list.ts';
import { mathVerifier } from './math.ts';
import { numericVerifier } from './numeric.ts';
import { regexVerifier } from './regex.ts';
import { stringCheckVerifier } from './string-check.ts';
import { textSimilarityVerifier } from './text-similarity.ts';
import type { Verifier } from './verifier.ts';

export const VERIFIERS: readonly Verifier[] = [
  mathVerifier,
  numericVerifier,
  exactVerifier,
  choiceVerifier,
  dateVerifier,
  listVerifier,
  booleanVerifier,
  regexVerifier,
  formatVerifier,
  stringCheckVerifier,
  textSimilarityVerifier,
];

/** The verifier with this name. */
export function findVerifier(name: string): Verifier | undefined {
  return VERIFIERS.find((verifier) => verifier.name === name);
}

const DEFAULTS: Readonly<Record<AnswerType, string>> = {
  number: 'numeric',
  quantity: 'numeric',
  math: 'math',
  choice: 'choice',
  date: 'date',
  list: 'list',
  boolean: 'boolean',
  text: 'exact',
  pattern: 'regex',
};

/** Name of the verifier for rows that name no reward. */
export function defaultVerifier(answerType: AnswerType): string {
  return DEFAULTS[answerType];
}
