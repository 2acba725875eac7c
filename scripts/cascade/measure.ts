// What a cascade saves, on real completions and their answers said another way: judging every completion, the cascade, the
// cascade again, and a process that is killed in the middle. All of it through `groupwise judge evaluate` in processes of their own.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { EvaluationReport } from '../../src/commands/judge/describe-evaluation.ts';
import type { RecipeReport } from '../../src/commands/judge/evaluation-report.ts';
import { createRandom } from '../../src/core/random.ts';
import { startKnowingJudge, type KnowingJudge, type LabelledRow } from './knowing-judge.ts';
import { paraphrase } from './paraphrases.ts';

const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));
const SEED = 20_260_711;
/** List price of a small judge, US dollars for a million tokens. */
const PRICE = { input: 0.4, output: 1.6 };

export const EVERY = 'judge';
export const CASCADE = JSON.stringify({ scorers: [{ name: 'math' }, { name: 'judge', when: 'undecided' }] });

export interface Killed {
  /** Calls until the kill, and verdicts on disk after it. */
  readonly calls: number;
  readonly kept: number;
  /** Calls of the process that took over. */
  readonly callsAfter: number;
  /** Of those, calls whose verdict was on disk. */
  readonly repeated: number;
  readonly report: RecipeReport;
}

export interface CascadeFigures {
  readonly completions: number;
  /** By way of saying it; completions that end in no answer are left as they are. */
  readonly paraphrased: Readonly<Record<string, number>>;
  readonly contradictions: number;
  readonly every: RecipeReport;
  readonly cascade: RecipeReport;
  readonly second: RecipeReport;
  readonly killedEvery: Killed;
  readonly killedCascade: Killed;
}

/** @param options.folder empty: data directories and files are made in it */
export async function measureCascade(options: {
  readonly file: string;
  readonly folder: string;
}): Promise<CascadeFigures> {
  const { folder } = options;
  const { mix, ways } = withParaphrases(readRows(options.file));
  const file = join(folder, 'mix.jsonl');
  writeFileSync(file, mix.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const watch = { killAt: -1, kill: (): void => {} };
  const judge = await startKnowingJudge(mix, (index) => {
    if (index === watch.killAt) watch.kill();
  });
  try {
    const run = (recipe: string, name: string): Evaluation =>
      new Evaluation({ recipe, name, file, folder, judge });
    const every = await run(EVERY, 'every').end();
    const cascade = await run(CASCADE, 'cascade').end();
    const second = await run(CASCADE, 'cascade').end();
    const kill = async (recipe: string, name: string, usual: RecipeReport): Promise<Killed> => {
      const began = judge.log.length;
      const half = Math.floor(callsOf(usual) / 2);
      const first = run(recipe, name);
      Object.assign(watch, { killAt: began + half, kill: () => first.kill() });
      await first.killed();
      const calls = judge.log.length - began;
      const kept = await first.kept();
      const report = await run(recipe, name).end();
      const callsAfter = judge.log.length - began - calls;
      return { calls, kept, callsAfter, repeated: callsAfter + kept - callsOf(usual), report };
    };
    return {
      completions: mix.reduce((sum, { completions }) => sum + completions.length, 0),
      paraphrased: ways,
      contradictions: judge.contradictions,
      every,
      cascade,
      second,
      killedEvery: await kill(EVERY, 'killed-every', every),
      killedCascade: await kill(CASCADE, 'killed-cascade', cascade),
    };
  } finally {
    await judge.close();
  }
}

export function callsOf({ judges }: RecipeReport): number {
  return judges.reduce((sum, { calls }) => sum + calls, 0);
}

function readRows(file: string): readonly LabelledRow[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  // The layout of the file is its own; a row of another one is refused by the command.
  return lines.map((line): LabelledRow => JSON.parse(line));
}

/** Every row twice: as it is, and with its answers said another way. */
export function withParaphrases(rows: readonly LabelledRow[]): {
  readonly mix: readonly LabelledRow[];
  readonly ways: Readonly<Record<string, number>>;
} {
  const random = createRandom(SEED);
  const ways: Record<string, number> = {};
  const said = rows.map((row) => ({
    ...row,
    completions: row.completions.map((completion) => {
      const other = paraphrase({ text: completion.text, question: row.question }, random);
      const way = other?.way ?? 'as it is';
      ways[way] = (ways[way] ?? 0) + 1;
      return { ...completion, text: other?.text ?? completion.text };
    }),
  }));
  return { mix: rows.flatMap((row, index) => [row, said[index] ?? row]), ways };
}

/** One `groupwise judge evaluate` in a process of its own, on the data directory `name`. */
class Evaluation {
  readonly #data: string;
  readonly #child: ChildProcess;
  readonly #stdout: Promise<string>;
  readonly #ended: Promise<unknown[]>;

  constructor({
    recipe,
    name,
    file,
    folder,
    judge,
  }: {
    readonly recipe: string;
    readonly name: string;
    readonly file: string;
    readonly folder: string;
    readonly judge: KnowingJudge;
  }) {
    this.#data = join(folder, name);
    mkdirSync(this.#data, { recursive: true });
    const scorers = join(this.#data, 'scorers.yaml');
    const endpoints = [{ base_url: judge.url }];
    // JSON is YAML.
    writeFileSync(
      scorers,
      JSON.stringify({ judges: { judge: { model: 'knowing', endpoints, price: PRICE } } }),
    );
    const { child, stdout } = command(
      ['judge', 'evaluate', file, '--reward', recipe],
      ['--scorers', scorers, '--data', this.#data, '--json'],
    );
    this.#child = child;
    this.#stdout = stdout;
    this.#ended = once(child, 'exit');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async killed(): Promise<void> {
    const [status, signal] = await this.#ended;
    if (signal !== 'SIGKILL')
      throw new Error(`It ended with ${String(status ?? signal)} before it was killed`);
  }

  /** Verdicts that are on disk. */
  async kept(): Promise<number> {
    const { stdout } = command(['cache', 'stats', '--data', this.#data, '--json']);
    return (JSON.parse(await stdout) as { verdicts: number }).verdicts;
  }

  async end(): Promise<RecipeReport> {
    const [status] = await this.#ended;
    const [recipe] = status === 0 ? (JSON.parse(await this.#stdout) as EvaluationReport).recipes : [];
    if (recipe === undefined) throw new Error(`groupwise judge evaluate ended with ${String(status)}`);
    return recipe;
  }
}

function command(...args: readonly (readonly string[])[]): { child: ChildProcess; stdout: Promise<string> } {
  const child = spawn(process.execPath, [COMMAND, ...args.flat()], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, stdout: text(child.stdout) };
}
