// Readers of single cells, shared by the layouts: each returns a value of the core's type or rejects the row with a reason
// that names the column. An absent cell and a null are the same thing.

import { isJsonObject } from '../canonical-json.ts';
import type { JsonValue } from '../json.ts';
import { type Message, ROLES } from '../prompt.ts';
import type { GroundTruth } from '../qa-pair.ts';
import { type Row, RowRejected } from './layout.ts';

/** The first of the columns that the row has a value in. */
export function presentColumn(row: Row, columns: readonly string[]): string | undefined {
  return columns.find((column) => row[column] !== undefined && row[column] !== null);
}

/** Text as it stands; numbers and booleans in their plain form. Undefined when absent. */
export function textCell(row: Row, column: string): string | undefined {
  const value = row[column];
  if (value === undefined || value === null) return undefined;
  const text = plainText(value);
  if (text === undefined) throw new RowRejected('unusable_field', `column "${column}" is not text`);
  return text;
}

/** As `textCell`, without space at the ends; blank text is absent. */
export function labelCell(row: Row, column: string): string | undefined {
  return textCell(row, column)?.trim() || undefined;
}

/** Text, or chat messages that end with the user's. */
export function questionCell(row: Row, column: string): string | readonly Message[] {
  const value = row[column];
  if (value === undefined || value === null) throw missing(column, value);
  if (Array.isArray(value)) return messagesOf(value, column);
  const text = plainText(value);
  if (text === undefined)
    throw new RowRejected('unusable_field', `column "${column}" is neither text nor messages`);
  if (text.trim() === '') throw new RowRejected('empty_question', `column "${column}" is blank`);
  return text;
}

/**
 * Text, a number, a boolean; or several of them, of which the first is the answer and the others are as right. An object
 * holds one of these under `target`, `answer` or `ground_truth`.
 */
export function groundTruthCell(row: Row, column: string): GroundTruth {
  const value = row[column];
  if (value === undefined || value === null) throw missing(column, value);
  const answers = answersOf(value, column)
    .map((answer) => answer.trim())
    .filter((answer) => answer !== '');
  const [answer, ...aliases] = new Set(answers);
  if (answer === undefined) throw new RowRejected('empty_ground_truth', `column "${column}" is blank`);
  return { answer, aliases };
}

/** A list of texts; undefined when absent or empty. */
export function textListCell(row: Row, column: string): readonly string[] | undefined {
  const value = row[column];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw new RowRejected('unusable_field', `column "${column}" is not a list`);
  const texts = value.map((item: JsonValue) => {
    const text = plainText(item);
    if (text === undefined)
      throw new RowRejected('unusable_field', `column "${column}" holds more than texts`);
    return text;
  });
  return texts.length === 0 ? undefined : texts;
}

/** `value`: what the row has there, which is nothing. */
export function missing(column: string, value?: JsonValue): RowRejected {
  const detail = value === null ? `column "${column}" is null` : `there is no column "${column}"`;
  return new RowRejected('missing_column', detail);
}

function plainText(value: JsonValue): string | undefined {
  if (typeof value === 'string') return value.toWellFormed();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function answersOf(value: JsonValue, column: string): readonly string[] {
  const text = plainText(value);
  if (text !== undefined) return [text];
  if (Array.isArray(value)) {
    const texts = value.map((item: JsonValue) => plainText(item));
    if (texts.every((item) => item !== undefined)) return texts;
  }
  if (isJsonObject(value)) {
    const inner = value['target'] ?? value['answer'] ?? value['ground_truth'];
    if (inner !== undefined && inner !== null && !isJsonObject(inner)) return answersOf(inner, column);
  }
  throw new RowRejected('unusable_ground_truth', `column "${column}" holds no text, number or list of them`);
}

function messagesOf(value: readonly JsonValue[], column: string): readonly Message[] {
  const messages = value.map((item, index): Message => {
    const where = `message ${index} of column "${column}"`;
    const role = isJsonObject(item) ? ROLES.find((each) => each === item['role']) : undefined;
    if (role === undefined)
      throw new RowRejected('unusable_messages', `${where} has no role of: ${ROLES.join(', ')}`);
    const content = isJsonObject(item) ? contentOf(item['content']) : undefined;
    if (content === undefined)
      throw new RowRejected('unusable_messages', `${where} has more than text in it`);
    return { role, content };
  });
  const last = messages.at(-1);
  if (last === undefined) throw new RowRejected('empty_question', `column "${column}" has no messages`);
  if (last.role !== 'user')
    throw new RowRejected('unusable_messages', `column "${column}" does not end with the user`);
  if (last.content.trim() === '')
    throw new RowRejected('empty_question', `column "${column}" ends with a blank message`);
  return messages;
}

/** A message's text, or its text parts one after the other; undefined when it holds anything else. */
function contentOf(content: JsonValue | undefined): string | undefined {
  if (typeof content === 'string') return content.toWellFormed();
  if (!Array.isArray(content)) return undefined;
  const parts = content.map((part: JsonValue) =>
    isJsonObject(part) && part['type'] === 'text' && typeof part['text'] === 'string'
      ? part['text']
      : undefined,
  );
  return parts.every((part) => part !== undefined) ? parts.join('').toWellFormed() : undefined;
}
