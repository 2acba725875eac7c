// Makes the QA pair of one row or draft, or says why there is none. Pure: what is done with a rejection is the caller's business.

import { inferAnswerType } from '../../core/answer-type.ts';
import { draftOf } from '../../core/dataset-layouts.ts';
import { EnvError } from '../../core/errors.ts';
import { whyUnusable } from '../../core/ground-truth-check.ts';
import type { DraftPair, Layout, RejectionReason } from '../../core/layouts/layout.ts';
import type { ColumnMapping } from '../../core/layouts/mapping.ts';
import { pairIdOf } from '../../core/pair-id.ts';
import type { AnswerType, QaPair } from '../../core/qa-pair.ts';
import type { Recipe } from '../../core/recipe.ts';
import { type ScorerNames, validateRecipe } from '../../core/recipe-check.ts';
import { splitOf, splitOfFileName } from '../../core/split.ts';
import type { SourceRow } from '../../ports/row-source.ts';

/** What is said of all pairs of a dataset. */
export interface PairChecks {
  /** Undefined: what the row says, else what its ground truth looks like. */
  readonly answerType: AnswerType | undefined;
  /** All rows into this split. */
  readonly split: string | undefined;
  /** This share of all documents into `test`, the others into `train`. */
  readonly testShare: number | undefined;
  /** The dataset's own recipe. */
  readonly reward: Recipe | undefined;
  /** The scorers that rows may name. */
  readonly scorers: ScorerNames;
  readonly charsMax: { readonly question: number; readonly answer: number; readonly choices: number };
}

/** What an import says of all its rows. */
export interface PairOptions extends PairChecks {
  readonly mapping: ColumnMapping | undefined;
}

export type PairResult =
  | { readonly kind: 'pair'; readonly pair: QaPair }
  | { readonly kind: 'rejected'; readonly reason: RejectionReason; readonly detail: string };

/** The pair of a row of `file`, which has this layout. */
export function pairOf(
  row: SourceRow,
  layout: Layout | undefined,
  file: string,
  options: PairOptions,
): PairResult {
  if (row.kind === 'broken') return rejected(row.reason, row.detail);
  const result = draftOf(row.row, layout, options.mapping);
  return result.kind === 'rejected' ? result : checkedPair(result.draft, options, splitOfFileName(file));
}

/** The pair of a draft, wherever the draft came from. `likelySplit`: for drafts of which nothing else says where they belong. */
export function checkedPair(draft: DraftPair, options: PairChecks, likelySplit = 'train'): PairResult {
  const tooLong = whatIsTooLong(draft, options.charsMax);
  if (tooLong !== undefined) return rejected('too_long', tooLong);
  const unusable = whatIsWrongWith(draft, options.scorers);
  if (unusable !== undefined) return rejected('unusable_field', unusable);
  const { type, problem } = answerTypeOf(draft, options);
  if (problem !== undefined) return rejected('unusable_ground_truth', `as a ${type}: ${problem}`);
  const pairId = pairIdOf(draft);
  const document = draft.provenance.documentId ?? pairId;
  const split =
    options.split ??
    (options.testShare === undefined ? (draft.split ?? likelySplit) : splitOf(document, options.testShare));
  return { kind: 'pair', pair: { ...draft, pairId, answerType: type, split } };
}

function rejected(reason: RejectionReason, detail: string): PairResult {
  return { kind: 'rejected', reason, detail };
}

/**
 * The type that was asked for, that the row states, or that its ground truth looks like; and why that type's verifier
 * cannot use the ground truth. A guess that the verifier cannot use was a wrong guess: then it is text.
 */
function answerTypeOf(
  draft: DraftPair,
  options: PairChecks,
): { readonly type: AnswerType; readonly problem?: string | undefined } {
  const { groundTruth, choices } = draft;
  const stated = options.answerType ?? draft.answerType;
  const type = stated ?? inferAnswerType(groundTruth.answer, choices);
  // A recipe of the row or of the dataset takes the place of the type's own verifier.
  if ((draft.reward ?? options.reward) !== undefined) return { type };
  const problem = whyUnusable(type, groundTruth, choices);
  if (stated !== undefined || choices !== undefined) return { type, problem };
  return { type: problem === undefined ? type : 'text' };
}

function whatIsTooLong(draft: DraftPair, charsMax: PairChecks['charsMax']): string | undefined {
  const { question, groundTruth, choices = [] } = draft;
  const chars =
    typeof question === 'string'
      ? question.length
      : question.reduce((sum, message) => sum + message.content.length, 0);
  if (chars > charsMax.question)
    return `the question has ${chars} characters, ${charsMax.question} is the limit`;
  const answers = [groundTruth.answer, ...groundTruth.aliases, ...choices];
  const longest = Math.max(...answers.map((answer) => answer.length));
  if (longest > charsMax.answer)
    return `an answer has ${longest} characters, ${charsMax.answer} is the limit`;
  return choices.length > charsMax.choices ? `there are more than ${charsMax.choices} choices` : undefined;
}

/** A recipe that no run could be opened with. It is kept as it was written: defaults are filled in when it is used. */
function whatIsWrongWith({ reward }: DraftPair, scorers: ScorerNames): string | undefined {
  if (reward === undefined) return undefined;
  try {
    validateRecipe(reward, scorers);
    return undefined;
  } catch (error) {
    if (error instanceof EnvError) return error.message;
    throw error;
  }
}
