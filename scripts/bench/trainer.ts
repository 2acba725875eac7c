// The trainer's engine beside PyTorch: the same weights, the same batch, the same threads, round by round in turn. Both first take
// one step on the same numbers, whose loss and gradient norm must agree, or the comparison ends.
//
//   npm run bench:trainer -- [--rounds 7] [--threads 2] [--device cpu] [--width 128] [--layers 2] [--json]
//
// The first run installs PyTorch and transformers into .cache/bench/.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { createRandom } from '../../src/core/random.ts';
import { quantile } from '../../src/core/statistics.ts';
import { LocalEngine } from '../../src/trainer/engine/runtime.ts';
import { tinyModel } from '../../src/trainer/models/tiny.ts';
import type { LossPlan, TrainedCompletion } from '../../src/trainer/policy.ts';
import { EnginePolicy } from '../../src/trainer/policy/engine-policy.ts';
import { BYTE_TOKENIZER } from '../../src/trainer/tokenizers/byte.ts';
import { CACHE } from './servers.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    threads: { type: 'string', default: '2' },
    device: { type: 'string', default: 'cpu' },
    width: { type: 'string', default: '128' },
    layers: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
const [rounds, threads] = [Number(values.rounds), Number(values.threads)];

/** Completions × tokens of prompt and completion. */
const STEPS = [
  { name: '64 × 16 tokens', batch: 64, prompt: 8, completion: 8 },
  { name: '64 × 64 tokens', batch: 64, prompt: 32, completion: 32 },
  { name: '512 × 10 tokens', batch: 512, prompt: 6, completion: 4 },
];
const DRAWINGS = [
  { name: '64 prompts × 16, 8 tokens', prompts: 64, per: 16, prompt: 8, tokens: 8 },
  { name: '8 prompts × 8, 64 tokens', prompts: 8, per: 8, prompt: 16, tokens: 64 },
];
const UPDATES = 5;
const LOSS: LossPlan = {
  loss: 'clipped-ratio',
  clip: { low: 0.2, high: 0.28 },
  aggregation: 'token-mean',
  lengthMax: 32,
  klWeight: 0,
  temperature: 1,
};

interface StepReply {
  readonly seconds: readonly number[];
  readonly loss: number;
  readonly gradient_norm: number;
}

interface DrawReply {
  readonly seconds: number;
  readonly tokens: number;
}

const folder = mkdtempSync(join(tmpdir(), 'groupwise-bench-trainer-'));
const model = tinyModel({
  // An end that is never drawn would be another model; random weights draw it once in 257 tokens.
  vocabulary: BYTE_TOKENIZER.vocabulary,
  end: BYTE_TOKENIZER.end,
  width: Number(values.width),
  layers: Number(values.layers),
});
const engine = await LocalEngine.open({ providers: [values.device], threads });
const policy = await EnginePolicy.open({ model, tokenizer: BYTE_TOKENIZER, engine, random: createRandom(1) });
await policy.save(folder);
const torch = startPython();
try {
  const versions = await torch.ask({ do: 'open', folder, threads, where: pythonDevice(values.device) });
  const rows: object[] = [];
  for (const plan of STEPS) rows.push(await compareSteps(plan));
  for (const plan of DRAWINGS) rows.push(await compareDrawing(plan));
  if (values.json)
    console.log(JSON.stringify({ model: model.description, device: policy.device, versions, rows }));
} finally {
  torch.end();
  await policy.close();
  rmSync(folder, { recursive: true });
}

async function compareSteps(plan: (typeof STEPS)[number]): Promise<object> {
  const batch = await batchOf(plan);
  const order = {
    do: 'step',
    prompts: batch.map(({ prompt }) => prompt),
    completions: batch.map(({ completion }) => completion),
    old: batch.map(({ old }) => old),
    advantages: batch.map(({ advantage }) => advantage),
  };
  const optimiser = { learningRate: 1e-4, gradientNormMax: 1 };
  // From the same weights: the other side has read them from the folder, or has taken the same steps since.
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    const updates = round === 0 ? 1 : UPDATES;
    const reply = (await torch.ask({ ...order, updates })) as StepReply;
    for (let update = 0; update < updates; update += 1) {
      const startedAt = performance.now();
      const metrics = await policy.train(batch, LOSS, optimiser);
      if (round > 0) ours.push(performance.now() - startedAt);
      if (round === 0) checkAgreement(plan.name, metrics, reply);
    }
    if (round > 0) theirs.push(...reply.seconds.map((each) => each * 1_000));
  }
  return report(`step, ${plan.name}`, 'ms', median(ours), median(theirs), median(theirs) / median(ours));
}

