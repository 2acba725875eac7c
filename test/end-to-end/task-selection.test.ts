// Synthetic Data RL from a task definition alone: no documents, the recipe that comes along, and a policy whose pass rates are known
// beforehand. The rows must be those that the paper's formula chooses of these rates, worked out here without any of our code.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type Ended, runCommandLine } from '../support/command-line.ts';
import { runCommand } from '../support/command-process.ts';
import { generationModel, schemaNameOf, type Asked, type Handlers } from '../support/generation-model.ts';
import { startOpenAiServer, type OpenAiServer } from '../support/openai-server.ts';

const RECIPE = fileURLToPath(new URL('../../examples/recipes/synthetic-data-rl.yaml', import.meta.url));
/** Questions that the teacher writes; each is rewritten once. */
const WRITTEN = 20;
/** L of the paper. */
const SAMPLES = 64;

const folder = mkdtempSync(join(tmpdir(), 'groupwise-task-'));
let server: OpenAiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How many of 64 completions of each question are right. Questions 0 … 19 are written, 100 … 119 are their rewrites. */
const PASSES: ReadonlyMap<number, number> = new Map(
  [
    [0, 64, 1, 63, 32, 5, 0, 64, 17, 2, 48, 64, 9, 0, 33, 7, 60, 21, 12, 3],
    [40, 0, 13, 64, 4, 0, 25, 31, 64, 6, 0, 19, 8, 50, 64, 11, 0, 45, 29, 62],
  ].flatMap((row, at) => row.map((passes, index) => [100 * at + index, passes] as const)),
);

const TASK = `name: sums
description: Add two whole numbers
input_format: One question
output_format: "A last line 'Answer: N'"
answer_type: number
`;

function questionOf(n: number): string {
  return `What is ${1000 + n} + ${2 * n + 7}?`;
}

function answerOf(n: number): number {
  return 1000 + n + 2 * n + 7;
}

function numberIn(text: string): number {
  return Number(/What is (\d+) \+/u.exec(text)?.[1]) - 1000;
}

function written(n: number): object {
  return { input: questionOf(n), output: `Answer: ${answerOf(n)}` };
}

function rewritten({ first }: Asked): object {
  return written(100 + numberIn(first('question')));
}

const MODELS: Handlers = {
  retrieve_keywords: () => ({ keyword: 'addition', synonyms: ['sums', 'arithmetic'] }),
  // "sums#7" is the seventh question that is to be written.
  task_generate_input_output: ({ first }) => written(Number(first('number').split('#')[1]) - 1),
  adapt_harder: rewritten,
  adapt_easier: rewritten,
  text: ({ body, first }) => {
    const n = numberIn(first('question'));
    // Every sample has a seed of its own, three apart.
    const sample = Math.floor(Number(body['seed']) / 3);
    const isRight = body.model !== 'scripted-policy' || sample < (PASSES.get(n) ?? NaN);
    return `Let me see.\nAnswer: ${isRight ? answerOf(n) : answerOf(n) + 1}`;
  },
};

interface Row {
  readonly question: string;
  readonly ground_truth: string;
  readonly pass_rate: number;
}

interface Made {
  readonly report: Readonly<Record<string, unknown>>;
  readonly rows: readonly Row[];
}

/** What the recipe that comes along makes, smaller, and choosing `size` questions. */
async function generate(
  url: string,
  size: number,
  run: (...args: readonly string[]) => Promise<Ended> = runCommandLine,
): Promise<Made> {
  const recipe = join(folder, 'recipe.yaml');
  const text = readFileSync(RECIPE, 'utf8')
    .replace('passages: 500', `passages: ${WRITTEN}`)
    .replace('samples: 16', 'samples: 4')
    .replace('size: 500', `size: ${size}`);
  expect(text).toContain(`samples: ${SAMPLES}`);
  writeFileSync(recipe, text);
  const task = join(folder, 'task.yaml');
  writeFileSync(task, TASK);
  const data = join(folder, 'data');
  const models = ['--generator-model', 'teacher', '--policy-model', 'scripted-policy', '--model-url', url];
  const to = ['--name', 'sums', '--data', data, '--replace', '--json'];
  const made = await run('generate', '--task', task, '--recipe', recipe, ...models, ...to);
  expect(made).toMatchObject({ status: 0 });
  const out = join(folder, 'sums.jsonl');
  const file = ['--format', 'jsonl', '--out', out, '--overwrite'];
  const exported = await runCommandLine('dataset', 'export', 'sums', '--data', data, ...file);
  expect(exported).toMatchObject({ status: 0 });
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
  return {
    report: JSON.parse(made.stdout) as Made['report'],
    rows: lines.map((line) => JSON.parse(line) as Row),
  };
}

/** Equation 7: the pass rate where it is positive, else 1. */
function score(n: number): number {
  const rate = (PASSES.get(n) ?? NaN) / SAMPLES;
  return rate > 0 ? rate : 1;
}

const byNumber = (a: number, b: number): number => a - b;

describe('groupwise generate --task without documents', () => {
  it('selectByPassRate() chooses the rows that equation 7 chooses of the pass rates of the policy', async () => {
    server = await startOpenAiServer(generationModel(MODELS));
    const all = [...PASSES.keys()];
    const ranked = all.toSorted((a, b) => score(a) - score(b));
    const size = 15;
    // The cut is between two different scores, so that the formula leaves no choice.
    expect(score(ranked[size - 1] ?? NaN)).toBeLessThan(score(ranked[size] ?? NaN));

    const { report, rows } = await generate(server.url, size, (...args) => runCommand(args));
    expect(report).toMatchObject({ documents: 0, generated: 2 * WRITTEN, kept: size, unfinished: 0 });
    const chosen = rows.map(({ question }) => numberIn(question)).toSorted(byNumber);
    expect(chosen).toEqual(ranked.slice(0, size).toSorted(byNumber));
    for (const row of rows) {
      const n = numberIn(row.question);
      expect(row).toMatchObject({
        question: questionOf(n),
        ground_truth: String(answerOf(n)),
        pass_rate: (PASSES.get(n) ?? NaN) / SAMPLES,
      });
    }
    const dropped = (rate: number): number => ranked.filter((n) => PASSES.get(n) === rate).length;
    expect(report['dropped']).toEqual({
      never_solved: dropped(0),
      always_solved: dropped(SAMPLES),
      not_selected: 2 * WRITTEN - size - dropped(0) - dropped(SAMPLES),
    });
    const policy = server.log.filter(({ body }) => body.model === 'scripted-policy');
    // 64 for each question, and one at temperature 0 that tells whether it is rewritten harder or easier.
    expect(policy).toHaveLength(2 * WRITTEN * SAMPLES + WRITTEN);
    const isSolved = (n: number): boolean => (PASSES.get(n) ?? 0) > 0;
    const rewrites = server.log.map(({ body }) => schemaNameOf(body));
    expect(rewrites.filter((name) => name === 'adapt_harder')).toHaveLength(
      all.filter((n) => n < WRITTEN && isSolved(n)).length,
    );

    // Other sizes are other choices among the same rates: nothing is asked for them.
    const asked = server.log.length;
    for (const other of [1, 26, 33, 40]) {
      const again = await generate(server.url, other);
      expect(again.report).toMatchObject({ calls: 0, kept: other });
      const scores = again.rows.map(({ question }) => score(numberIn(question))).toSorted(byNumber);
      expect(scores).toEqual(ranked.slice(0, other).map(score));
    }
    expect(server.log).toHaveLength(asked);
  }, 400_000);
});
