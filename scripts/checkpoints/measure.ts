// Measures a checkpoint on the trainer's engine: seconds and memory of LoRA steps, and how far its log-probabilities are from
// those of `transformers` in float32.
//
//   npx node scripts/checkpoints/measure.ts FOLDER [--tokens 256] [--steps 5] [--threads 2] [--python python3]

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { createRandom } from '../../src/core/random.ts';
import { PolicyTokenizer } from '../../src/adapters/policy-tokenizer.ts';
import { LocalEngine } from '../../src/trainer/engine/runtime.ts';
import { openCheckpoint } from '../../src/trainer/models/checkpoint.ts';
import { EnginePolicy } from '../../src/trainer/policy/engine-policy.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tokens: { type: 'string', default: '256' },
    steps: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    python: { type: 'string' },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('Name the folder of a checkpoint');

/** Highest resident set of this process so far, in GB; Linux alone knows it. */
function peakGb(): number {
  const [, kilobytes = 'NaN'] = /VmHWM:\s+(\d+)/u.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) / 1e6;
}

async function timed<Result>(work: Promise<Result>): Promise<readonly [number, Result]> {
  const startedAt = performance.now();
  const result = await work;
  return [(performance.now() - startedAt) / 1000, result];
}

const { model, tokenizer } = await openCheckpoint(folder, {
  tokenizer: (parts) => new PolicyTokenizer(parts),
});
const engine = await LocalEngine.open({
  providers: ['cpu'],
  threads: Number(values.threads),
  dataFolder: model.dataFolder,
});
const random = createRandom(1);
const policy = await EnginePolicy.open({ model, tokenizer, engine, random });
// Two rows; a token predicts each of a completion, so the first of a row is its prompt.
const length = Number(values.tokens) / 2;
const rows = [0, 1].map(() =>
  Array.from({ length: length + 1 }, () => random.below(model.config.vocabulary)),
);
const sequences = rows.map((row) => ({ prompt: row.slice(0, 1), completion: row.slice(1) }));

const seconds: number[] = [];
/** Of all threads: what a step costs where other programs hold the cores. */
const cpuSeconds: number[] = [];
for (let step = 0; step < Number(values.steps); step += 1) {
  const before = process.cpuUsage();
  const [took] = await timed(policy.supervise(sequences, { learningRate: 0, gradientNormMax: 1 }));
  const { user, system } = process.cpuUsage(before);
  seconds.push(Number(took.toFixed(2)));
  cpuSeconds.push(Number(((user + system) / 1e6).toFixed(2)));
}
const peak = peakGb();
// The learning rate was 0, so the adapter is as it began: without effect.
const [scoringSeconds, found] = await timed(policy.logProbabilities(sequences, { temperature: 1 }));

let difference: number | undefined;
if (values.python !== undefined) {
  const script = fileURLToPath(new URL('reference.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    values.python,
    [script, 'score', folder, '-', JSON.stringify(rows)],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    },
  );
  if (status !== 0) throw new Error(stderr);
  const expected = (JSON.parse(stdout) as number[][]).flat();
  difference = found
    .flat()
    .reduce((worst, each, at) => Math.max(worst, Math.abs(each - (expected[at] ?? NaN))), 0);
}
console.log(
  JSON.stringify({
    model: model.description,
    tokens: 2 * length,
    step_s: seconds,
    step_cpu_s: cpuSeconds,
    peak_gb: Number(peak.toFixed(2)),
    scoring_s_with_loading: Number(scoringSeconds.toFixed(2)),
    largest_difference: difference,
  }),
);
await policy.close();
