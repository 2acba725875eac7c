// `groupwise train` as users run it: real processes with a real policy. Killed at moments of chance and started again, a training has
// the rewards of an undisturbed one. That a reward rises is asserted, not its value: other machines round otherwise.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EnvClient } from '../../src/client/env-client.ts';
import { freeAddress } from '../../src/commands/embedded-server.ts';
import type { RunId } from '../../src/core/ids.ts';
import { createRandom } from '../../src/core/random.ts';
import type { TrainingEvent } from '../../src/trainer/training-event.ts';
import { runCommandLine } from '../support/command-line.ts';
import { runCommand } from '../support/command-process.ts';
import { hasOnnx, ONNX_NOTE } from '../support/onnx-runtime.ts';
import { ServerProcess } from '../support/server-process.ts';

const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));
/** Twenty make a thorough run. */
const KILLS = Number(process.env['GROUPWISE_KILL_ROUNDS'] ?? 2);
const KILL_SEED = Number(process.env['GROUPWISE_KILL_SEED'] ?? Date.now() % 1_000_000);

/** Sums of two digits, small enough that rewards come after a short warm-up. */
const ROWS = Array.from({ length: 100 }, (_, index) => [Math.floor(index / 10), index % 10] as const).map(
  ([a, b]) => ({
    question: `${a}+${b}=`,
    ground_truth: String(a + b),
    answer_type: 'number',
    split: 'train',
  }),
);
const SMALL = ['--prompts-per-step', '8', '--group-size', '8', '--tokens-max', '3', '--threads', '1'].concat([
  '--device',
  'cpu',
  '--warm-up-rows',
  '32',
  '--checkpoint-every',
  '4',
  '--seed',
  '5',
]);

let folder = '';
let server: ServerProcess;

beforeAll(async () => {
  if (!hasOnnx) return;
  folder = mkdtempSync(join(tmpdir(), 'groupwise-train-'));
  const rows = join(folder, 'sums.jsonl');
  writeFileSync(rows, ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const data = join(folder, 'data');
  const imported = await runCommand(['import', rows, '--name', 'sums', '--data', data]);
  if (imported.status !== 0) throw new Error(imported.stderr);
  server = await ServerProcess.start(data);
});

afterAll(async () => {
  if (!hasOnnx) return;
  await server.kill();
  rmSync(folder, { recursive: true, force: true });
});

function command(out: string, ...more: readonly string[]): readonly string[] {
  return [
    'train',
    '--server',
    server.grpc,
    '--dataset',
    'sums',
    '--warm-up',
    join(folder, 'sums.jsonl'),
    '--out',
    out,
  ].concat(SMALL, more);
}

function eventsIn(out: string): readonly TrainingEvent[] {
  const path = join(out, 'training.jsonl');
  if (!existsSync(path)) return [];
  const whole = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  // What the command writes.
  return whole.map((line): TrainingEvent => JSON.parse(line) as TrainingEvent);
}

function rewardsIn(out: string): ReadonlyMap<number, number> {
  return new Map(
    eventsIn(out).flatMap((event) =>
      event.kind === 'step' ? [[event.step, event.metrics.mean_reward]] : [],
    ),
  );
}

/** Kills the process so many milliseconds after its log has this step, or lets it end. */
async function killedAt(args: readonly string[], out: string, step: number, ms: number): Promise<void> {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: 'ignore' });
  const watch = setInterval(() => {
    if (step > 0 && !rewardsIn(out).has(step)) return;
    clearInterval(watch);
    setTimeout(() => child.kill('SIGKILL'), ms);
  }, 5);
  await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  clearInterval(watch);
}

/** What the JSON line says of rewards and steps. */
function figures(line: string): object {
  const { first_reward: first, final_reward: final, steps } = JSON.parse(line) as Record<string, number>;
  return { first, final, steps };
}

