// What a run will likely ask and cost, stage by stage, before anything is spent. Estimates: of yields and lengths by the stages'
// own word, of tokens as a quarter of the bytes; on texts other than English the latter is low.

import { costOf, type TokenPrice } from '../../core/price-table.ts';
import type { DocumentSource } from '../../ports/document-source.ts';
import type { NamedFiles } from '../../ports/named-files.ts';
import { costSum } from '../costs.ts';
import type { StageEstimate } from '../stage.ts';
import type { PlannedStage } from './planned-stage.ts';

export const BYTES_PER_TOKEN = 4;

/** What goes in. */
export interface InputSize {
  readonly documents: number;
  readonly passages: number;
  /** Of all passages, in UTF-8. */
  readonly textBytes: number;
  /** False where it was extrapolated from the first documents. */
  readonly isCounted: boolean;
  /** Of the files that the first stage begins with; absent where it begins with none. */
  readonly rows?: number | undefined;
}

export interface StageForecast {
  readonly name: string;
  readonly model: string | undefined;
  /** Items that come in. */
  readonly items: number;
  readonly calls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Null when the model's price is not known. */
  readonly costUsd: number | null;
}

export interface RunForecast {
  readonly stages: readonly StageForecast[];
  readonly pairs: number;
  readonly calls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number | null;
}

/** Reads the documents until `bytesMax` of files were read, and extrapolates from there. */
export async function measureInput(source: DocumentSource, bytesMax: number): Promise<InputSize> {
  const count = { documents: 0, passages: 0, textBytes: 0 };
  const before = source.bytesRead();
  for await (const document of source.documents()) {
    const read = source.bytesRead() - before;
    count.documents += 1;
    if (document.kind === 'document') {
      count.passages += document.passages.length;
      for (const { span } of document.passages) count.textBytes += span.end - span.start;
    }
    if (read < bytesMax || read >= source.bytesTotal) continue;
    const factor = source.bytesTotal / read;
    return {
      documents: Math.round(count.documents * factor),
      passages: Math.round(count.passages * factor),
      textBytes: Math.round(count.textBytes * factor),
      isCounted: false,
    };
  }
  return { ...count, isCounted: true };
}

/** Counts the rows of the files that a first stage takes its items from, up to `rowsMax`; undefined for any other first stage. */
export async function measureRows(
  [first]: readonly PlannedStage[],
  files: NamedFiles,
): Promise<number | undefined> {
  if (first?.estimate.rowsMax === undefined) return undefined;
  let count = 0;
  for (const path of first.reads) {
    for await (const batch of files.rows(path).batches()) {
      count += batch.length;
      if (count >= first.estimate.rowsMax) return first.estimate.rowsMax;
    }
  }
  return count;
}

/** `prices`: by the models' names in the recipe. Items and calls are rounded where they are printed, not here. */
export function forecastRun(
  stages: readonly PlannedStage[],
  input: InputSize,
  prices: ReadonlyMap<string, TokenPrice | null>,
): RunForecast {
  const passageTokens = input.passages === 0 ? 0 : input.textBytes / input.passages / BYTES_PER_TOKEN;
  const forecasts: StageForecast[] = [];
  // A stage that makes the first items from the task is asked once.
  let items = stages[0]?.kind.takes === 'task' ? 1 : input.passages;
  /** Of those, the ones that no method has made of others. */
  let originals = items;
  for (const { name, model, estimate } of stages) {
    const calls = (estimate.varies === undefined ? items : originals) * estimate.calls;
    const promptTokens = calls * (estimate.promptTokens + (estimate.showsPassage ? passageTokens : 0));
    const completionTokens = calls * estimate.completionTokens;
    const price = model === undefined ? null : (prices.get(model) ?? null);
    const costUsd = calls === 0 ? 0 : costOf({ promptTokens, completionTokens }, price);
    forecasts.push({ name, model, items, calls, promptTokens, completionTokens, costUsd });
    ({ items, originals } = after({ items, originals }, estimate, input.rows));
  }
  const total = (key: 'calls' | 'promptTokens' | 'completionTokens'): number =>
    forecasts.reduce((sum, forecast) => sum + forecast[key], 0);
  return {
    stages: forecasts,
    pairs: items,
    calls: total('calls'),
    promptTokens: total('promptTokens'),
    completionTokens: total('completionTokens'),
    costUsd: costSum(...forecasts.map(({ costUsd }) => costUsd)),
  };
}

interface Flowing {
  readonly items: number;
  readonly originals: number;
}

/** What goes on behind a stage. */
function after({ items, originals }: Flowing, estimate: StageEstimate, rows: number | undefined): Flowing {
  if (estimate.rowsMax !== undefined && rows !== undefined) return { items: rows, originals: rows };
  if (estimate.varies !== undefined) {
    const derived = items - originals;
    return {
      items: derived + originals * estimate.yield,
      originals: estimate.varies.keepsOriginal ? originals : 0,
    };
  }
  // A filter drops as many of these as of those; what a generator writes is all new.
  const went = items * estimate.yield;
  return { items: went, originals: estimate.yield > 1 ? went : originals * estimate.yield };
}
