// The recipes that come along for Self-Instruct, MetaMath and MAmmoTH2, by the command, from tasks and from pages to rows: which are there, and
// why the others are not.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recipePath } from '../../src/adapters/recipe-file.ts';
import { runCommandLine } from '../support/command-line.ts';
import { generationModel, type Handlers } from '../support/generation-model.ts';
import {
  answerTo,
  DISPUTED,
  METAMATH_MODEL,
  MISCOUNTED,
  MISREAD,
  PAGE_MODEL,
  quizPages,
  SELF_INSTRUCT_MODEL,
  solutionOf,
  WORD_PROBLEMS,
} from '../support/methods-model.ts';
import { startOpenAiServer, type OpenAiServer } from '../support/openai-server.ts';

interface Row {
  readonly question: string;
  readonly ground_truth: string;
  readonly split: string;
  readonly provenance: Readonly<Record<string, unknown>> & {
    readonly span?: { readonly start: number; readonly end: number };
    readonly extra: { readonly notes?: Readonly<Record<string, unknown>>; readonly source?: string };
  };
}

let folder = '';
let server: OpenAiServer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-methods-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

async function generate(
  handlers: Handlers,
  ...args: readonly string[]
): Promise<{ readonly report: Readonly<Record<string, unknown>>; readonly rows: readonly Row[] }> {
  server ??= await startOpenAiServer(generationModel(handlers));
  const model = ['--generator-model', 'gpt-4.1-mini', '--model-url', server.url];
  const to = ['--name', 'made', '--data', join(folder, 'data')];
  const made = await runCommandLine('generate', ...args, ...model, ...to, '--replace', '--json');
  expect(made).toMatchObject({ status: 0 });
  const out = join(folder, 'made.jsonl');
  const file = ['--data', join(folder, 'data'), '--format', 'jsonl', '--out', out, '--overwrite'];
  const exported = await runCommandLine('dataset', 'export', 'made', ...file);
  expect(exported).toMatchObject({ status: 0 });
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
  return {
    report: JSON.parse(made.stdout) as Readonly<Record<string, unknown>>,
    rows: lines.map((line) => JSON.parse(line) as Row),
  };
}

/** The recipe that comes along, in small. */
function smaller(name: string, changes: Readonly<Record<string, string>>): string {
  let text = readFileSync(recipePath(name), 'utf8');
  for (const [from, to] of Object.entries(changes)) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, text);
  return path;
}

describe('groupwise generate --recipe self-instruct', () => {
  it('growPool() makes new tasks of seeds, and every row that is left has the right answer', async () => {
    const seeds = join(recipePath('self-instruct'), '../../seeds/tasks.jsonl');
    const recipe = smaller('self-instruct', {
      '../seeds/tasks.jsonl': seeds,
      'size: 500': 'size: 12',
      'samples: 8': 'samples: 5',
    });
    const task = join(folder, 'task.yaml');
    writeFileSync(task, 'description: Short tasks about counting, for everyday life\n');
    const args = ['--task', task, '--recipe', recipe];
    const { report, rows } = await generate(SELF_INSTRUCT_MODEL, ...args);
    expect(report).toMatchObject({ documents: 0, unfinished: 0, stopped: null });
    // Twelve tasks with two instances each; nobody agrees on one task.
    expect(rows).toHaveLength(2 * 11);
    expect(report['kept']).toBe(rows.length);
    const dropped = report['dropped'] as Readonly<Record<string, number>>;
    expect(Object.keys(dropped).toSorted()).toEqual([
      'banned_word',
      'more_than_asked',
      'no_agreement',
      'similar_to_kept',
    ]);
    expect(dropped['no_agreement']).toBe(2);
    for (const { question, ground_truth: answer, provenance } of rows) {
      expect({ question, answer }).toEqual({ question, answer: solutionOf(question) });
      expect(question.startsWith(DISPUTED)).toBe(false);
      expect(provenance).toMatchObject({ generator: 'self_instruct', model: 'gpt-4.1-mini' });
    }
    expect(rows.some(({ question }) => question.startsWith(MISCOUNTED))).toBe(true);
    const labels = rows.filter(({ ground_truth: answer }) => /^(?:even|odd)$/u.test(answer));
    expect(labels.length).toBe(2 * 3);
    // Instances of one task are of one family, and so in one split.
    const splits = new Map<string, Set<string>>();
    for (const { question, split } of rows) {
      const [instruction = ''] = question.split('\n\n');
      splits.set(instruction, (splits.get(instruction) ?? new Set()).add(split));
    }
    expect([...splits.values()].every((of) => of.size === 1)).toBe(true);

    const asked = server?.log.length;
    const model = ['--generator-model', 'gpt-4.1-mini', '--model-url', server?.url ?? ''];
    const to = ['--name', 'told', '--data', join(folder, 'data')];
    const told = await runCommandLine('generate', ...args, ...model, ...to);
    expect(told.stderr).toContain('self_instruct: 0 in, 12 made');
    expect(told.stderr).not.toContain('documents');
    const again = await generate(SELF_INSTRUCT_MODEL, ...args);
    expect(server?.log).toHaveLength(asked ?? NaN);
    expect(again.rows).toEqual(rows);
  });
});

