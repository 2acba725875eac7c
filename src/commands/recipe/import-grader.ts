// One grader's JSON into a recipe, with the judges and templates that it needs. All is made and checked before the first byte is
// written, so that what cannot be imported leaves nothing behind.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { diskError } from '../../adapters/disk.ts';
import { parseJudgeText } from '../../adapters/judge-prompt-files.ts';
import { judgePromptPath, judgePromptText } from '../../adapters/judge-prompt-text.ts';
import { loadPromptDataFiles } from '../../adapters/prompt-data-files.ts';
import { withScorers } from '../../adapters/scorer-file-edit.ts';
import { apiKeyVariable, readSettings } from '../../config.ts';
import { decodeReward } from '../../contract/decode-recipe.ts';
import { reward as rewardSchema } from '../../contract/schemas/recipe.ts';
import { refusal } from '../../contract/wording.ts';
import { invalidArgument } from '../../core/errors.ts';
import { openAiScorerFromJson } from '../../core/graders/grader-json.ts';
import { type ImportedJudge, recipeOfOpenAiScorer } from '../../core/graders/grader-recipe.ts';
import type { JsonObject } from '../../core/json.ts';
import { validateRecipe } from '../../core/recipe-check.ts';
import { findVerifier, VERIFIERS } from '../../core/verifiers/table.ts';
import { requireFree } from '../options.ts';

export interface ImportFlags {
  readonly out?: string;
  readonly scorers?: string;
  readonly prompts?: string;
  readonly model?: string;
  readonly overwrite?: true;
}

export interface ImportReport {
  readonly recipe: JsonObject;
  readonly out: string | undefined;
  /** Undefined where the recipe needs no judge. */
  readonly scorers: string | undefined;
  readonly prompts: string | undefined;
  readonly judges: readonly string[];
  readonly templates: readonly string[];
  readonly notes: readonly string[];
}

/** Longest file that is read. */
const FILE_CHARS_MAX = 4_000_000;
/** The model whose embeddings OpenAI's cosine is of. */
const EMBEDDING_MODEL = 'text-embedding-3-large';
/** Of one reply: graders write out the steps of their reasoning. */
const REPLY_TOKENS = 8_192;

/**
 * Reads the grader of `file` and writes what the flags name.
 *
 * @throws EnvError that names the field, option or file at fault; nothing is written then
 */
export function importOpenAiScorer(file: string, flags: ImportFlags): ImportReport {
  const { recipe, judges, cosines, notes } = recipeOfOpenAiScorer(openAiScorerFromJson(readJson(file)));
  const names = [...judges.map(({ name }) => name), ...cosines];
  checkRecipe(recipe, names);
  const { out } = flags;
  requireFree(out, flags);
  const report = { recipe, out, judges: names, notes };
  const files = new Map<string, string>();
  if (out !== undefined) files.set(out, `${JSON.stringify(recipe, null, 2)}\n`);
  if (names.length === 0) {
    writeAll(files);
    return { ...report, scorers: undefined, prompts: undefined, templates: [] };
  }
  if (out === undefined) {
    throw invalidArgument(
      '--out',
      'This grader asks a model, so that more than its recipe is written: name its file with --out',
    );
  }
  const scorers = flags.scorers ?? join(dirname(out), 'scorers.yaml');
  const prompts = flags.prompts ?? join(dirname(out), 'prompts');
  const templates = templatesOf(judges, prompts, flags);
  for (const [path, text] of templates) files.set(path, text);
  const present = existsSync(scorers) ? read(scorers, `the scorers in "${scorers}"`) : undefined;
  const added = [
    ...judges.map((judge) => ({
      section: 'judges' as const,
      name: judge.name,
      settings: settingsOf(judge, flags.model),
    })),
    ...cosines.map((name) => ({ section: 'reward_models' as const, name, settings: embeddingSettings() })),
  ];
  const how = { scorers: added, overwrite: flags.overwrite === true };
  files.set(scorers, withScorers(scorers, present, how));
  writeAll(files);
  return { ...report, scorers, prompts, templates: templates.map(([path]) => path) };
}

/** By the rules of the doors, so that no server refuses what was imported. */
function checkRecipe(recipe: JsonObject, names: readonly string[]): void {
  const parsed = rewardSchema.safeParse(recipe);
  if (!parsed.success) throw refusal(parsed.error.issues, 'reward');
  const decoded = decodeReward(parsed.data);
  if (decoded === undefined) return;
  const clash = names.find((name) => findVerifier(name) !== undefined);
  if (clash !== undefined) {
    throw invalidArgument(
      'name',
      `Cannot import the grader: "${clash}" is the name of a verifier; give it another name`,
    );
  }
  validateRecipe(decoded, {
    find: (name) => (names.includes(name) ? { parseOptions: (options) => options } : findVerifier(name)),
    names: () => [...VERIFIERS.map(({ name }) => name), ...names],
  });
}

function templatesOf(
  judges: readonly ImportedJudge[],
  prompts: string,
  flags: ImportFlags,
): readonly (readonly [path: string, text: string])[] {
  const data = loadPromptDataFiles();
  return judges.map((judge) => {
    const path = join(prompts, judgePromptPath(judge));
    requireFree(path, flags);
    const text = judgePromptText(judge, data);
    parseJudgeText({ path, text });
    return [path, text];
  });
}

function settingsOf({ model, name, sampling }: ImportedJudge, other: string | undefined): JsonObject {
  const { judgeUrl } = readSettings({});
  const apiKeyEnv = apiKeyVariable(judgeUrl);
  const { temperature, topP, seed, maxTokens = REPLY_TOKENS, reasoningEffort } = sampling;
  return {
    model: other ?? model,
    endpoints: [{ base_url: judgeUrl, ...(apiKeyEnv !== undefined && { api_key_env: apiKeyEnv }) }],
    template: name,
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(seed !== undefined && { seed }),
    max_tokens: maxTokens,
    ...(reasoningEffort !== undefined && { reasoning_effort: reasoningEffort }),
  };
}

function embeddingSettings(): JsonObject {
  const { judgeUrl } = readSettings({});
  const apiKeyEnv = apiKeyVariable(judgeUrl);
  return {
    kind: 'cosine',
    url: `${judgeUrl.replace(/\/$/u, '')}/embeddings`,
    model: EMBEDDING_MODEL,
    ...(apiKeyEnv !== undefined && { api_key_env: apiKeyEnv }),
    calibration: { kind: 'identity' },
  };
}

function readJson(file: string): unknown {
  const text = read(file, `the grader in "${file}"`);
  if (text.length > FILE_CHARS_MAX) {
    throw invalidArgument(
      'file',
      `Cannot import the grader in "${file}": it has more than ${FILE_CHARS_MAX} characters`,
    );
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    throw invalidArgument('file', `Cannot import the grader in "${file}": it is not JSON: ${error.message}`);
  }
}

function read(path: string, called: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw diskError(`Cannot read ${called}`, error);
  }
}

function writeAll(files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    } catch (error) {
      throw diskError(`Cannot write "${path}"`, error);
    }
  }
}
