// The configuration file of judges and reward models: YAML, checked key by key, with its defaults filled in. An error names
// the file and the key. Keys for APIs are never in it: it names the environment variables that hold them.

import { dirname, resolve } from 'node:path';
import type { Calibration } from '../core/calibration.ts';
import { calibrationFromJson } from '../core/calibration-json.ts';
import { EnvError } from '../core/errors.ts';

import {
  type JudgeConfig,
  NO_SCORERS,
  type OnnxConfig,
  type RewardModelConfig,
  type ScorerConfig,
  type ServedConfig,
} from '../core/scorer-config.ts';
import { findVerifier } from '../core/verifiers/table.ts';
import { endpointOf, limitsOf } from './model-access-shape.ts';
import {
  type JudgeShape,
  type ModelShape,
  type OnnxShape,
  scorerFileShape,
  type ServedShape,
} from './scorer-file-shape.ts';
import { type NamedFile, readTextOf, readYamlAs, refusalOf } from './yaml-file.ts';

/**
 * Reads the file. Folders in it are relative to it.
 *
 * @throws EnvError `invalid_argument` that names the file and the key
 */
export function readScorerFile(path: string): ScorerConfig {
  return parseScorerFile(path, readTextOf(fileAt(path)));
}

function fileAt(path: string): NamedFile {
  return { path, field: 'scorers', called: `the scorers in "${path}"` };
}

/** The same of a text that was read from `path`. */
export function parseScorerFile(path: string, text: string): ScorerConfig {
  const checked = readYamlAs(fileAt(path), text, scorerFileShape());
  const { cache, judges, reward_models: models, audit } = checked;
  for (const name of [...Object.keys(judges), ...Object.keys(models)])
    checkName(path, name, { judges, models });
  return {
    cache: cache ?? NO_SCORERS.cache,
    judges: Object.entries(judges).map(([name, judge]) => judgeConfig(name, judge)),
    rewardModels: Object.entries(models).map(([name, model]) => modelConfig(path, name, model)),
    ...(audit && { audit }),
  };
}

/** A scorer has one name in recipes, whatever its kind. */
function checkName(path: string, name: string, { judges, models }: { judges: object; models: object }): void {
  const key = Object.hasOwn(judges, name) ? `judges.${name}` : `reward_models.${name}`;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw refusal(path, key, 'a name has up to 64 letters, digits, ".", "_" or "-"');
  }
  if (findVerifier(name) !== undefined) throw refusal(path, key, `"${name}" is the name of a verifier`);
  if (Object.hasOwn(judges, name) && Object.hasOwn(models, name)) {
    throw refusal(path, `reward_models.${name}`, `"${name}" is the name of a judge as well`);
  }
}

function judgeConfig(name: string, judge: JudgeShape): JudgeConfig {
  return {
    name,
    model: judge.model,
    template: judge.template,
    endpoints: judge.endpoints.map(endpointOf),
    votes: judge.votes,
    agreement: judge.agreement,
    temperature: judge.temperature,
    maxTokens: judge.max_tokens,
    seed: judge.seed,
    topP: judge.top_p,
    reasoningEffort: judge.reasoning_effort,
    ...limitsOf(judge),
    budgetUsd: judge.budget_usd,
  };
}

function modelConfig(path: string, name: string, model: ModelShape): RewardModelConfig {
  return model.kind === 'onnx' ? onnxConfig(path, name, model) : servedConfig(path, name, model);
}

function onnxConfig(path: string, name: string, model: OnnxShape): OnnxConfig {
  const { kind, folder, provider, lanes, threads, ...declared } = model;
  return {
    kind,
    name,
    folder: resolve(dirname(path), folder),
    providers: typeof provider === 'string' ? [provider] : provider,
    lanes,
    threads,
    declared,
  };
}

function servedConfig(path: string, name: string, model: ServedShape): ServedConfig {
  const { before = '', between = '\n', after = '' } = model.text ?? {};
  return {
    kind: model.kind,
    name,
    url: model.url,
    model: model.model,
    apiKeyEnv: model.api_key_env,
    label: model.label,
    input: model.input,
    // Whoever compares with a ground truth needs the answer alone; whoever judges quality, all of it.
    reads: model.reads ?? (model.input.includes('ground_truth') ? 'answer' : 'completion'),
    calibration: calibration(path, `reward_models.${name}.calibration`, model.calibration),
    frame: { before, between, after },
    deadlineMs: model.deadline_ms,
    attemptsMax: model.attempts_max,
    batchMax: model.batch_max,
    concurrencyMax: model.concurrency_max,
  };
}

function calibration(path: string, key: string, value: unknown): Calibration {
  try {
    return calibrationFromJson(value, key);
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    throw refusal(path, error.field ?? key, error.message);
  }
}

function refusal(path: string, key: string, what: string): EnvError {
  return refusalOf(fileAt(path), key, what);
}
