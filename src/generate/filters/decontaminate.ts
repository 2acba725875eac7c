// Drops questions that stand in a benchmark, short and reordered ones included. A benchmark that cannot be read stops the run:
// a check that looked at nothing must not pass.

import { z } from 'zod';

import { isJsonObject } from '../../core/canonical-json.ts';
import { detectLayout, draftOf } from '../../core/dataset-layouts.ts';
import { EnvError } from '../../core/errors.ts';
import type { Layout, Row } from '../../core/layouts/layout.ts';
import { type ColumnMapping, parseMapping } from '../../core/layouts/mapping.ts';
import { BenchmarkIndex } from '../../core/similarity/contamination.ts';
import type { NamedFiles } from '../../ports/named-files.ts';
import { dropped, kept, type Outcome, stageKind } from '../stage.ts';
import { asPair, type Item } from '../item.ts';

/** Share of a benchmark's rows that may be unreadable before it counts as the wrong file. */
const UNREADABLE_MAX = 0.01;

interface Options {
  readonly against: readonly string[];
  readonly map: string | null;
}

export const decontaminate = stageKind<Options>({
  name: 'decontaminate',
  summary: 'Drops questions of the benchmarks that `against` names, also short, reordered and embedded ones.',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  reads: ({ against }) => against,
  options: () =>
    z.strictObject({ against: z.array(z.string().min(1)).min(1), map: z.string().nullable().default(null) }),
  build: ({ against, map }) => {
    let benchmarks: Promise<Benchmarks> | undefined;
    return {
      kind: 'each',
      apply: async (item, { files }) => {
        benchmarks ??= Benchmarks.read(files, against, map === null ? undefined : parseMapping(map));
        return (await benchmarks).judge(item);
      },
    };
  },
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 0.99 }),
});

/** The questions of all benchmark files, and where each stands. */
class Benchmarks {
  readonly #index = new BenchmarkIndex();
  readonly #starts: { readonly path: string; readonly first: number }[] = [];

  static async read(
    files: NamedFiles,
    paths: readonly string[],
    mapping: ColumnMapping | undefined,
  ): Promise<Benchmarks> {
    const benchmarks = new Benchmarks();
    for (const path of paths) await benchmarks.#add(files, path, mapping);
    return benchmarks;
  }

  judge(item: Item): Outcome {
    const { question, answer } = asPair(item).draft;
    const found = this.#index.find(question, answer);
    if (found === undefined) return kept(item);
    const file = this.#starts.findLast(({ first }) => first <= found.benchmark);
    const at = `${file?.path ?? ''}, question ${found.benchmark - (file?.first ?? 0) + 1}`;
    return dropped(`contaminated_${found.rule}`, `"${question}" has "${found.evidence}" of ${at}`);
  }

  async #add(files: NamedFiles, path: string, mapping: ColumnMapping | undefined): Promise<void> {
    this.#starts.push({ path, first: this.#index.size });
    const before = this.#index.size;
    let read = 0;
    let layout: Layout | undefined;
    for await (const batch of files.rows(path).batches()) {
      const rows = batch.flatMap((row): Row[] =>
        row.kind === 'row' && isJsonObject(row.row) ? [row.row] : [],
      );
      layout ??= detectLayout(rows);
      read += batch.length;
      for (const row of rows) this.#addRow(row, layout, mapping);
    }
    const added = this.#index.size - before;
    if (added === 0 || (read - added) / read > UNREADABLE_MAX) {
      throw new EnvError(
        'failed_precondition',
        `Cannot decontaminate against "${path}": ${added} of its ${read} rows hold a question that can be read; name its columns with "map"`,
        { field: 'against' },
      );
    }
  }

  #addRow(row: Row, layout: Layout | undefined, mapping: ColumnMapping | undefined): void {
    if (layout === undefined && mapping === undefined) return;
    const result = draftOf(row, layout, mapping);
    if (result.kind === 'rejected') return;
    const { question, groundTruth } = result.draft;
    const text = typeof question === 'string' ? question : question.map(({ content }) => content).join(' ');
    this.#index.add(text, groundTruth.answer);
  }
}
