// `groupwise judge evaluate` on a small file whose every figure can be counted by hand, with a judge behind a real API.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EvaluationReport } from '../../src/commands/judge/describe-evaluation.ts';
import type { JudgeUseReport } from '../../src/commands/judge/evaluation-report.ts';
import { type Ended, runCommandLine } from '../support/command-line.ts';
import {
  type Behaviour,
  type ChatBody,
  type OpenAiServer,
  startOpenAiServer,
} from '../support/openai-server.ts';

const PRICE = { input: 400, output: 1_600 };
const UNSURE = String.raw`So it is \boxed{\int_0^6 x dx}.`;
const CASCADE = JSON.stringify({ scorers: [{ name: 'math' }, { name: 'judge', when: 'undecided' }] });
const ROWS = [
  {
    question: 'Integrate x from 0 to 6.',
    ground_truth: '18',
    domain: 'calculus',
    completions: [
      { text: String.raw`\boxed{18}`, is_correct: true },
      { text: String.raw`\boxed{17}`, is_correct: false },
      { text: UNSURE, is_correct: true },
      // The same answer in other words: one asking.
      { text: `Hm. ${UNSURE}`, is_correct: true },
      // What the rule misses; a judge alone would not.
      { text: 'Answer: one more than seventeen', is_correct: true },
      // No label: it is scored, and in no table.
      { text: String.raw`\boxed{3}` },
    ],
  },
  { question: 'How many?', ground_truth: '42', answer: 'forty-two', label: 1 },
  { question: 'How many?', ground_truth: '42', completion: 'Thought process:', label: 'incorrect' },
  {
    question: 'Which city?',
    ground_truth: 'Lyon',
    response: 'Answer: Paris',
    label: false,
    answer_type: 'text',
  },
];

let folder = '';
let api: OpenAiServer;
let behave: (body: ChatBody) => Behaviour;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-evaluate-'));
  behave = (body) => ({ kind: 'reply', text: JSON.stringify({ reasoning: '', verdict: verdictOn(body) }) });
  api = await startOpenAiServer((body) => behave(body));
  const judge = { model: 'test-judge', endpoints: [{ base_url: api.url }], price: PRICE, attempts_max: 2 };
  const ranker = { ...judge, template: 'pairwise' };
  // JSON is YAML.
  writeFileSync(join(folder, 'scorers.yaml'), JSON.stringify({ judges: { judge, ranker } }));
  writeRows(ROWS);
});
afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

function verdictOn({ messages }: ChatBody): string {
  const user = messages.at(-1)?.content ?? '';
  const answer = /<(data-\w+) answer>\n([\s\S]*?)\n<\/\1>/u.exec(user)?.[2] ?? '';
  return /int_0\^6|^18$|one more than seventeen|forty-two/u.test(answer) ? 'equivalent' : 'different';
}

