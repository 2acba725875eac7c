// A recipe of the dataset engine as data: which documents, which models, which stages with which options. What a stage takes is
// the stage's own business; keys are named by their environment variable and are never in here.

import type { JsonObject } from './json.ts';
import type { ModelEndpoint, ModelLimits } from './model-access.ts';
import type { Pooling } from './reward-model.ts';

/** How documents are read. What is absent is left to the readers. */
export interface DocumentOptions {
  /** Columns of JSONL and Parquet. */
  readonly textColumn?: string | undefined;
  readonly titleColumn?: string | undefined;
  readonly idColumn?: string | undefined;
  readonly licenseColumn?: string | undefined;
  /** Of all documents that name none themselves. */
  readonly license?: string | undefined;
  /** Longer documents are read as several passages. In UTF-8. */
  readonly passageBytesMax?: number | undefined;
}

/** A file or a folder with options of its own. */
export interface SourceConfig extends DocumentOptions {
  readonly path: string;
}

/** A model that stages ask by its name in the recipe: `teacher`, `policy`. */
export interface GeneratorModel extends Omit<ModelLimits, 'budgetUsd'> {
  readonly name: string;
  /** As the API names it. */
  readonly model: string;
  /** Empty: where the environment says. */
  readonly endpoints: readonly ModelEndpoint[];
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
}

export type EmbedderConfig =
  | {
      readonly kind: 'onnx';
      readonly folder: string;
      readonly pooling?: Pooling | undefined;
      readonly providers?: readonly string[] | undefined;
      readonly threads?: number | undefined;
    }
  | {
      readonly kind: 'openai';
      readonly model: string;
      readonly endpoint: ModelEndpoint;
      /** Texts of one request. */
      readonly batchMax: number;
      readonly attemptsMax: number;
    };

/** One stage of a recipe. */
export interface StageChoice {
  /** Name of its kind. */
  readonly name: string;
  /** Which of the recipe's models it asks, instead of the kind's own. */
  readonly model?: string | undefined;
  /** Instead of what the stage and the model say. */
  readonly temperature?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly options: JsonObject;
}

export interface GenerationRecipe {
  readonly name: string;
  readonly description: string;
  readonly documents: DocumentOptions;
  readonly sources: readonly SourceConfig[];
  /** What stages that retrieve passages retrieve from. */
  readonly corpus: readonly SourceConfig[];
  readonly models: readonly GeneratorModel[];
  readonly embedder?: EmbedderConfig | undefined;
  /** For all models together, each time that a run is started. */
  readonly budgetUsd?: number | undefined;
  /** Items that stages work on at once. */
  readonly concurrency: number;
  readonly seed: number;
  /** Share of the documents whose pairs become the split `test`. */
  readonly testShare: number;
  /** So many items may lack a model's reply and the dataset is made all the same. */
  readonly unfinishedMax: number;
  readonly stages: readonly StageChoice[];
}

export const GENERATION_DEFAULTS = {
  concurrency: 64,
  seed: 1,
  testShare: 0.1,
  unfinishedMax: 0,
  embeddingBatchMax: 64,
  embeddingAttemptsMax: 6,
} as const;

/** Models that the environment may define, by the names that kinds of stages use. */
export const TEACHER = 'teacher';
export const POLICY = 'policy';

/** The recipe with a model of the environment's, unless it has one of that name itself. */
export function withDefaultModel(
  recipe: GenerationRecipe,
  name: string,
  model: string | undefined,
): GenerationRecipe {
  if (model === undefined || recipe.models.some((known) => known.name === name)) return recipe;
  return { ...recipe, models: [...recipe.models, { name, model, endpoints: [] }] };
}
