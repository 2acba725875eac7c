// Pairs and questions that people wrote, from files of any layout that an import knows, and of rows that have a question alone. What
// several methods begin with: seed tasks, problems to be varied.

import { isJsonObject } from '../../core/canonical-json.ts';
import { detectLayout, draftOf } from '../../core/dataset-layouts.ts';
import { EnvError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Layout } from '../../core/layouts/layout.ts';
import { parseMapping, type ColumnMapping } from '../../core/layouts/mapping.ts';
import type { Message } from '../../core/prompt.ts';
import type { NamedFiles } from '../../ports/named-files.ts';
import type { SourceRow } from '../../ports/row-source.ts';
import type { Draft } from '../item.ts';

/** Columns of a question that has no answer beside it. */
const QUESTIONS = ['question', 'problem', 'query', 'instruction', 'prompt', 'input', 'text'];

export type ReadRow =
  | { readonly kind: 'draft'; readonly draft: Omit<Draft, 'generator'>; readonly at: string }
  | { readonly kind: 'rejected'; readonly reason: string; readonly detail: string };

/**
 * The rows of all files, in order, in constant memory.
 *
 * @param map columns of fields, as `question=q,ground_truth=a`; null: as the first rows of each file look
 */
export async function* readRows(
  files: NamedFiles,
  { paths, map }: { readonly paths: readonly string[]; readonly map: string | null },
): AsyncGenerator<ReadRow> {
  const mapping = map === null ? undefined : parseMapping(map);
  for (const path of paths) {
    let layout: Layout | undefined;
    for await (const batch of files.rows(path).batches()) {
      layout ??= detectLayout(
        batch.flatMap((row) => (row.kind === 'row' && isJsonObject(row.row) ? [row.row] : [])),
      );
      for (const row of batch) yield readRow(row, { path, layout, mapping });
    }
  }
}

/**
 * All of them at once, for files that a person wrote by hand.
 *
 * @throws EnvError `failed_precondition` for the first row that cannot be read, and where there is none
 */
export async function readAllRows(
  files: NamedFiles,
  from: { readonly paths: readonly string[]; readonly map: string | null },
): Promise<readonly Omit<Draft, 'generator'>[]> {
  const drafts: Omit<Draft, 'generator'>[] = [];
  for await (const row of readRows(files, from)) {
    if (row.kind === 'rejected') {
      throw new EnvError('failed_precondition', `Cannot use a seed file: ${row.detail} (${row.reason})`);
    }
    drafts.push(row.draft);
  }
  if (drafts.length > 0) return drafts;
  throw new EnvError(
    'failed_precondition',
    `Cannot begin without seeds: there are none in ${from.paths.join(', ')}`,
  );
}

function readRow(
  source: SourceRow,
  by: {
    readonly path: string;
    readonly layout: Layout | undefined;
    readonly mapping: ColumnMapping | undefined;
  },
): ReadRow {
  const at = `${by.path}, row ${source.at}`;
  if (source.kind === 'broken') {
    return { kind: 'rejected', reason: source.reason, detail: `${at}: ${source.detail}` };
  }
  const bare = by.layout === undefined && by.mapping === undefined && isJsonObject(source.row);
  if (bare) return questionAlone(source.row, at);
  const read = draftOf(source.row, by.layout, by.mapping);
  if (read.kind === 'rejected') return { ...read, detail: `${at}: ${read.detail}` };
  const { question, groundTruth, answerType, choices, reward, domain, persona } = read.draft;
  const text = typeof question === 'string' ? question : onlyText(question);
  if (text === undefined) {
    return { kind: 'rejected', reason: 'unusable_messages', detail: `${at}: it is a conversation` };
  }
  const { answer, aliases } = groundTruth;
  return {
    kind: 'draft',
    at,
    draft: { question: text, answer, aliases, answerType, choices, reward, domain, persona },
  };
}

function questionAlone(row: JsonObject, at: string): ReadRow {
  const found = QUESTIONS.map((column) => row[column]).find((cell) => typeof cell === 'string');
  if (typeof found !== 'string' || found.trim() === '') {
    return { kind: 'rejected', reason: 'missing_column', detail: `${at}: none of ${QUESTIONS.join(', ')}` };
  }
  return { kind: 'draft', at, draft: { question: found.trim(), answer: '', aliases: [] } };
}

/** A question that was put as one message of the user; what a system message says is not for a new question. */
function onlyText(messages: readonly Message[]): string | undefined {
  const [only, ...more] = messages.filter(({ role }) => role !== 'system');
  return more.length === 0 ? only?.content : undefined;
}
