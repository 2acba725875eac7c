// The two plain layouts: a prompt with its completion, and a question with its answer, under the column names that public
// datasets use. A completion or worked solution that marks its final answer is cut down to it, and kept beside it.

import { extractAnswer } from '../answer.ts';
import type { GroundTruth } from '../qa-pair.ts';
import { groundTruthCell, labelCell, presentColumn, questionCell } from './cells.ts';
import { chosenLetter, choicesCell, splitCell } from './fields.ts';
import { type DraftPair, type Layout, leftovers, type Row, RowRejected } from './layout.ts';

const QUESTIONS = ['question', 'problem', 'query', 'instruction'];
const ANSWERS = [
  'answer',
  'final_answer',
  'ground_truth',
  'target',
  'answerKey',
  'solution',
  'response',
  'output',
];
const COMPLETIONS = ['completion', 'ground_truth', 'answer', 'solution'];
const CHOICES = ['choices', 'options'];
/** Columns that hold a whole text, in which the answer may be marked. */
const WORKED: ReadonlySet<string> = new Set(['completion', 'solution', 'response', 'output']);
const MARKED: ReadonlySet<string> = new Set(['boxed', 'hash', 'answer_tag']);

export const promptCompletionLayout: Layout = {
  name: 'prompt-completion',
  summary: `prompt (text or messages) with one of ${COMPLETIONS.join(', ')}`,
  matches: (row) => row['prompt'] !== undefined && presentColumn(row, COMPLETIONS) !== undefined,
  read: (row) => read(row, 'prompt', presentColumn(row, COMPLETIONS) ?? 'completion'),
};

export const questionAnswerLayout: Layout = {
  name: 'question-answer',
  summary: `one of ${QUESTIONS.join(', ')} with one of ${ANSWERS.join(', ')}; choices or options`,
  matches: (row) => presentColumn(row, QUESTIONS) !== undefined && presentColumn(row, ANSWERS) !== undefined,
  read: (row) =>
    read(row, presentColumn(row, QUESTIONS) ?? 'question', presentColumn(row, ANSWERS) ?? 'answer'),
};

function read(row: Row, questionColumn: string, answerColumn: string): DraftPair {
  const choicesColumn = presentColumn(row, CHOICES) ?? 'choices';
  const { choices, labels } = choicesCell(row, choicesColumn);
  const letter = choices === undefined ? undefined : chosenLetter(row[answerColumn], choices, labels);
  const answer =
    letter === undefined ? answerIn(row, answerColumn) : { groundTruth: { answer: letter, aliases: [] } };
  const taken = [questionColumn, answerColumn, choicesColumn, 'domain', 'persona', 'split'];
  return {
    question: questionCell(row, questionColumn),
    groundTruth: answer.groundTruth,
    choices,
    domain: labelCell(row, 'domain'),
    persona: labelCell(row, 'persona'),
    split: splitCell(row, 'split'),
    provenance: {
      extra: leftovers(row, taken, answer.solution === undefined ? {} : { solution: answer.solution }),
    },
  };
}

function answerIn(
  row: Row,
  column: string,
): { readonly groundTruth: GroundTruth; readonly solution?: string | undefined } {
  const groundTruth = groundTruthCell(completionRow(row, column), column);
  if (!WORKED.has(column)) return { groundTruth };
  const found = extractAnswer(groundTruth.answer, 'none');
  if (found === undefined || !MARKED.has(found.source)) return { groundTruth };
  return { groundTruth: { answer: found.answer, aliases: [] }, solution: groundTruth.answer };
}

/** A completion may be chat messages: then the last one is it. */
function completionRow(row: Row, column: string): Row {
  const value = row[column];
  if (!Array.isArray(value) || value.every((item) => typeof item !== 'object')) return row;
  const last: Row[string] = value.at(-1);
  if (typeof last !== 'object' || last === null || Array.isArray(last))
    throw new RowRejected('unusable_ground_truth', `column "${column}" does not end with a message`);
  return { [column]: 'content' in last ? (last['content'] ?? null) : null };
}
