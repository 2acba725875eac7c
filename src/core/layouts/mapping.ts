// A user's own mapping of fields to columns, by itself or over a layout: `question=prompt.0.content,ground_truth=label`. A
// column is a name, or a path into nested ones with dots; a column whose own name has dots in it comes first.

import { invalidArgument } from '../errors.ts';
import type { JsonValue } from '../json.ts';
import { groundTruthCell, labelCell, missing, questionCell, textListCell } from './cells.ts';
import { answerTypeCell, chosenLetter, choicesCell, passRateCell, rewardCell, splitCell } from './fields.ts';
import { type DraftPair, type Layout, leftovers, type Row } from './layout.ts';

export const MAPPABLE_FIELDS = [
  'question',
  'ground_truth',
  'aliases',
  'choices',
  'answer_type',
  'reward',
  'domain',
  'persona',
  'document_id',
  'pass_rate',
  'split',
] as const;
export type MappableField = (typeof MAPPABLE_FIELDS)[number];

/** Field → column. */
export type ColumnMapping = Readonly<Partial<Record<MappableField, string>>>;

/**
 * Reads `field=column,field=column`.
 *
 * @throws EnvError `invalid_argument` for an unknown field or a missing column
 */
export function parseMapping(text: string): ColumnMapping {
  const mapping: Partial<Record<MappableField, string>> = {};
  for (const part of text.split(',')) {
    const [name = '', ...column] = part.split('=');
    const field = MAPPABLE_FIELDS.find((each) => each === name.trim());
    if (field === undefined) {
      throw invalidArgument(
        '--map',
        `Cannot map "${name.trim()}": the fields are ${MAPPABLE_FIELDS.join(', ')}`,
      );
    }
    const path = column.join('=').trim();
    if (path === '')
      throw invalidArgument('--map', `Cannot map "${field}": no column is named, as in ${field}=COLUMN`);
    mapping[field] = path;
  }
  return mapping;
}

/** The value at a column or path; undefined when there is none. */
export function valueAt(row: Row, path: string): JsonValue | undefined {
  if (Object.hasOwn(row, path)) return row[path];
  let value: JsonValue | undefined = row;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    // Lists are addressed by index; own keys only, so that no path leads into a prototype.
    value = Object.hasOwn(value, key)
      ? new Map<string, JsonValue>(Object.entries(value)).get(key)
      : undefined;
  }
  return value;
}

/** Reads a row by its layout, then lets the mapped columns have their say. */
export function mapped(row: Row, layout: Layout | undefined, mapping: ColumnMapping | undefined): DraftPair {
  if (mapping === undefined) {
    if (layout === undefined) throw missing('question');
    return layout.read(row);
  }
  const fields: Record<string, JsonValue> = {};
  for (const [field, path] of Object.entries(mapping)) {
    const value = valueAt(row, path);
    if (value !== undefined && value !== null) fields[field] = value;
    else if (field === 'question' || field === 'ground_truth') throw missing(path, value);
  }
  const draft: Partial<DraftPair> = layout === undefined ? {} : layout.read(row);
  const own = readFields(fields, draft);
  const documentId = labelCell(fields, 'document_id');
  const provenance = draft.provenance ?? { extra: leftovers(row, Object.values(mapping)) };
  return {
    ...draft,
    ...own,
    provenance: documentId === undefined ? provenance : { ...provenance, documentId },
  };
}

/** What the mapped columns say; the question and the ground truth may come from the layout instead. */
function readFields(fields: Row, draft: Partial<DraftPair>): Omit<DraftPair, 'provenance'> {
  const question = 'question' in fields ? questionCell(fields, 'question') : draft.question;
  if (question === undefined) throw missing('question');
  const { choices = draft.choices, labels } = choicesCell(fields, 'choices');
  const letter = choices === undefined ? undefined : chosenLetter(fields['ground_truth'], choices, labels);
  const stated = letter === undefined ? undefined : { answer: letter, aliases: [] };
  const groundTruth =
    stated ?? ('ground_truth' in fields ? groundTruthCell(fields, 'ground_truth') : draft.groundTruth);
  if (groundTruth === undefined) throw missing('ground_truth');
  return {
    question,
    groundTruth: {
      answer: groundTruth.answer,
      aliases: [...groundTruth.aliases, ...(textListCell(fields, 'aliases') ?? [])],
    },
    choices,
    answerType: answerTypeCell(fields, 'answer_type') ?? draft.answerType,
    reward: rewardCell(fields, 'reward') ?? draft.reward,
    domain: labelCell(fields, 'domain') ?? draft.domain,
    persona: labelCell(fields, 'persona') ?? draft.persona,
    passRate: passRateCell(fields, 'pass_rate') ?? draft.passRate,
    split: splitCell(fields, 'split') ?? draft.split,
  };
}
