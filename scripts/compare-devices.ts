// Takes the same training steps on a device and on the processor, and says how far apart they end and how long each took: whether a
// GPU computes as it should, and what it is worth. Drawing, scoring, gradients and AdamW all run on the device.
//
//   npx node scripts/compare-devices.ts [--device webgpu] [--steps 5] [--layers 2] [--width 128] [--heads 4]
//     [--prompts 64] [--group-size 16] [--tokens-max 8] [--threads 2]
//
// Ends with one JSON line. `relative_difference` is ‖w − w_cpu‖ / ‖w_cpu − w_0‖: AdamW moves a weight whose gradient is all but zero as
// far as any other, in the direction of its rounding, so single weights say little. Exit status 1 when it is above 1e-2, or when the
// first step drew other tokens.

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { createRandom } from '../src/core/random.ts';
import { openDevice, DEVICES } from '../src/trainer/engine/devices.ts';
import { tinyModel } from '../src/trainer/models/tiny.ts';
import type { LossPlan } from '../src/trainer/policy.ts';
import { EnginePolicy } from '../src/trainer/policy/engine-policy.ts';
import { keptName } from '../src/trainer/policy/update-graphs.ts';
import { BYTE_TOKENIZER } from '../src/trainer/tokenizers/byte.ts';

const { values: flags } = parseArgs({
  options: {
    device: { type: 'string', default: 'webgpu' },
    steps: { type: 'string', default: '5' },
    layers: { type: 'string', default: '2' },
    width: { type: 'string', default: '128' },
    heads: { type: 'string', default: '4' },
    prompts: { type: 'string', default: '64' },
    'group-size': { type: 'string', default: '16' },
    'tokens-max': { type: 'string', default: '8' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const TOLERANCE = 1e-2;
const tokensMax = Number(flags['tokens-max']);
const prompts = Array.from({ length: Number(flags.prompts) }, (_, index) =>
  BYTE_TOKENIZER.encode(`${10 + ((7 * index) % 90)}+${10 + ((13 * index) % 90)}=`),
);
const of = prompts.flatMap((_, index) =>
  Array.from<number>({ length: Number(flags['group-size']) }).fill(index),
);
const loss: LossPlan = {
  loss: 'clipped-ratio',
  clip: { low: 0.2, high: 0.2 },
  aggregation: 'token-mean',
  lengthMax: tokensMax,
  klWeight: 0,
  temperature: 1,
};
const model = tinyModel({
  vocabulary: BYTE_TOKENIZER.vocabulary,
  end: BYTE_TOKENIZER.end,
  layers: Number(flags.layers),
  width: Number(flags.width),
  heads: Number(flags.heads),
});

interface Outcome {
  /** Ids of all tokens that each step drew. */
  readonly drawn: readonly string[];
  /** Before and after all steps. */
  readonly first: readonly number[];
  readonly weights: readonly number[];
  readonly figures: Figures;
}

interface Figures {
  readonly device: string;
  /** Of the whole first step, with the graphs made ready. */
  readonly first_step_ms: number;
  /** Best of the others; undefined where there is none. */
  readonly sample_ms: number | undefined;
  readonly train_ms: number | undefined;
  readonly sampled_tokens_per_s: number | undefined;
}

const device = DEVICES.find((known) => known === flags.device);
if (device === undefined || device === 'auto')
  throw new Error(`Cannot compare with --device ${flags.device}`);
const cpu = await train('cpu');
const other = await train(device);
const difference = distance(other.weights, cpu.weights) / distance(cpu.weights, cpu.first);
const equal = cpu.drawn.filter((tokens, step) => tokens === other.drawn[step]).length;
// A NaN is not alike.
const isAlike = difference <= TOLERANCE && cpu.drawn[0] === other.drawn[0];
process.stdout.write(
  `${JSON.stringify({
    model: model.description,
    completions: of.length,
    steps: cpu.drawn.length,
    relative_difference: difference,
    steps_with_equal_tokens: equal,
    alike: isAlike,
    devices: [cpu.figures, other.figures],
  })}\n`,
);
if (!isAlike) process.exitCode = 1;

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.sqrt(a.reduce((sum, value, index) => sum + (value - (b[index] ?? Number.NaN)) ** 2, 0));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function train(name: 'cpu' | 'webgpu' | 'cuda'): Promise<Outcome> {
  const engine = await openDevice({ device: name, threads: Number(flags.threads), say });
  const random = createRandom(1);
  const policy = await EnginePolicy.open({ model, tokenizer: BYTE_TOKENIZER, engine, random });
  const weightsNow = async (): Promise<readonly number[]> => {
    const kept = await engine.read(model.trained.map((weight) => keptName('weight', weight.name)));
    return Object.values(kept).flatMap(({ data }) => Array.from(data, Number));
  };
  const first = await weightsNow();
  const drawn: string[] = [];
  const times: { readonly sample: number; readonly train: number; readonly tokens: number }[] = [];
  for (let step = 0; step < Number(flags.steps); step += 1) {
    const start = performance.now();
    const completions = await policy.sample({ prompts, of, tokensMax, temperature: 1, random });
    const sampled = performance.now();
    const lessons = completions.map(({ tokens, logProbabilities }, index) => ({
      prompt: prompts[of[index] ?? 0] ?? [],
      completion: tokens,
      old: logProbabilities,
      advantage: Math.sin(index),
    }));
    await policy.train(lessons, loss, { learningRate: 5e-4, gradientNormMax: 1 });
    const tokens = completions.reduce((sum, completion) => sum + completion.tokens.length, 0);
    times.push({ sample: sampled - start, train: performance.now() - sampled, tokens });
    drawn.push(completions.map((completion) => completion.tokens.join(' ')).join('\n'));
    say(`${name}: step ${step + 1} of ${flags.steps}`);
  }
  const weights = await weightsNow();
  await policy.close();
  const [beginning, ...rest] = times;
  const best = (part: 'sample' | 'train'): number | undefined =>
    rest.length === 0 ? undefined : Math.min(...rest.map((time) => time[part]));
  return {
    drawn,
    first,
    weights,
    figures: {
      device: name,
      first_step_ms: (beginning?.sample ?? 0) + (beginning?.train ?? 0),
      sample_ms: best('sample'),
      train_ms: best('train'),
      sampled_tokens_per_s:
        rest.length === 0 ? undefined : Math.max(...rest.map((time) => (1000 * time.tokens) / time.sample)),
    },
  };
}