function writeRows(rows: readonly unknown[]): void {
  writeFileSync(join(folder, 'labelled.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

function evaluate(...args: readonly string[]): Promise<Ended> {
  const given = ['--scorers', join(folder, 'scorers.yaml'), '--data', folder];
  return runCommandLine('judge', 'evaluate', join(folder, 'labelled.jsonl'), ...given, ...args);
}

async function reportOf(...args: readonly string[]): Promise<EvaluationReport> {
  const { stdout, stderr, status } = await evaluate(...args, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as EvaluationReport;
}

/** All ways of not asking, with the askings, are all completions. */
function sumOf({ decided_by: decided, ...use }: JudgeUseReport): number {
  const decisions = Object.values(decided).reduce((sum, count) => sum + count, 0);
  return decisions + use.no_answer + use.refused + use.same_answer + use.known + use.asked;
}

function billed(): number {
  return api.log.reduce((sum, { billed: usage }) => {
    if (usage === undefined) return sum;
    return sum + (usage.prompt_tokens * PRICE.input + usage.completion_tokens * PRICE.output) / 1e6;
  }, 0);
}

describe('groupwise judge evaluate', () => {
  it('counts verdicts against labels, and who made the judge needless', async () => {
    const report = await reportOf('--reward', CASCADE);
    expect(report).toMatchObject({ groups: 4, completions: 9, labelled: 8, labelled_right: 5, rejected: 0 });
    const [recipe] = report.recipes;
    expect(recipe).toMatchObject({
      name: 'math → judge (undecided)',
      true_positives: 4,
      false_negatives: 1,
      false_positives: 0,
      true_negatives: 3,
      unscorable: {},
      agreement: { share: 7 / 8 },
      with_first: null,
    });
    expect(recipe?.kappa).toBeCloseTo(0.75, 12);
    const [use] = recipe?.judges ?? [];
    expect(use).toMatchObject({
      completions: 9,
      asked: 1,
      avoided: 8,
      same_answer: 1,
      known: 0,
      questions: 1,
      calls: 1,
    });
    expect(use?.decided_by).toEqual({ math: 7 });
    expect(api.log).toHaveLength(1);
    expect(use?.cost_usd).toBeCloseTo(billed(), 12);
    expect(use?.prompt_tokens).toBe(api.log[0]?.billed?.prompt_tokens);
    const [math, judge] = recipe?.scorers ?? [];
    expect(math).toMatchObject({ scorer: 'math', labelled: 8, replaced: 2, unscorable: { undecided: 2 } });
    // "Thought process:" holds no answer to ask about.
    expect(math?.latency_ms?.count).toBe(8);
    expect(judge).toMatchObject({
      scorer: 'judge',
      labelled: 2,
      true_positives: 2,
      latency_ms: { count: 1 },
    });
    expect(recipe?.places.map(({ answer_type: type, domain, labelled }) => [type, domain, labelled])).toEqual(
      [
        ['number', 'calculus', 5],
        ['number', '', 2],
        ['text', '', 1],
      ],
    );
  });

  it('puts recipes side by side, and knows in a second pass what the first one paid for', async () => {
    const { recipes } = await reportOf('--reward', 'judge', '--reward', CASCADE);
    const [alone, cascade] = recipes;
    expect(alone).toMatchObject({ name: 'judge', agreement: { share: 1 }, kappa: 1 });
    // Eight labelled and one without a label; "Thought process:" is no answer, and two completions say the same.
    expect(alone?.judges[0]).toMatchObject({
      asked: 7,
      refused: 1,
      same_answer: 1,
      known: 0,
      questions: 7,
      decided_by: {},
    });
    expect(cascade?.with_first).toMatchObject({ compared: 9, agreement: { share: 8 / 9 } });
    expect(cascade?.judges[0]).toMatchObject({
      asked: 0,
      known: 1,
      same_answer: 1,
      questions: 1,
      calls: 0,
      cost_usd: 0,
    });
    for (const { judges } of recipes) for (const use of judges) expect(sumOf(use)).toBe(9);
    const calls = api.log.length;
    expect(calls).toBe(7);
    const again = await reportOf('--reward', 'judge', '--reward', CASCADE);
    expect(api.log).toHaveLength(calls);
    expect(again.recipes[0]?.judges[0]).toMatchObject({
      asked: 0,
      known: 7,
      same_answer: 1,
      refused: 1,
      calls: 0,
    });
    expect(again.recipes.map(({ agreement }) => agreement)).toEqual(
      recipes.map(({ agreement }) => agreement),
    );
  });

  it('counts what a judge could not say by its cause, as no agreement and as no number', async () => {
    behave = () => ({ kind: 'status', status: 500 });
    const { recipes } = await reportOf('--reward', CASCADE);
    expect(recipes[0]).toMatchObject({
      labelled: 8,
      unscorable: { judge_unavailable: 2 },
      accuracy: { share: 5 / 6 },
      agreement: { share: 5 / 8 },
    });
    expect(recipes[0]?.judges[0]?.calls).toBe(api.log.length);
  });

  it('writes disagreements with what every scorer said, and replaces no file unasked', async () => {
    const file = join(folder, 'disagreements.jsonl');
    await reportOf('--reward', CASCADE, '--disagreements', file);
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toMatchObject([
      {
        at: `${join(folder, 'labelled.jsonl')}:1`,
        member_index: 4,
        recipe: 'math → judge (undecided)',
        label: true,
        reward: 0,
        question: 'Integrate x from 0 to 6.',
        ground_truth: '18',
        completion: 'Answer: one more than seventeen',
        domain: 'calculus',
        scores: [{ scorer: 'math', kind: 'scored', score: 0, answer: 'one more than seventeen' }],
      },
    ]);
    const calls = api.log.length;
    const refused = await evaluate('--reward', 'judge', '--disagreements', file);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('--overwrite');
    expect(api.log).toHaveLength(calls);
    await reportOf('--reward', 'judge', '--disagreements', file, '--overwrite');
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  it('leaves out lines without a label, says so, and ends with status 1', async () => {
    writeRows([{ question: 'How many?', ground_truth: '42', completion: '42' }, 'no row', ...ROWS.slice(1)]);
    const { status, stdout } = await evaluate('--reward', 'math');
    expect(status).toBe(1);
    expect(stdout).toContain('rejected      2 lines');
    expect(stdout).toContain('labelled.jsonl:1: label: Must be true or false');
    expect(stdout).toContain('3 labelled, 1 of them right');
    expect(api.log).toHaveLength(0);
  });

  it.each([
    ['a recipe of nobody', ['--reward', 'jugde'], 'Unknown scorer "jugde"'],
    ['a threshold that is no number', ['--threshold', ''], '--threshold'],
    ['a recipe that is no JSON', ['--reward', '{'], '--reward'],
    ['a dataset of no data directory', ['--dataset', 'none'], 'There is no data directory'],
    ['a scorers file that is not there', ['--scorers', '/nowhere.yaml'], '/nowhere.yaml'],
  ])('refuses %s and writes nothing', async (_, args, message) => {
    const file = join(folder, 'out.jsonl');
    const { status, stderr } = await evaluate(...args, '--disagreements', file);
    expect(status).not.toBe(0);
    expect(stderr).toContain(message);
    expect([file, `${file}.partial`].filter((path) => existsSync(path))).toEqual([]);
    expect(api.log).toHaveLength(0);
  });

  it('measures a judge that compares the completions of a group', async () => {
    // The first of the two shown is better when it has the 18.
    behave = ({ messages }) => {
      const isFirst = /<(data-\w+) answer>\n[^<]*18[^<]*\n<\/\1>/u.test(messages.at(-1)?.content ?? '');
      return {
        kind: 'reply',
        text: JSON.stringify({ reasoning: '', verdict: isFirst ? 'first' : 'second' }),
      };
    };
    const completions = [
      { text: 'So 18 it is', is_correct: true },
      { text: 'So 17 it is', is_correct: false },
    ];
    writeRows([{ question: 'Integrate x from 0 to 6.', ground_truth: '18', completions }]);
    const { recipes } = await reportOf('--reward', 'ranker');
    expect(recipes[0]).toMatchObject({ true_positives: 1, true_negatives: 1, unscorable: {} });
    const [use] = recipes[0]?.judges ?? [];
    // One pair in both orders.
    expect(use).toMatchObject({ completions: 2, asked: 2, calls: 2, refused: 0, no_answer: 0 });
    expect(recipes[0]?.scorers[0]?.latency_ms?.count).toBe(2);
    expect(use?.cost_usd).toBeCloseTo(billed(), 12);
    const again = await reportOf('--reward', 'ranker');
    expect(again.recipes[0]?.judges[0]).toMatchObject({ asked: 0, known: 2, calls: 0 });
  });

  it('prints for people what the JSON says', async () => {
    const { stdout, status } = await evaluate('--reward', CASCADE, '--reward', 'math');
    expect(status).toBe(0);
    expect(stdout).toContain('judge asked 1 of 9 times: 88.89 % avoided (decided by math 7, same answer 1,');
    expect(stdout).toContain('confusion   right: 4 rewarded, 1 missed; wrong: 3 not rewarded, 0 rewarded');
    expect(stdout).toContain('with first');
  });
});
