// `groupwise train --rollouts` as users run it: a real process, a real checkpoint with adapters, and a stand-in for vLLM that draws the
// completions. It knows sums and says the right one every other time, so that there is something to learn from in every step.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PolicyTokenizer } from '../../src/adapters/policy-tokenizer.ts';
import { openCheckpoint } from '../../src/trainer/models/checkpoint.ts';
import type { Tokenizer } from '../../src/trainer/policy.ts';
import type { TrainingEvent } from '../../src/trainer/training-event.ts';
import { runCommand } from '../support/command-process.ts';
import { hasOnnx, ONNX_NOTE } from '../support/onnx-runtime.ts';
import {
  type RolloutServer,
  type RolloutServerOptions,
  startRolloutServer,
} from '../support/rollout-server.ts';
import { ServerProcess } from '../support/server-process.ts';

const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));
const MODEL = fileURLToPath(new URL('../fixtures/checkpoints/llama-tied', import.meta.url));
/** Each runs a few commands, beside whatever else the machine does. */
const LIMIT_MS = 180_000;
const NAME = /^policy-(\d{6})-[0-9a-f]{6}$/;

let folder = '';
let server: ServerProcess;
let tokenizer: Tokenizer;
let drawer: RolloutServer | undefined;
let beforeCompletions: (() => Promise<void>) | undefined;

beforeAll(async () => {
  if (!hasOnnx) return;
  folder = mkdtempSync(join(tmpdir(), 'groupwise-rollouts-'));
  ({ tokenizer } = await openCheckpoint(MODEL, { tokenizer: (parts) => new PolicyTokenizer(parts) }));
  const rows = Array.from({ length: 40 }, (_, index) => ({
    question: `${index}+${index % 7}=`,
    ground_truth: String(index + (index % 7)),
    answer_type: 'number',
    split: 'train',
  }));
  const file = join(folder, 'sums.jsonl');
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const data = join(folder, 'data');
  const imported = await runCommand(['import', file, '--name', 'sums', '--data', data]);
  if (imported.status !== 0) throw new Error(imported.stderr);
  server = await ServerProcess.start(data);
});

afterEach(async () => {
  beforeCompletions = undefined;
  await drawer?.close();
});

afterAll(async () => {
  if (!hasOnnx) return;
  await server.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function startDrawer(options: RolloutServerOptions = {}): Promise<RolloutServer> {
  drawer = await startRolloutServer({
    adapterFile: 'adapter_model.safetensors',
    before: async () => beforeCompletions?.(),
    drawing: ({ body }, random) => {
      const numbers = tokenizer.decode(body['prompt'] as number[]).match(/\d+/gu) ?? [];
      const sum = numbers.reduce((total, number) => total + Number(number), 0);
      const said = random.below(2) === 0 ? sum : random.below(100);
      return [...tokenizer.encode(String(said)), tokenizer.end].slice(0, Number(body['max_tokens']));
    },
    ...options,
  });
  return drawer;
}

function command(out: string, ...more: readonly string[]): readonly string[] {
  const [small, where] = [
    ['--prompts-per-step', '4', '--group-size', '4', '--tokens-max', '6', '--lora-rank', '2'],
    ['--device', 'cpu', '--threads', '1', '--checkpoint-every', '2', '--json'],
  ];
  const asked = ['train', '--server', server.grpc, '--dataset', 'sums', '--model', MODEL, '--out', out];
  return [...asked, '--rollouts', drawer?.url ?? '', ...small, ...where, ...more];
}

function rewardsIn(out: string): ReadonlyMap<number, number> {
  const path = join(out, 'training.jsonl');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  return new Map(
    lines.flatMap((line) => {
      // What the command writes.
      const event = JSON.parse(line) as TrainingEvent;
      return event.kind === 'step' ? [[event.step, event.metrics.mean_reward]] : [];
    }),
  );
}

/** Names of adapters in the order of the calls to this path. */
function adaptersOf(path: string): readonly string[] {
  const calls = (drawer?.calls ?? []).filter((call) => call.path.endsWith(path));
  return calls.map(({ body }) => String(body['lora_name']));
}

/** Starts the command, ends it by a signal when it has taken three steps and asks for more, and returns what it said. */
async function endedBy(signal: NodeJS.Signals, args: readonly string[], out: string): Promise<string> {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(child, 'close');
  let said = '';
  const stopping = new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Stopping')) resolve();
    });
  });
  let isSent = false;
  // The training gets no completions of a fourth step before it knows, so that it cannot end by itself.
  beforeCompletions = async () => {
    if (rewardsIn(out).size < 3) return;
    if (!isSent) child.kill(signal);
    isSent = true;
    await Promise.race([stopping, closed]);
  };
  await closed;
  return said;
}

/** Two more steps of a training that was ended; whatever names adapters had, none had them twice, and none is left. */
async function goesOn(out: string, more: readonly string[]): Promise<void> {
  beforeCompletions = undefined;
  const steps = rewardsIn(out).size + 2;
  const again = await runCommand(command(out, '--steps', String(steps), '--resume', ...more));
  expect(again).toMatchObject({ status: 0 });
  expect(JSON.parse(again.stdout)).toMatchObject({ steps });
  const loaded = adaptersOf('/load_lora_adapter');
  expect(new Set(loaded).size).toBe(loaded.length);
  expect(drawer?.adapters.size).toBe(0);
}

