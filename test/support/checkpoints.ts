// Small checkpoints with what `transformers` and `peft` computed with them (`scripts/checkpoints/reference.py` made both), and
// a graph of the same numbers.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { causalBias } from '../../src/trainer/engine/decoder/attention.ts';
import { buildDecoder, logitsOf } from '../../src/trainer/engine/decoder/decoder.ts';
import type { LocalEngine } from '../../src/trainer/engine/runtime.ts';
import { gradients } from '../../src/trainer/engine/gradients.ts';
import { Graph } from '../../src/trainer/engine/graph.ts';
import { mul } from '../../src/trainer/engine/ops/arithmetic.ts';
import { tokenLogProbabilities } from '../../src/trainer/engine/ops/functions.ts';
import { lookUp, range } from '../../src/trainer/engine/ops/indexing.ts';
import { reshape, sumAll } from '../../src/trainer/engine/ops/shapes.ts';
import type { PolicyModel } from '../../src/trainer/policy-model.ts';
import type { Tokenizer } from '../../src/trainer/policy.ts';
import { integerTensor } from './gradient-check.ts';

export const CHECKPOINTS = ['llama-tied', 'llama-untied', 'qwen2'] as const;
export type CheckpointName = (typeof CHECKPOINTS)[number];

export interface ExpectedNumbers {
  /** [batch][length] */
  readonly tokens: readonly (readonly number[])[];
  /** Of each next token: [batch][length − 1] */
  readonly log_probabilities: readonly (readonly number[])[];
  /** With the adapter beside it. */
  readonly adapted_log_probabilities: readonly (readonly number[])[];
  readonly texts: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly prompt: readonly number[];
  }[];
}

export function checkpointFolder(name: CheckpointName): string {
  return fileURLToPath(new URL(`../fixtures/checkpoints/${name}`, import.meta.url));
}

export function expectedNumbers(folder: string): ExpectedNumbers {
  return JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as ExpectedNumbers;
}

/** For models that are given tokens. */
export function noTokenizer({ vocabulary, end }: Pick<Tokenizer, 'vocabulary' | 'end'>): Tokenizer {
  return { vocabulary, end, encode: () => [], decode: () => '' };
}

export interface ScoredTokens {
  /** Of each next token, row by row. */
  readonly logProbabilities: readonly number[];
  /** Of −Σ log-probability / count, by name; of what is trained. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** Log-probabilities of each next token, and gradients of their negative mean by what is trained. */
export async function scoreTokens(
  engine: LocalEngine,
  model: PolicyModel,
  {
    tokens,
    values,
  }: {
    readonly tokens: readonly (readonly number[])[];
    readonly values: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
  },
): Promise<ScoredTokens> {
  const { config, trained } = model;
  const length = tokens[0]?.length ?? 0;
  const slots = tokens.flatMap((_, row) => Array.from({ length: length - 1 }, (__, at) => row * length + at));
  const graph = new Graph();
  const placed = model.place(graph);
  const ids = graph.input('tokens', 'int64', ['batch', 'length']);
  const { rows } = buildDecoder(
    config,
    placed.weights,
    { tokens: ids, positions: reshape(range(ids, 1), [1, 'length']), bias: causalBias(ids) },
    placed.project,
  );
  const logits = logitsOf(config, placed.weights, lookUp(rows, graph.input('slots', 'int64', ['scored'])));
  const scores = tokenLogProbabilities(logits, graph.input('targets', 'int64', ['scored']));
  graph.output('scores', scores);
  gradients(mul(sumAll(scores), -1 / slots.length), placed.trained).forEach((gradient, index) =>
    graph.output(`gradient${index}`, gradient),
  );
  const loaded = await engine.load(graph.encode());
  const feeds = trained.map(({ name, dims }) => {
    const data = values.get(name);
    if (data === undefined) throw new Error(`No values for ${name}`);
    return [name, { type: 'float32', dims, data }] as const;
  });
  const found = await engine.run(loaded, {
    ...Object.fromEntries(feeds),
    tokens: integerTensor(tokens.flat(), [tokens.length, length]),
    slots: integerTensor(slots),
    targets: integerTensor(tokens.flatMap((row) => row.slice(1))),
  });
  await engine.unload(loaded);
  return {
    logProbabilities: Array.from(found['scores']?.data ?? [], Number),
    gradients: new Map(
      trained.map(({ name }, index) => [name, found[`gradient${index}`]?.data as Float32Array]),
    ),
  };
}

const PYTHON = process.env['GROUPWISE_PYTHON'] ?? 'python3';

/** Whether there is a Python with the packages that checkpoints are held against. */
export const hasPeft =
  spawnSync(PYTHON, [
    '-c',
    'import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ["torch", "transformers", "peft"])))',
  ]).status === 0;

export const PEFT_NOTE = hasPeft
  ? ''
  : ' (skipped: no Python with torch, transformers and peft; name one in GROUPWISE_PYTHON)';

/** Runs `reference.py`. @returns what it printed */
export function runReference(...args: readonly string[]): string {
  const script = fileURLToPath(new URL('../../scripts/checkpoints/reference.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(PYTHON, [script, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`reference.py ended with ${status}: ${stderr}`);
  return stdout;
}
