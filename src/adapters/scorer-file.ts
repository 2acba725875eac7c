// The configuration file of judges and reward models: YAML, checked key by key, with its defaults filled in. An error names
// the file and the key. Keys for APIs are never in it: it names the environment variables that hold them.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import type { Calibration } from '../core/calibration.ts';
import { calibrationFromJson } from '../core/calibration-json.ts';
import { EnvError, invalidArgument } from '../core/errors.ts';

import {
  type JudgeConfig,
  NO_SCORERS,
  type OnnxConfig,
  type RewardModelConfig,
  type ScorerConfig,
  type ServedConfig,
} from '../core/scorer-config.ts';
import { findVerifier } from '../core/verifiers/table.ts';
import {
  checkScorerFile,
  type JudgeShape,
  type ModelShape,
  type OnnxShape,
  type ServedShape,
} from './scorer-file-shape.ts';

/**
 * Reads the file. Folders in it are relative to it.
 *
 * @throws EnvError `invalid_argument` that names the file and the key
 */
export function readScorerFile(path: string): ScorerConfig {
  return parseScorerFile(path, readText(path));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new EnvError('invalid_argument', `Cannot read the scorers in "${path}": ${error.message}`, {
      field: 'scorers',
      cause: error,
    });
  }
}

/** The same of a text that was read from `path`. */
export function parseScorerFile(path: string, text: string): ScorerConfig {
  const checked = checkScorerFile(parseYaml(path, text) ?? {});
  if ('key' in checked) throw refusal(path, checked.key, checked.what);
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

function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const at = error.linePos?.[0];
    const where = at === undefined ? '' : ` at line ${at.line}, column ${at.col}`;
    throw refusal(path, '', `it is not YAML${where}`);
  }
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
    endpoints: judge.endpoints.map((endpoint) => ({
      baseUrl: endpoint.base_url,
      apiKeyEnv: endpoint.api_key_env,
      weight: endpoint.weight,
    })),
    votes: judge.votes,
    agreement: judge.agreement,
    temperature: judge.temperature,
    maxTokens: judge.max_tokens,
    seed: judge.seed,
    deadlineMs: judge.deadline_ms,
    attemptTimeoutMs: judge.attempt_timeout_ms,
    attemptsMax: judge.attempts_max,
    requestsPerMinute: judge.requests_per_minute,
    tokensPerMinute: judge.tokens_per_minute,
    concurrencyMax: judge.concurrency_max,
    budgetUsd: judge.budget_usd,
    price: judge.price,
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
  const where = key === '' ? '' : `${key}: `;
  return invalidArgument(
    key === '' ? 'scorers' : key,
    `Cannot use the scorers in "${path}": ${where}${what}`,
  );
}
