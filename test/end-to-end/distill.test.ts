// The whole way: a server whose judge is asked, `groupwise distill` from what it said, and a server that asks the verifier
// first. All in processes of their own but the judge, which is a real server on loopback that tells the truth.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { EnvClient } from '../../src/client/env-client.ts';
import type { CompletionResult } from '../../src/core/calls.ts';
import type { RunId } from '../../src/core/ids.ts';
import { recipeFromJson } from '../../src/core/recipe-json.ts';
import type { DistillationReport } from '../../src/commands/distil/distillation-report.ts';
import { runCommandLine } from '../support/command-line.ts';
import { runCommand } from '../support/command-process.ts';
import { hasOnnx, ONNX_NOTE } from '../support/onnx-runtime.ts';
import { type ChatBody, type OpenAiServer, startOpenAiServer } from '../support/openai-server.ts';
import { ServerProcess } from '../support/server-process.ts';

const SIZE = ['--width', '32', '--layers', '1', '--steps', '400', '--threads', '1', '--seed', '3'];
const QUESTIONS = 80;
const GROUP_SIZE = 8;
const WITHOUT = { scorers: [{ name: 'math' }, { name: 'judge', when: 'undecided' }] };

/** The rule computes no integrals, so it cannot tell what any of these is. */
function integral(value: number, variable: string): string {
  return String.raw`It is \boxed{\int_0^{${value}} 1\,d${variable}}.`;
}

/** Half of each group is right. The values differ, so that no two answers are one asking. */
function completionsOf(truth: number): readonly { readonly text: string; readonly isRight: boolean }[] {
  return Array.from({ length: GROUP_SIZE }, (_, member) => {
    const isRight = member % 2 === 0;
    const value = isRight ? truth : truth + 1 + 7 * (member >> 1);
    return { text: integral(value, 'xtuy'.charAt(member >> 1)), isRight };
  });
}

function shown({ messages }: ChatBody, name: string): string {
  const user = messages.at(-1)?.content ?? '';
  return new RegExp(`<(data-\\w+) ${name}>\\n([\\s\\S]*?)\\n</\\1>`, 'u').exec(user)?.[2] ?? '';
}

let folder = '';
let api: OpenAiServer;
let model = '';
let report: DistillationReport;

async function writeDataset(name: string, first: number): Promise<void> {
  const rows = Array.from({ length: QUESTIONS }, (_, index) => ({
    question: `How long is stick ${first + index}?`,
    answer: String(truthOf(first + index)),
    answer_type: 'math',
  }));
  const file = join(folder, `${name}.jsonl`);
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const { status, stderr } = await runCommand(['import', file, '--name', name, '--data', folder]);
  if (status !== 0) throw new Error(stderr);
}

function truthOf(stick: number): number {
  return 10 + ((stick * 37) % 989);
}

function writeScorers(rewardModels: object): string {
  const path = join(folder, 'scorers.yaml');
  const judge = { model: 'truth', endpoints: [{ base_url: api.url }], price: { input: 1, output: 1 } };
  // JSON is YAML.
  writeFileSync(
    path,
    JSON.stringify({ judges: { judge }, reward_models: rewardModels, audit: { share: 0, judge: 'judge' } }),
  );
  return path;
}

interface Rollout {
  readonly calls: number;
  readonly right: number;
  readonly results: readonly CompletionResult[];
}

/** All groups of a dataset through a server, by a recipe: judge calls, and rewards that are the truth. */
async function rollOut(dataset: string, scorers: string, recipe: object): Promise<Rollout> {
  const before = api.log.length;
  const server = await ServerProcess.start(folder, '--scorers', scorers);
  const client = new EnvClient({ address: server.grpc });
  const runId = `run-of-${dataset}` as RunId;
  const results: CompletionResult[] = [];
  let right = 0;
  try {
    const reward = recipeFromJson(JSON.parse(JSON.stringify(recipe)), 'reward');
    await client.call('OpenRun', {
      runId,
      dataset,
      split: 'train',
      groupSize: GROUP_SIZE,
      epochs: 1,
      reward,
    });
    for (let left = QUESTIONS; left > 0;) {
      const { groups } = await client.call('LeaseGroups', { runId, groups: 16 });
      left -= groups.length;
      if (groups.length === 0) throw new Error('There are too few groups');
      const said = groups.map(({ prompt }) => {
        const stick = Number(/stick (\d+)/u.exec(prompt.map(({ content }) => content).join(' '))?.[1]);
        return completionsOf(truthOf(stick));
      });
      const submitted = groups.map(({ leaseId }, index) => ({
        leaseId,
        completions: (said[index] ?? []).map(({ text }, memberIndex) => ({ text, memberIndex })),
      }));
      const found = await client.call('SubmitCompletions', { runId, groups: submitted });
      found.forEach(({ completions }, index) => {
        completions.forEach((completion, member) => {
          results.push(completion);
          const { outcome } = completion;
          if (outcome.kind === 'scored' && outcome.reward >= 0.5 === said[index]?.[member]?.isRight)
            right += 1;
        });
      });
    }
  } finally {
    client.close();
    await server.kill();
  }
  return { calls: api.log.length - before, right, results };
}