describe('groupwise generate --recipe metamath', () => {
  it('asks each problem in other words and backwards, and keeps what its known answer comes out of', async () => {
    const problems = join(folder, 'problems.jsonl');
    writeFileSync(problems, WORD_PROBLEMS.map((problem) => `${JSON.stringify(problem)}\n`).join(''));
    const recipe = smaller('metamath', { '../seeds/word-problems.jsonl': problems });
    const { report, rows } = await generate(METAMATH_MODEL, '--recipe', recipe);
    // Two wordings, two backward questions, and two more that are statements; no misread wording's answer comes out.
    expect(report).toMatchObject({ dropped: { answer_not_matched: 2 }, kept: 4 * 7 - 2, unfinished: 0 });
    expect(rows).toHaveLength(4 * 7 - 2);
    for (const { question, ground_truth: answer } of rows) {
      expect({ question, answer }).toEqual({ question, answer: String(answerTo(question)) });
    }
    const madeBy = (generator: string): readonly Row[] =>
      rows.filter(({ provenance }) => provenance['generator'] === generator);
    const methods = ['read_pairs', 'rephrase', 'self_verification', 'fobar'];
    expect(methods.map((name) => madeBy(name).length)).toEqual([4, 6, 8, 8]);
    expect(madeBy('rephrase').some(({ question }) => question.includes(MISREAD))).toBe(false);
    for (const { provenance } of methods.slice(1).flatMap(madeBy)) {
      expect(provenance.extra.notes?.['matches']).toEqual({ matches: 3, samples: 4 });
    }
    const asked = server?.log.length;
    expect((await generate(METAMATH_MODEL, '--recipe', recipe)).rows).toEqual(rows);
    expect(server?.log).toHaveLength(asked ?? NaN);
  });
});

describe('groupwise generate --recipe mammoth2', () => {
  it('takes out the questions that pages have, and says of every other one why it is none', async () => {
    const pages = join(folder, 'pages');
    mkdirSync(pages);
    for (const { name, text } of quizPages()) writeFileSync(join(pages, name), text);
    const { report, rows } = await generate(PAGE_MODEL, pages, '--recipe', 'mammoth2');
    expect(report).toMatchObject({
      documents: 8,
      generated: 7,
      unfinished: 0,
      dropped: { no_natural_pairs: 1, question_not_found: 1, unsure_answer: 1 },
      kept: 6,
    });
    const texts = new Map(quizPages().map(({ name, text }) => [`pages/${name}`, text]));
    for (const { question, ground_truth: answer, provenance } of rows) {
      const text = texts.get(provenance.extra.source ?? '') ?? '';
      const [, river = '', length = ''] = /The river (\w+) is (\d+) kilometres long/u.exec(text) ?? [];
      expect({ question, answer }).toEqual({
        question: `How long is the river ${river}, in kilometres?`,
        answer: `${length} kilometres`,
      });
      const { start = 0, end = 0 } = provenance.span ?? {};
      const evidence = Buffer.from(text).subarray(start, end).toString();
      // The page proves the answer that it gives; of a corrected one it proves nothing.
      expect(evidence).toBe(river === 'Corva' ? '' : `Solution: ${length} kilometres`);
      expect(provenance.extra.notes?.['refine']).toMatchObject({
        answer: river === 'Corva' ? 'corrected' : 'right',
        question_before: 'How many kilometres long is it?',
      });
    }
    const asked = server?.log.length;
    expect((await generate(PAGE_MODEL, pages, '--recipe', 'mammoth2')).rows).toEqual(rows);
    expect(server?.log).toHaveLength(asked ?? NaN);
  });
});