describe.skipIf(!hasOnnx)(`groupwise train --rollouts${ONNX_NOTE}`, () => {
  it(
    'groupwise train --rollouts hands each version of the adapters over, and learns from what comes back',
    async () => {
      const sizes: number[] = [];
      await startDrawer({
        misbehave: ({ path, body }) => {
          if (path.endsWith('/load_lora_adapter')) sizes.push(readdirSync(String(body['lora_path'])).length);
          return undefined;
        },
      });
      const out = join(folder, 'learns');
      const ended = await runCommand(command(out, '--steps', '4'), { OPENAI_API_KEY: 'of-the-server' });
      expect(ended).toMatchObject({ status: 0 });
      expect(JSON.parse(ended.stdout)).toMatchObject({ steps: 4, device: 'cpu' });
      const [loaded, unloaded] = [adaptersOf('/load_lora_adapter'), adaptersOf('/unload_lora_adapter')];
      expect(loaded.map((name) => NAME.exec(name)?.[1])).toEqual(['000000', '000001', '000002', '000003']);
      expect(sizes).toEqual([2, 2, 2, 2]);
      expect(unloaded).toEqual(loaded);
      const asked = (drawer?.calls ?? []).filter(({ path }) => path.endsWith('/completions'));
      expect(asked).toHaveLength(16);
      expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(
        new Set(['Bearer of-the-server']),
      );
      expect(asked.map(({ body }) => body['model'])).toEqual(loaded.flatMap((name) => Array(4).fill(name)));
      for (const reward of rewardsIn(out).values()) expect(reward).toBeGreaterThan(0.2);
      // Such a server, which says −1.5 of everything, has another model than ours.
      expect(ended.stderr).toContain('does it serve the checkpoint of --model');
      expect(readdirSync(join(out, 'policy')).toSorted()).toEqual([
        'adapter_config.json',
        'adapter_model.safetensors',
      ]);
      const before = readFileSync(join(out, 'checkpoints', 'step-000002', 'adapter_model.safetensors'));
      expect(readFileSync(join(out, 'policy', 'adapter_model.safetensors')).equals(before)).toBe(false);
    },
    LIMIT_MS,
  );

  it(
    'groupwise train --rollouts goes on where the server is busy, cuts calls off or forgets adapters',
    async () => {
      let count = 0;
      const calm = join(folder, 'calm');
      await startDrawer();
      expect(await runCommand(command(calm, '--steps', '4'))).toMatchObject({ status: 0 });
      await drawer?.close();
      await startDrawer({
        misbehave: ({ path }) => {
          if (!path.endsWith('/completions')) return undefined;
          count += 1;
          if (count === 3) return { kind: 'status', status: 503, body: { error: { message: 'busy' } } };
          if (count === 7) return { kind: 'cut', isDone: true };
          if (count === 11) drawer?.adapters.clear();
          return undefined;
        },
      });
      const out = join(folder, 'disturbed');
      const ended = await runCommand(command(out, '--steps', '4'));
      expect(ended).toMatchObject({ status: 0 });
      expect(ended.stderr).toContain('busy');
      expect(ended.stderr).toContain('has lost the adapter');
      expect(rewardsIn(out)).toEqual(rewardsIn(calm));
    },
    LIMIT_MS,
  );

  it(
    'groupwise train --rollouts says what is wrong with an answer, and learns nothing from it',
    async () => {
      await startDrawer({
        misbehave: ({ path }) =>
          path.endsWith('/completions')
            ? { kind: 'change', change: ({ choices }) => ({ choices: choices.slice(1) }) }
            : undefined,
      });
      const ended = await runCommand(command(join(folder, 'fewer'), '--steps', '4'));
      expect(ended).toMatchObject({ status: 1, stdout: '' });
      expect(ended.stderr).toContain(
        'Cannot use completions of the server: 4 completions were asked for, 3 came',
      );
      expect(drawer?.adapters.size).toBe(0);
    },
    LIMIT_MS,
  );

  it.each([[[]], [['--max-drift', '2']]])(
    'groupwise train --rollouts interrupted keeps its steps and gives the adapter back (%j)',
    async (more: readonly string[]) => {
      await startDrawer();
      const out = join(folder, `interrupted${more.length}`);
      const said = await endedBy('SIGINT', command(out, '--steps', '20', ...more), out);
      const steps = rewardsIn(out).size;
      expect(said).toContain(`Stopped after step ${steps} of 20, interrupted`);
      const kept = readdirSync(join(out, 'checkpoints')).toSorted();
      expect(kept.at(-1)).toBe(`step-${String(steps).padStart(6, '0')}`);
      expect(drawer?.adapters.size).toBe(0);
      await goesOn(out, more);
    },
    LIMIT_MS,
  );

  it(
    'groupwise train --rollouts that was killed goes on, with names of its own',
    async () => {
      await startDrawer();
      const out = join(folder, 'killed');
      await endedBy('SIGKILL', command(out, '--steps', '20'), out);
      expect(rewardsIn(out).size).toBeLessThan(20);
      await goesOn(out, []);
    },
    LIMIT_MS,
  );
});