// Runs wherever onnxruntime-node is installed and has a build.
describe.skipIf(!hasOnnx)(`groupwise distill${ONNX_NOTE}`, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'groupwise-distill-'));
    model = join(folder, 'models', 'verifier');
    api = await startOpenAiServer((body) => {
      const value = /\^\{(\d+)\}/u.exec(shown(body, 'answer'))?.[1];
      const verdict = value === shown(body, 'ground_truth') ? 'equivalent' : 'different';
      return { kind: 'reply', text: JSON.stringify({ reasoning: '', verdict }) };
    });
    writeScorers({});
    await writeDataset('sticks', 0);
    await writeDataset('others', 1_000);
  }, 60_000);

  afterAll(async () => {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('groupwise distill makes a verifier of the verdicts that a server paid for, without asking the judge', async () => {
    const all = QUESTIONS * GROUP_SIZE;
    const paid = await rollOut('sticks', writeScorers({}), WITHOUT);
    expect([paid.calls, paid.right]).toEqual([all, all]);

    const where = ['--data', folder, '--scorers', join(folder, 'scorers.yaml')];
    const args = ['distill', '--judge', 'judge', '--out', model, '--agreement', '0.95', ...where, ...SIZE];
    const { status, stdout, stderr } = await runCommand([
      ...args,
      '--json',
      '--held-out',
      join(folder, 'held.jsonl'),
    ]);
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining(`${all} completions: ${all} different verdicts`),
    ]);
    expect(api.log).toHaveLength(all);
    report = JSON.parse(stdout) as DistillationReport;
    expect(report.source.judge?.template).toMatch(/^equivalence@/u);
    expect(report.held_out.auroc).toBeGreaterThan(0.95);
    expect(report.held_out.band.agreement_of_decided?.share).toBeGreaterThan(0.9);
    // The rule cannot integrate: all that is saved, the verifier saves.
    expect(report.rule.decided?.share).toBe(0);
    expect(readFileSync(join(folder, 'held.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(
      report.held_out.verdicts,
    );

    expect((await runCommandLine(...args)).stderr).toContain('it is there already');
    const elsewhere = ['distill', '--judge', 'judge', '--out', join(folder, 'no'), ...where];
    expect((await runCommandLine(...elsewhere, '--run', 'nothing')).stderr).toContain(
      'There is no run "nothing"',
    );
  }, 120_000);

  it('groupwise distill writes a model that gives when it is served what it gave when it was trained', async () => {
    const { status, stdout } = await runCommand([
      'reward-model',
      'check',
      model,
      '--json',
      '--tolerance',
      '1e-4',
    ]);
    expect([status, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ texts: 32, passes: true })]);
    expect(readFileSync(join(model, 'README.md'), 'utf8')).toContain('Measured on held-out verdicts');
  }, 60_000);

  it('groupwise distill makes a judge be asked less, and rewards stay right', async () => {
    const scorers = writeScorers({ verifier: { kind: 'onnx', folder: model, threads: 1 } });
    const { calls, right, results } = await rollOut('others', scorers, report.recipe);
    const all = QUESTIONS * GROUP_SIZE;
    expect(calls).toBeLessThan(all / 2);
    expect(right / all).toBeGreaterThan(0.9);
    const decided = results.filter(({ outcome }) => outcome.scores[1]?.kind === 'scored');
    expect(decided.length).toBe(all - calls);
    expect(decided.every(({ outcome }) => outcome.scores.length === 2)).toBe(true);
  }, 120_000);

  it.each([
    ['neither judge nor file', [], 2, 'say --judge, or give a FILE'],
    ['a judge that is not there', ['--judge', 'nobody'], 2, 'the judges are "judge"'],
    ['a width that no head fits', ['--judge', 'judge', '--width', '20'], 2, 'multiple of 8'],
  ])('groupwise distill refuses %s', async (_, flags, status, message) => {
    const where = ['--data', folder, '--scorers', join(folder, 'scorers.yaml'), '--out', join(folder, 'no')];
    expect(await runCommandLine('distill', ...where, ...flags)).toMatchObject({
      status,
      stderr: expect.stringContaining(message) as string,
    });
  });

  it.each([
    [
      'too few verdicts',
      20,
      () => true,
      'there are 20 verdicts (20 equivalent, 0 different) on 20 questions',
    ],
    ['verdicts of one kind', 300, () => true, 'at least 30 of each kind are needed'],
    ['too few of one kind', 300, (index: number) => index > 20, 'at least 30 of each kind are needed'],
  ])('groupwise distill refuses %s and says what there is', async (_, count, isRight, message) => {
    const file = join(folder, 'few.jsonl');
    const lines = Array.from({ length: count }, (__, index) =>
      JSON.stringify({
        question: `Q${index}`,
        ground_truth: '1',
        answer: `one ${index}`,
        label: isRight(index),
      }),
    );
    writeFileSync(file, `${lines.join('\n')}\n`);
    expect(await runCommandLine('distill', file, '--out', join(folder, 'no'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(message) as string,
    });
  });
});
