// What may be in a recipe of the dataset engine: which keys, which values, which defaults. Which stages there are, and which
// options each takes, is for the table of stages.

import { z } from 'zod';
import { GENERATION_DEFAULTS } from '../core/generation-recipe.ts';
import { POOLINGS } from '../core/reward-model.ts';
import {
  countShape,
  endpointShape,
  environmentVariableShape,
  httpShape,
  modelLimitKeys,
} from './model-access-shape.ts';

export type RecipeShape = z.output<ReturnType<typeof recipeFileShape>>;
export type SourceShape = RecipeShape['sources'][number];
export type DocumentShape = RecipeShape['documents'];
export type ModelShape = RecipeShape['models'][string];
export type EmbedderShape = NonNullable<RecipeShape['embedder']>;
export type StageShape = RecipeShape['stages'][number];

/** Built when a file is read: a schema at the top level would be work for whoever imports this. */
export function recipeFileShape() {
  const [count, text] = [countShape(), z.string().min(1)];
  const temperature = z.number().min(0).max(2).optional();
  const documentKeys = {
    text_column: text.optional(),
    title_column: text.optional(),
    id_column: text.optional(),
    license_column: text.optional(),
    license: text.optional(),
    passage_bytes_max: count.optional(),
  };
  /** A path, or a map with the path and what is special about it. */
  const sources = z
    .array(
      z.preprocess(
        (entry) => (typeof entry === 'string' ? { path: entry } : entry),
        z.strictObject({ path: text, ...documentKeys }),
      ),
    )
    .default([]);
  const model = z.strictObject({
    model: text,
    endpoints: z.array(endpointShape()).default([]),
    temperature,
    max_tokens: count.optional(),
    ...modelLimitKeys(),
  });
  const onnx = z.strictObject({
    kind: z.literal('onnx'),
    folder: text,
    pooling: z.enum(POOLINGS).optional(),
    provider: z.union([text, z.array(text).min(1)]).optional(),
    threads: count.optional(),
  });
  const served = z.strictObject({
    kind: z.literal('openai'),
    model: text,
    base_url: httpShape(),
    api_key_env: environmentVariableShape().optional(),
    batch_max: count.default(GENERATION_DEFAULTS.embeddingBatchMax),
    attempts_max: count.default(GENERATION_DEFAULTS.embeddingAttemptsMax),
  });
  const options = z.preprocess(
    (given) => given ?? {},
    z.object({ model: text.optional(), temperature, max_tokens: count.optional() }).catchall(z.json()),
  );
  /** A name, or a map from the one name to its options. */
  const stage = z.preprocess(
    (entry) => (typeof entry === 'string' ? { [entry]: {} } : entry),
    z
      .record(z.string(), options)
      .refine((entry) => Object.keys(entry).length === 1, 'must be a name, or one name with its options'),
  );
  return z.strictObject({
    description: z.string().default(''),
    documents: z.strictObject(documentKeys).default({}),
    sources,
    corpus: sources,
    models: z.record(z.string(), model).default({}),
    embedder: z.discriminatedUnion('kind', [onnx, served]).optional(),
    budget_usd: z.number().min(0).optional(),
    concurrency: count.max(4_096).default(GENERATION_DEFAULTS.concurrency),
    seed: z.int().min(0).default(GENERATION_DEFAULTS.seed),
    split: z
      .strictObject({ test_share: z.number().min(0).max(1).default(GENERATION_DEFAULTS.testShare) })
      .default({ test_share: GENERATION_DEFAULTS.testShare }),
    max_unfinished: z.int().min(0).default(GENERATION_DEFAULTS.unfinishedMax),
    stages: z.array(stage).min(1),
  });
}
