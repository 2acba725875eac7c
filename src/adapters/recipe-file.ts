// Recipes of the dataset engine from YAML files: those that come along, by their name, and the user's own, by their path. An
// error names the file and the key. Which stages there are is not known here.

import { readdirSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EnvError, invalidArgument } from '../core/errors.ts';
import type {
  DocumentOptions,
  EmbedderConfig,
  GenerationRecipe,
  GeneratorModel,
  SourceConfig,
  StageChoice,
} from '../core/generation-recipe.ts';
import { endpointOf, limitsOf } from './model-access-shape.ts';
import {
  type DocumentShape,
  type EmbedderShape,
  type ModelShape,
  recipeFileShape,
  type SourceShape,
  type StageShape,
} from './recipe-file-shape.ts';
import { type NamedFile, readTextOf, readYamlAs, refusalOf } from './yaml-file.ts';

const EXTENSION = /\.ya?ml$/u;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/u;

/** `examples/recipes/` of the clone or of the installed package. */
function builtInFolder(): string {
  return fileURLToPath(new URL('../../examples/recipes', import.meta.url));
}

/** Names of the recipes that come along, sorted. */
export function builtInRecipes(): readonly string[] {
  return readdirSync(builtInFolder())
    .filter((file) => EXTENSION.test(file))
    .map((file) => file.replace(EXTENSION, ''))
    .toSorted();
}

/** The file of a recipe: one that comes along, or the file of that path. */
export function recipePath(nameOrPath: string): string {
  const names = builtInRecipes();
  if (names.includes(nameOrPath)) return resolve(builtInFolder(), `${nameOrPath}.yaml`);
  if (EXTENSION.test(nameOrPath)) return resolve(nameOrPath);
  throw invalidArgument(
    '--recipe',
    `Cannot find the recipe "${nameOrPath}": there are ${names.join(', ')}, and files that end in .yaml`,
  );
}

/**
 * Reads one. Paths in it are relative to it.
 *
 * @throws EnvError `invalid_argument` that names the file and the key
 */
export function readRecipeFile(path: string): GenerationRecipe {
  return parseRecipeFile(path, readTextOf(fileAt(path)));
}

/** The same of a text that was read from `path`. */
export function parseRecipeFile(path: string, text: string): GenerationRecipe {
  const shape = readYamlAs(fileAt(path), text, recipeFileShape());
  for (const name of Object.keys(shape.models)) {
    if (!NAME.test(name)) {
      throw recipeRefusal(path, `models.${name}`, 'a name has up to 64 letters, digits, ".", "_" or "-"');
    }
  }
  const sources = (list: readonly SourceShape[]): readonly SourceConfig[] =>
    list.map((source) => sourceOf(path, source, shape.documents));
  return {
    name: basename(path).replace(EXTENSION, ''),
    description: shape.description.trim(),
    documents: documentOptionsOf(shape.documents),
    sources: sources(shape.sources),
    corpus: sources(shape.corpus),
    models: Object.entries(shape.models).map(([name, model]) => modelOf(name, model)),
    embedder: shape.embedder && embedderOf(path, shape.embedder),
    budgetUsd: shape.budget_usd,
    concurrency: shape.concurrency,
    seed: shape.seed,
    testShare: shape.split.test_share,
    unfinishedMax: shape.max_unfinished,
    stages: shape.stages.map(stageOf),
  };
}

/** The error for a recipe that cannot be used, with its file and key. */
export function recipeRefusal(path: string, key: string, what: string): EnvError {
  return refusalOf(fileAt(path), key, what);
}

function fileAt(path: string): NamedFile {
  return { path, field: 'recipe', called: `the recipe in "${path}"` };
}

/** What all documents have in common, and over it what this source says of its own. */
function sourceOf(path: string, source: SourceShape, shared: DocumentShape): SourceConfig {
  const { path: place, ...own } = source;
  return { path: resolve(dirname(path), place), ...documentOptionsOf({ ...shared, ...own }) };
}

function documentOptionsOf(shape: DocumentShape): DocumentOptions {
  return {
    textColumn: shape.text_column,
    titleColumn: shape.title_column,
    idColumn: shape.id_column,
    licenseColumn: shape.license_column,
    license: shape.license,
    passageBytesMax: shape.passage_bytes_max,
  };
}

function modelOf(name: string, shape: ModelShape): GeneratorModel {
  return {
    name,
    model: shape.model,
    endpoints: shape.endpoints.map(endpointOf),
    temperature: shape.temperature,
    maxTokens: shape.max_tokens,
    ...limitsOf(shape),
  };
}

function embedderOf(path: string, shape: EmbedderShape): EmbedderConfig {
  if (shape.kind === 'onnx') {
    const { kind, folder, pooling, provider, threads } = shape;
    const providers = typeof provider === 'string' ? [provider] : provider;
    return { kind, folder: resolve(dirname(path), folder), pooling, providers, threads };
  }
  const { kind, model, base_url: baseUrl, api_key_env: apiKeyEnv } = shape;
  return {
    kind,
    model,
    endpoint: { baseUrl, apiKeyEnv, weight: 1 },
    batchMax: shape.batch_max,
    attemptsMax: shape.attempts_max,
  };
}

function stageOf(shape: StageShape): StageChoice {
  const [[name, { model, temperature, max_tokens: maxTokens, ...options }] = ['', {}]] =
    Object.entries(shape);
  return { name, model, temperature, maxTokens, options };
}