describe.skipIf(!hasOnnx)(`groupwise train${ONNX_NOTE}`, () => {
  it.each([
    ['', []],
    [', drawing ahead', ['--max-drift', '1']],
  ])(
    `groupwise train killed and started again has the rewards of an undisturbed training (seed ${KILL_SEED})%s`,
    async (_, options) => {
      const steps = ['--steps', '12', ...options, '--json'];
      const [calm, killed] = [join(folder, `calm${options.length}`), join(folder, `killed${options.length}`)];
      const undisturbed = await runCommand(command(calm, ...steps));
      expect(undisturbed).toMatchObject({ status: 0 });
      const random = createRandom(KILL_SEED);
      const seen: [number, number][] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        // Anywhere after the first step; step 0 is while it starts or warms up.
        await killedAt(command(killed, ...steps), killed, random.below(12), random.below(300));
        seen.push(...rewardsIn(killed));
      }
      const last = await runCommand(command(killed, ...steps));
      expect(last).toMatchObject({ status: 0 });
      const expected = rewardsIn(calm);
      expect(expected.size).toBe(12);
      expect(rewardsIn(killed)).toEqual(expected);
      // Also what earlier lives had told before they died.
      for (const [step, reward] of seen) expect(reward, `step ${step}`).toBe(expected.get(step));
      expect(figures(last.stdout)).toEqual(figures(undisturbed.stdout));
      const start = eventsIn(killed).find(({ kind }) => kind === 'start');
      const client = new EnvClient({ address: server.grpc });
      const runId = (start?.kind === 'start' ? start.run_id : '') as RunId;
      const { groups, leases } = await client.getAccounting(runId);
      const told = await client.listTrainingSteps({ runId });
      client.close();
      expect(groups).toMatchObject({ issued: 96, completed: 96, inProgress: 0, quarantined: 0 });
      expect(leases.open).toBe(0);
      expect(new Map(told.map(({ number, metrics }) => [number, metrics['mean_reward']]))).toEqual(expected);
    },
    300_000,
  );

  it('groupwise train interrupted finishes its step, says how to go on, and goes on to more steps', async () => {
    const out = join(folder, 'interrupted');
    const child = spawn(process.execPath, [COMMAND, ...command(out, '--steps', '2000')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    const timer = setInterval(() => {
      if (rewardsIn(out).size >= 2) child.kill('SIGINT');
      if (rewardsIn(out).size >= 2) clearInterval(timer);
    }, 20);
    expect(await ended).toBe(1);
    const { size } = rewardsIn(out);
    expect(said).toContain(
      `Stopped after step ${size} of 2000, interrupted: the same command goes on from there`,
    );
    expect(readdirSync(join(out, 'checkpoints')).at(-1)).toBe(`step-${String(size).padStart(6, '0')}`);
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('</html>');
    const more = await runCommand(command(out, '--resume', '--steps', String(size + 2), '--json'));
    expect(more).toMatchObject({ status: 0 });
    expect(JSON.parse(more.stdout)).toMatchObject({ steps: size + 2 });
    const other = await runCommand(command(out, '--steps', '9', '--learning-rate', '0.1'));
    expect(other.status).toBe(1);
    expect(other.stderr).toContain(' and is 0.1; use the same settings or another folder');
  });

  it('groupwise train refuses a folder that another training is at work in', async () => {
    const out = join(folder, 'shared');
    const child = spawn(process.execPath, [COMMAND, ...command(out, '--steps', '2000')], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await vi.waitUntil(() => rewardsIn(out).size >= 1, 30_000);
    const second = await runCommand(command(out, '--steps', '2000'));
    child.kill('SIGKILL');
    await ended;
    expect(second).toMatchObject({ status: 1, stderr: expect.stringContaining('(--out): another training') });
  }, 60_000);

  it('groupwise train interrupted twice ends at once, as if by the signal itself', async () => {
    const long = ['--tokens-max', '200000', '--prompts-per-step', '1', '--group-size', '2', '--no-warm-up'];
    const child = spawn(
      process.execPath,
      [COMMAND, 'train', '--server', server.grpc, '--dataset', 'sums', '--device', 'cpu', ...long],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    let signals = 0;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const due = said.includes('Stopping after this step') ? 2 : said.includes('training tiny') ? 1 : 0;
      for (; signals < due; signals++) child.kill('SIGINT');
    });
    const ended = await new Promise((resolve) => child.once('close', (...how) => resolve(how)));
    expect(ended).toEqual([null, 'SIGINT']);
    expect(said).not.toContain('terminate');
  });

  it('groupwise train says what is missing before it does anything', async () => {
    const cases: readonly [readonly string[], string, number][] = [
      [[], 'name a server with --server, or start one with --embedded', 2],
      [['--server', '127.0.0.1:1'], 'name a dataset of the server with --dataset', 2],
      [['--embedded', '--dataset', 'x'], 'Cannot choose a dataset with --embedded', 2],
      [['--embedded', '--resume'], 'Cannot resume without --out', 2],
      [['--embedded', '--lora-rank', '4'], 'Cannot use --lora-rank without --model', 2],
      [['--embedded', '--lora-alpha', '4'], 'Cannot use --lora-alpha without --model', 2],
      [['--embedded', '--group-size', '1'], '--group-size', 2],
      [['--embedded', '--group-size', '5000'], '--group-size', 2],
      [['--embedded', '--prompts-per-step', '5000'], '--prompts-per-step', 2],
      [
        ['--server', server.grpc, '--dataset', 'sums', '--evaluate', 'dev'],
        'no split "dev", it has "train"',
        2,
      ],
      [['--server', server.grpc, '--dataset', 'sums', '--out', fileURLToPath(import.meta.url)], '--out', 1],
      [['--server', server.grpc, '--dataset', 'nothing'], 'There is no dataset "nothing"', 1],
      [['--server', await freeAddress(), '--dataset', 'sums'], 'Cannot reach the server', 1],
    ];
    for (const [args, message, status] of cases) {
      const ended = await runCommandLine('train', '--device', 'cpu', ...args);
      expect(ended).toMatchObject({ status, stderr: expect.stringContaining(message) });
    }
  });

  it('groupwise train raises the reward from one digit sums that it has barely seen', async () => {
    const more = [
      '--steps',
      '40',
      '--prompts-per-step',
      '16',
      '--warm-up-steps',
      '14',
      '--warm-up-target',
      '1',
      '--json',
    ];
    const ended = await runCommand(command(join(folder, 'rises'), ...more));
    expect(ended).toMatchObject({ status: 0 });
    const { first_reward: first, final_reward: final } = JSON.parse(ended.stdout) as Record<string, number>;
    expect(first).toBeLessThan(0.5);
    expect(final).toBeGreaterThan(Number(first) + 0.15);
  }, 240_000);

  it('groupwise train --embedded trains on sums of its own server and ends with one line of JSON', async () => {
    const small = ['--prompts-per-step', '4', '--group-size', '4', '--steps', '2', '--warm-up-steps', '2'];
    // What guards a server of the user's own is not for this one.
    const ended = await runCommand(['train', '--embedded', '--seed', '2', '--json', ...small], {
      GROUPWISE_TOKEN: 'of-another-server',
      GROUPWISE_TLS_CERT: '/nowhere/cert.pem',
      GROUPWISE_TLS_KEY: '/nowhere/key.pem',
    });
    expect(ended).toMatchObject({ status: 0 });
    expect(ended.stdout.trim().split('\n')).toHaveLength(1);
    const number: unknown = expect.any(Number);
    expect(JSON.parse(ended.stdout)).toEqual({
      first_reward: number,
      final_reward: number,
      steps: 2,
      wall_s: number,
      tokens_per_s: number,
      device: expect.stringMatching(/^(cpu|cuda|webgpu)$/),
    });
  }, 240_000);
});
