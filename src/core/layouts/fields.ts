// Reads the optional fields of a native row, one reader a field. The native layout uses them all, a column mapping those
// that it names, so that a value means the same wherever it is written.

import { isJsonObject } from '../canonical-json.ts';
import { EnvError } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { provenanceFromJson } from '../pair-json.ts';
import { choiceLetter } from '../prompt.ts';
import { ANSWER_TYPES, type AnswerType, type PairProvenance } from '../qa-pair.ts';
import type { Recipe } from '../recipe.ts';
import { recipeFromJson } from '../recipe-json.ts';
import { labelCell, textListCell } from './cells.ts';
import { leftovers, type Row, RowRejected } from './layout.ts';

const SPLIT_NAME = /^[A-Za-z0-9._-]{1,128}$/;

export function answerTypeCell(row: Row, column: string): AnswerType | undefined {
  const text = labelCell(row, column);
  if (text === undefined) return undefined;
  const found = ANSWER_TYPES.find((type) => type === text);
  if (found === undefined)
    throw new RowRejected('unusable_field', `"${text}" in column "${column}" is no answer type`);
  return found;
}

/** A scorer's name or a recipe, the latter as an object or as JSON text (Parquet has no column of varying objects). */
export function rewardCell(row: Row, column: string): Recipe | undefined {
  const value = row[column];
  if (value === undefined || value === null || value === '') return undefined;
  try {
    const named = jsonIn(value, column);
    return recipeFromJson(typeof named === 'string' ? named.trim() : named, column);
  } catch (error) {
    if (error instanceof EnvError) throw new RowRejected('unusable_field', error.message);
    throw error;
  }
}

/** A share in [0, 1]. */
export function passRateCell(row: Row, column: string): number | undefined {
  const value = row[column];
  if (value === undefined || value === null || value === '') return undefined;
  const rate = typeof value === 'string' ? Number(value) : value;
  if (typeof rate === 'number' && rate >= 0 && rate <= 1) return rate;
  throw new RowRejected('unusable_field', `column "${column}" is not a share from 0 to 1`);
}

export function splitCell(row: Row, column: string): string | undefined {
  const text = labelCell(row, column);
  if (text === undefined || SPLIT_NAME.test(text)) return text;
  throw new RowRejected('unusable_field', `column "${column}" is no name of a split`);
}

/** A list of options, or Hugging Face's `{text: […], label: […]}`; `labels` only for the latter. */
export function choicesCell(
  row: Row,
  column: string,
): { readonly choices?: readonly string[] | undefined; readonly labels?: readonly string[] | undefined } {
  const value = row[column];
  if (!isJsonObject(value)) return { choices: textListCell(row, column) };
  return { choices: textListCell(value, 'text'), labels: textListCell(value, 'label') };
}

/** The letter of an option that is given by its index (from 0) or by one of the labels; any other answer as it is. */
export function chosenLetter(
  answer: JsonValue | undefined,
  choices: readonly string[],
  labels: readonly string[] | undefined,
): string | undefined {
  const index = typeof answer === 'number' ? answer : (labels?.findIndex((label) => label === answer) ?? -1);
  return index >= 0 && index < choices.length && Number.isInteger(index) ? choiceLetter(index) : undefined;
}

/** Provenance as an object or as JSON text. Members that provenance does not know go to its `extra`. */
export function provenanceCell(row: Row, column: string): PairProvenance {
  const value = row[column];
  if (value === undefined || value === null || value === '') return {};
  const json = jsonIn(value, column);
  if (!isJsonObject(json)) throw new RowRejected('unusable_field', `column "${column}" is not an object`);
  const provenance = provenanceFromJson(json);
  const taken = ['document_id', 'span', 'generator', 'prompt_version', 'model', 'cost_usd', 'extra'];
  return { ...provenance, extra: leftovers(json, taken, wellFormedObject(provenance.extra)) };
}

function wellFormedObject(value: JsonObject | undefined): JsonObject {
  return value === undefined ? {} : (leftovers(value, []) ?? {});
}

function jsonIn(value: JsonValue, column: string): JsonValue {
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return value;
  try {
    const parsed: JsonValue = JSON.parse(value);
    return parsed;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RowRejected('unusable_field', `column "${column}" is not JSON: ${error.message}`);
  }
}