async function compareDrawing(plan: (typeof DRAWINGS)[number]): Promise<object> {
  const random = createRandom(7);
  const prompts = Array.from({ length: plan.prompts }, () => randomTokens(random, plan.prompt));
  const of = prompts.flatMap((_, index) => Array.from({ length: plan.per }, () => index));
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    const reply = (await torch.ask({
      do: 'generate',
      prompts,
      per_prompt: plan.per,
      length: plan.tokens,
    })) as DrawReply;
    const startedAt = performance.now();
    const drawn = await policy.sample({ prompts, of, tokensMax: plan.tokens, temperature: 1, random });
    const seconds = (performance.now() - startedAt) / 1_000;
    if (round === 0) continue;
    // Those that ended early count for what they have.
    ours.push(drawn.reduce((sum, { tokens }) => sum + tokens.length, 0) / seconds);
    theirs.push(reply.tokens / reply.seconds);
  }
  return report(
    `drawing, ${plan.name}`,
    'tokens/s',
    median(ours),
    median(theirs),
    median(ours) / median(theirs),
  );
}

async function batchOf(plan: (typeof STEPS)[number]): Promise<readonly TrainedCompletion[]> {
  const random = createRandom(3);
  const sequences = Array.from({ length: plan.batch }, (_, index) => ({
    prompt: randomTokens(random, plan.prompt),
    completion: randomTokens(random, plan.completion),
    advantage: index % 2 === 0 ? 1 : -1,
  }));
  const old = await policy.logProbabilities(sequences, { temperature: 1 });
  // A little off, or the first loss would be 0 on both sides.
  return sequences.map((each, index) => ({
    ...each,
    old: (old[index] ?? []).map((l) => l - 0.1 * (index % 3)),
  }));
}

function checkAgreement(
  name: string,
  ours: { loss: number | undefined; gradientNorm: number | undefined },
  theirs: StepReply,
): void {
  const pairs = [
    [ours.loss, theirs.loss],
    [ours.gradientNorm, theirs.gradient_norm],
  ] as const;
  for (const [own, other] of pairs)
    if (own === undefined || Math.abs(own - other) > 1e-3 * Math.max(1e-2, Math.abs(other)))
      throw new Error(`The two do not compute the same (${name}): ${own} and ${other}`);
}

function report(name: string, unit: string, ours: number, theirs: number, ratio: number): object {
  if (!values.json)
    console.log(
      `${name.padEnd(36)} groupwise ${ours.toFixed(1).padStart(10)} ${unit}   PyTorch ${theirs.toFixed(1).padStart(10)} ${unit}   ${ratio.toFixed(2)} × as fast`,
    );
  return { name, unit, groupwise: ours, pytorch: theirs, times_as_fast: ratio };
}

function randomTokens(random: ReturnType<typeof createRandom>, count: number): readonly number[] {
  return Array.from({ length: count }, () => Math.floor(random.next() * BYTE_TOKENIZER.end));
}

function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5) ?? NaN;
}

/** WebGPU and CUDA are one machine's GPU; PyTorch knows it as CUDA. */
function pythonDevice(device: string): string {
  return device === 'cpu' ? 'cpu' : 'cuda';
}

function startPython(): { ask(order: object): Promise<unknown>; end(): void } {
  const child = spawn(pythonWithTorch(), [join(import.meta.dirname, 'trainer.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      TRANSFORMERS_VERBOSITY: 'error',
      HF_HUB_OFFLINE: '1',
      HF_HUB_DISABLE_PROGRESS_BARS: '1',
    },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error('PyTorch has ended');
      return JSON.parse(value) as unknown;
    },
    end: () => child.stdin.end(),
  };
}

/** Of a virtual environment that is made at the first run, unless PYTHON names one that has both. */
function pythonWithTorch(): string {
  const given = process.env['PYTHON'];
  if (given !== undefined) return given;
  const venv = join(CACHE, 'torch');
  const python = join(venv, 'bin', 'python');
  if (!existsSync(join(venv, 'ready'))) {
    mkdirSync(CACHE, { recursive: true });
    run('python3', ['-m', 'venv', venv]);
    run(python, ['-m', 'pip', 'install', '--quiet', 'torch', 'transformers']);
    run('touch', [join(venv, 'ready')]);
  }
  return python;
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`Cannot run ${command} ${args.join(' ')}: status ${status}`);
}
