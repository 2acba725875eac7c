// Documents that are rows: JSON lines and Parquet with a column of text, as web corpora and encyclopedias are published. Which
// column is the text is said, never guessed from what the rows hold.

import { isJsonObject } from '../core/canonical-json.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { SourceRow } from '../ports/row-source.ts';
import { checked, type DocumentText, type Unreadable } from './document-text.ts';

/** Names of columns. */
export interface DocumentColumns {
  readonly text: string;
  readonly title: string;
  readonly license: string;
  /** Undefined: a document's id is made from its text. */
  readonly id: string | undefined;
}

export interface RowDocument {
  /** As the row says; undefined: made from the text. */
  readonly id: string | undefined;
  readonly document: DocumentText | Unreadable;
}

/** The document of a row. */
export function rowDocument(row: SourceRow, columns: DocumentColumns): RowDocument {
  if (row.kind === 'broken') return unreadable(row.reason, row.detail);
  const { row: values } = row;
  if (!isJsonObject(values)) return unreadable('not_object', 'is no object with columns');
  const text = values[columns.text];
  if (text === undefined || text === null) {
    return unreadable('no_text_column', `has no text in "${columns.text}"; ${columnsOf(values)}`);
  }
  if (typeof text !== 'string') {
    return unreadable('no_text_column', `has no text but ${kindOf(text)} in "${columns.text}"`);
  }
  // "licence" is the same word.
  const license = values[columns.license] ?? (columns.license === 'license' ? values['licence'] : undefined);
  const id = columns.id === undefined ? undefined : labelOf(values[columns.id]);
  if (columns.id !== undefined && id === undefined) {
    return unreadable('no_id_column', `has no id in "${columns.id}"; ${columnsOf(values)}`);
  }
  return {
    id,
    document: checked({ text, title: labelOf(values[columns.title]), license: labelOf(license) }),
  };
}

/** The columns of a row, for whoever has to say which of them is the text. */
export function columnsOf(row: JsonObject): string {
  const names = Object.keys(row).slice(0, 50);
  return names.length === 0
    ? 'there are no columns'
    : `the columns are ${names.map((name) => `"${name}"`).join(', ')}`;
}

function labelOf(value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return String(value).trim() === '' ? undefined : String(value);
}

function kindOf(value: JsonValue): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function unreadable(reason: string, detail: string): RowDocument {
  return { id: undefined, document: { kind: 'unreadable', reason, detail } };
}
