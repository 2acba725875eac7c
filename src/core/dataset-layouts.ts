// The layouts that datasets come in, which one a file has, and how one of its rows becomes a draft of a QA pair.

import { isJsonObject } from './canonical-json.ts';
import type { JsonValue } from './json.ts';
import { gsm8kLayout } from './layouts/gsm8k.ts';
import {
  type DraftPair,
  type Layout,
  type RejectionReason,
  type Row,
  RowRejected,
} from './layouts/layout.ts';
import { type ColumnMapping, mapped } from './layouts/mapping.ts';
import { nativeLayout } from './layouts/native.ts';
import { promptCompletionLayout, questionAnswerLayout } from './layouts/question-answer.ts';
import { verlLayout } from './layouts/verl.ts';
import { webscaleRlLayout } from './layouts/webscale-rl.ts';

/** The most telling columns first: a row of an earlier layout may look like one of a later. */
export const LAYOUTS: readonly Layout[] = [
  verlLayout,
  nativeLayout,
  webscaleRlLayout,
  gsm8kLayout,
  promptCompletionLayout,
  questionAnswerLayout,
];

export type DraftResult =
  | { readonly kind: 'draft'; readonly draft: DraftPair }
  | { readonly kind: 'rejected'; readonly reason: RejectionReason; readonly detail: string };

export function findLayout(name: string): Layout | undefined {
  return LAYOUTS.find((layout) => layout.name === name);
}

/** The first layout that at least half of the rows have; undefined when there is none. */
export function detectLayout(rows: readonly Row[]): Layout | undefined {
  return LAYOUTS.find((layout) => {
    const matching = rows.filter((row) => layout.matches(row)).length;
    return matching > 0 && matching * 2 >= rows.length;
  });
}

/** Reads one row. Without a layout the mapping must name the question and the ground truth. */
export function draftOf(
  row: JsonValue,
  layout: Layout | undefined,
  mapping: ColumnMapping | undefined,
): DraftResult {
  if (!isJsonObject(row)) {
    return { kind: 'rejected', reason: 'not_an_object', detail: 'is not an object with columns' };
  }
  try {
    return { kind: 'draft', draft: mapped(row, layout, mapping) };
  } catch (error) {
    if (!(error instanceof RowRejected)) throw error;
    return { kind: 'rejected', reason: error.reason, detail: error.message };
  }
}
