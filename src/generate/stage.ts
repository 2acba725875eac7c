// What a stage is: a pure step around a language model. A stage knows nothing of files, retries, caches, budgets or the
// stages beside it; the run calls it, and what it is handed is all that it may use.

import type { z } from 'zod';

import type { JsonObject } from '../core/json.ts';
import type { Random } from '../core/random.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { PromptValue } from '../ports/generation-prompts.ts';
import type { NamedFiles } from '../ports/named-files.ts';
import type { PassageIndex } from '../ports/passage-index.ts';
import type { PromptData } from '../ports/prompt-data.ts';
import type { TextAnalyser } from '../ports/text-analysis.ts';
import type { Drop, Item, ItemKind } from './item.ts';
import type { TaskDefinition } from '../core/task-definition.ts';

/** One question for a model. Its reply is bought once for all time; the run looks it up before it asks. */
export interface Question<Value> {
  /** `<stage>/<name>` of its template. */
  readonly prompt: string;
  readonly values: Readonly<Record<string, PromptValue>>;
  /**
   * What the reply must be: JSON under this schema, or plain text. A reply that cannot be read is asked for again. No
   * `.optional()` in schemas: servers refuse it; use `.nullable()`.
   */
  readonly reply: z.ZodType<Value> | 'text';
  /** Which of the recipe's models; the stage's own when absent. */
  readonly model?: string | undefined;
  /** Number of the sample: two samples of one question are two replies. */
  readonly sample?: number | undefined;
  /** Instead of the model's own. */
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
}

export type Answer<Value> =
  | {
      readonly kind: 'answer';
      readonly value: Value;
      readonly costUsd: number | null;
      /** Template with version, and model: for provenance. */
      readonly written: { readonly prompt: string; readonly model: string };
    }
  /** The model answered, more than once, and nothing could be read. It is paid all the same. */
  | { readonly kind: 'unreadable'; readonly detail: string; readonly costUsd: number | null };

/** Asks a model. Throws what the run alone handles: a model that is down, a spent budget, an interrupt. */
export type Ask = <Value>(question: Question<Value>) => Promise<Answer<Value>>;

/** What a stage may use. */
export interface StageTools {
  readonly ask: Ask;
  /** Lists and examples that lie beside the prompts. */
  readonly data: PromptData;
  /** Seeded by the run, the stage and the item: the same item draws the same numbers on any machine. */
  readonly random: Random;
  readonly task: TaskDefinition | undefined;
  /** Undefined where the run has no language library. */
  readonly analyser: TextAnalyser | undefined;
  /** Passages to retrieve from; undefined where the run has none. */
  readonly passages: PassageIndex | undefined;
  /** Files that the stage's options name. */
  readonly files: NamedFiles;
  /** Undefined where the recipe names none. */
  readonly embedder: Embedder | undefined;
  readonly signal: AbortSignal;
}

/** What became of one item. An item that is in neither list would be lost: the run refuses such an outcome. */
export interface Outcome {
  /** The item, others made of it, or both; in a fixed order. Keys of new items come from `childKey`. */
  readonly kept: readonly Item[];
  /** Why it, or what was made of it, goes no further. */
  readonly drops: readonly Drop[];
}

/** A stage that looks at each item by itself. */
export interface EachStage {
  readonly kind: 'each';
  apply(item: Item, tools: StageTools): Promise<Outcome>;
}

/** All items of a run before a stage, in the order of their keys; can be read more than once. */
export interface ItemTable {
  readonly count: number;
  read(): AsyncIterable<Item>;
}

/** What became of one item, by a stage that sees all. A stage decides of every item, in any order. */
export interface Decision {
  /** Of the item that this is about; undefined for a new one. */
  readonly key: string | undefined;
  readonly outcome: Outcome;
}

/** A stage that looks at all items before it decides: duplicates, selection, rounds of generation. */
export interface WholeStage {
  readonly kind: 'whole';
  apply(items: ItemTable, tools: StageTools): AsyncIterable<Decision>;
}

export type Stage = EachStage | WholeStage;

/** What a stage will likely need for one item, for the plan's estimate. */
export interface StageEstimate {
  /** Calls for one item that comes in. */
  readonly calls: number;
  /** Tokens of one prompt beside the passage. */
  readonly promptTokens: number;
  /** Whether the prompt shows the passage. */
  readonly showsPassage: boolean;
  readonly completionTokens: number;
  /** Items that go on for one that comes in: 0.7 of a filter, 3 of a generator. */
  readonly yield: number;
  /** Where it varies only pairs that no method has made of others; those that were pass through. */
  readonly varies?: { readonly keepsOriginal: boolean } | undefined;
  /** Where its items are the rows of the files that it reads: so many at most. `yield` is a guess until they are counted. */
  readonly rowsMax?: number | undefined;
}

export type StageNeed = 'task' | 'analyser' | 'passages' | 'embedder';

/** A method, written as one value in a file of its own and made a row of the table by `stageKind`. */
export interface StageSpec<Options> {
  /** In recipes: `check`. */
  readonly name: string;
  /** One line for the docs. */
  readonly summary: string;
  /** `task`: needs no items; it makes the first ones, from the task definition or from files that its options name. */
  readonly takes: ItemKind | 'task';
  readonly gives: ItemKind;
  /** Which of the recipe's models it asks when the recipe does not say; undefined when it asks none. */
  readonly model: 'teacher' | 'policy' | undefined;
  /** Names of models that its questions ask beside: the plan refuses a recipe that lacks one. */
  readonly asks?: (options: Options) => readonly string[];
  /** Without these of `StageTools` it cannot work: a plan that lacks one is refused before anything is spent. */
  readonly needs?: readonly StageNeed[];
  /** Files that the options name: a plan opens each before anything is spent. */
  readonly reads?: (options: Options) => readonly string[];
  /** Keys of the recipe with their defaults; a strict object. Built when a recipe is read. */
  readonly options: () => z.ZodType<Options>;
  readonly build: (options: Options) => Stage;
  readonly estimate: (options: Options) => StageEstimate;
}

/** A row of the table that recipes name stages from. */
export interface StageKind extends Omit<StageSpec<unknown>, 'build' | 'estimate' | 'reads' | 'asks'> {
  /** Throws `ZodError` for options that it does not take. */
  readonly prepare: (options: unknown) => PreparedStage;
}

/** A stage with its options, and what the plan must know of it. */
export interface PreparedStage {
  readonly stage: Stage;
  readonly estimate: StageEstimate;
  readonly reads: readonly string[];
  readonly asks: readonly string[];
}

export function stageKind<Options>(spec: StageSpec<Options>): StageKind {
  const { build, estimate, reads, asks, ...row } = spec;
  return {
    ...row,
    prepare: (raw) => {
      const options = spec.options().parse(raw);
      return {
        stage: build(options),
        estimate: estimate(options),
        reads: reads?.(options) ?? [],
        asks: asks?.(options) ?? [],
      };
    },
  };
}

/** An outcome that drops the item. */
export function dropped(reason: string, detail: string): Outcome {
  return { kept: [], drops: [{ reason, detail }] };
}

/** An outcome that hands on the item, or what was made of it. */
export function kept(...items: readonly Item[]): Outcome {
  return { kept: items, drops: [] };
}

/** The notes of an item with one more. */
export function noted(notes: JsonObject, name: string, note: JsonObject[string]): JsonObject {
  return { ...notes, [name]: note };
}
