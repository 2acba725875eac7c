// Measures a reward model end to end (texts in, rows out; in this thread, in its own, and through gRPC) beside the bare runtime at its best batch on the same lengths,
// in turn, in one process; and how late the event loop was meanwhile.
//
//   npx node scripts/bench/reward-model.ts [--provider cpu] [--threads 2] [--seconds 2] [--rounds 9] [--texts 1024]
//     [--in-flight 256] [--padded-tokens 256] [--lengths 16-256] [--bounds 256,512] [--compare cpu]
//     [--model DIR]

import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

import { readModelFolder } from '../../src/adapters/onnx-model-folder.ts';
import { OnnxRewardModel } from '../../src/adapters/onnx-reward-model.ts';
import { OnnxNetwork } from '../../src/adapters/onnx-network.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { Random } from '../../src/core/random.ts';
import type { EncodedTexts, RewardModel } from '../../src/ports/reward-model.ts';
import { RewardModelBatcher } from '../../src/services/reward-models/batcher.ts';
import { makeModelFolder } from '../models/model-folders.ts';
import { type RewardModelServer, startRewardModelServer } from './reward-model-server.ts';
import { makeWordPieces } from '../models/word-pieces.ts';

const { values: flags } = parseArgs({
  options: {
    provider: { type: 'string', default: 'cpu' },
    threads: { type: 'string', default: String(availableParallelism()) },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '9' },
    texts: { type: 'string', default: '1024' },
    'in-flight': { type: 'string', default: '256' },
    'padded-tokens': { type: 'string', default: '256' },
    lengths: { type: 'string', default: '16-256' },
    /** Another provider whose rows are compared with. */
    compare: { type: 'string' },
    /** Padded tokens of a batch that the bare runtime is tried with. */
    bounds: { type: 'string' },
    model: { type: 'string' },
  },
});

const seconds = Number(flags.seconds);
const threads = Number(flags.threads);
const inFlight = Number(flags['in-flight']);
// Equal texts at one time are answered by one inference, which would flatter every figure.
if (Number(flags.texts) < 2 * inFlight) throw new Error('--texts must be at least twice --in-flight');
const folder = flags.model ?? makeModelFolder(join(tmpdir(), 'groupwise-models'), 'large').folder;
const model = readModelFolder(folder);
const { words } = makeWordPieces(30_522, 15);
const texts = makeTexts(Number(flags.texts));

/** Share of the padded tokens that were tokens of texts, for each slice. */
const fills: number[] = [];
const direct = await openDirect(flags.provider);
const encoded = await direct.encode(texts.map((first) => ({ first })));
const tokens = encoded.reduce((sum, { ids }) => sum + ids.length, 0);
say({ folder, provider: direct.provider, threads, texts: texts.length, mean_tokens: tokens / texts.length });

if (flags.compare !== undefined) await compare(flags.compare);

const whole = await startRewardModelServer(folder, { provider: flags.provider, threads });
const threaded = await OnnxRewardModel.open({ model, providers: [flags.provider], threads });

// The bare runtime: batches of like length, under several bounds; the best bound is what it can do.
const bounds = (flags.bounds ?? (direct.provider === 'cpu' ? '1,256,512,1024,2048' : '1024,4096,16384,65536'))
  .split(',')
  .map(Number);
const bare = new Map<number, Slice[]>(bounds.map((bound) => [bound, []]));
for (let round = 0; round < 3; round += 1)
  for (const [bound, slices] of bare) slices.push(await sliceOfRuns(batchesOf(bound)));
const bestBound = bounds.reduce((a, b) => (rateOf(bare.get(b)) > rateOf(bare.get(a)) ? b : a));
for (const [bound, slices] of bare) say({ bare: `${bound} padded tokens`, ...summary(slices) });

// In turn, so that other work on the machine meets all three alike.
const slices: Readonly<Record<'bare' | 'in_process' | 'threaded' | 'grpc', Slice[]>> = {
  bare: [],
  in_process: [],
  threaded: [],
  grpc: [],
};
for (let round = 0; round < Number(flags.rounds); round += 1) {
  slices.bare.push(await sliceOfRuns(batchesOf(bestBound)));
  slices.in_process.push(await sliceOfBatcher(direct));
  slices.threaded.push(await sliceOfBatcher(threaded));
  slices.grpc.push(await sliceOfServer(whole));
}
for (const [name, each] of Object.entries(slices)) say({ [name]: summary(each) });
say({
  best_bound: bestBound,
  ratio_in_process: pairedRatio(slices.in_process, slices.bare),
  ratio_threaded: pairedRatio(slices.threaded, slices.bare),
  ratio_grpc: pairedRatio(slices.grpc, slices.bare),
  cpu_ratio_in_process: cpuOf(slices.bare) / cpuOf(slices.in_process),
  cpu_ratio_threaded: cpuOf(slices.bare) / cpuOf(slices.threaded),
  cpu_ratio_grpc: cpuOf(slices.bare) / cpuOf(slices.grpc),
  fill: middle(fills),
  event_loop_delay_p99_ms: middle(slices.threaded.map(({ delayP99Ms }) => delayP99Ms)),
  server_event_loop_delay_p99_ms: middle(slices.grpc.map(({ delayP99Ms }) => delayP99Ms)),
});
await whole.stop();
await threaded.close();
await direct.close();

interface Slice {
  readonly rate: number;
  /** Processor time of the whole process, milliseconds a sequence. */
  readonly cpuMs: number;
  readonly delayP99Ms: number;
}

function rateOf(of: readonly Slice[] = []): number {
  return middle(of.map(({ rate }) => rate));
}

function cpuOf(of: readonly Slice[]): number {
  return middle(of.map(({ cpuMs }) => cpuMs));
}

function summary(of: readonly Slice[]): object {
  return { sequences_per_s: rateOf(of), cpu_ms_per_sequence: cpuOf(of) };
}

/** Middle of the rounds' own ratios. */
function pairedRatio(of: readonly Slice[], to: readonly Slice[]): number {
  return middle(of.map(({ rate }, round) => rate / (to[round]?.rate ?? Number.NaN)));
}

/** The network in this very thread: it blocks the event loop, which a server must never do. */
async function openDirect(provider: string): Promise<RewardModel> {
  const { TextTokenizer } = await import('../../src/adapters/tokenizer.ts');
  const tokenizer = new TextTokenizer(model.tokenizer);
  const { modelPath, padId, output } = model;
  const network = await OnnxNetwork.open({
    modelPath,
    providers: [provider],
    threads,
    padId,
    pooling: 'cls',
    output,
  });
  return {
    provider: network.provider,
    failures: network.failures,
    lanes: 1,
    encode: (given) => Promise.resolve(given.map((each) => tokenizer.encode(each))),
    run: async (batch) => {
      const { values, width } = await network.run(flatten(batch));
      return batch.map((_, row) => values.subarray(row * width, (row + 1) * width));
    },
    close: () => network.release(),
  };
}

function flatten(batch: readonly EncodedTexts[]): Parameters<OnnxNetwork['run']>[0] {
  return {
    ids: Int32Array.from(batch.flatMap(({ ids }) => [...ids])),
    typeIds: Uint8Array.from(batch.flatMap(({ typeIds }) => [...typeIds])),
    lengths: Int32Array.from(batch, ({ ids }) => ids.length),
  };
}

async function compare(provider: string): Promise<void> {
  const other = await openDirect(provider);
  let largest = 0;
  for (const batch of batchesOf(1024)) {
    const [here, there] = [await direct.run(batch), await other.run(batch)];
    for (const [row, values] of here.entries())
      for (const [column, value] of values.entries())
        largest = Math.max(largest, Math.abs(value - (there[row]?.[column] ?? Number.NaN)));
  }
  const started = performance.now();
  let done = 0;
  while (performance.now() - started < seconds * 1000)
    for (const batch of batchesOf(512)) done += (await other.run(batch)).length;
  const rate = (done / (performance.now() - started)) * 1000;
  say({ compared_with: other.provider, largest_difference: largest, its_sequences_per_s: rate, threads });
  await other.close();
}

/** All texts once, in batches of like length. */
function batchesOf(paddedTokens: number): readonly (readonly EncodedTexts[])[] {
  const batches: EncodedTexts[][] = [];
  let batch: EncodedTexts[] = [];
  for (const each of encoded.toSorted((a, b) => a.ids.length - b.ids.length)) {
    if (batch.length > 0 && (batch.length + 1) * each.ids.length > paddedTokens) {
      batches.push(batch);
      batch = [];
    }
    batch.push(each);
  }
  return [...batches, batch];
}

async function sliceOfRuns(batches: readonly (readonly EncodedTexts[])[]): Promise<Slice> {
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  let done = 0;
  let at = 0;
  // Whole passes only: every slice sees all lengths.
  while (performance.now() - started < seconds * 1000 || at % batches.length !== 0) {
    done += (await direct.run(batches[at % batches.length] ?? [])).length;
    at += 1;
  }
  const { user, system } = process.cpuUsage(cpu);
  const rate = (done / (performance.now() - started)) * 1000;
  return { rate, cpuMs: (user + system) / 1000 / done, delayP99Ms: Number.NaN };
}

async function sliceOfBatcher(served: RewardModel): Promise<Slice> {
  const batcher = new RewardModelBatcher({
    model: served,
    clock: new SystemClock(),
    paddedTokensMax: Number(flags['padded-tokens']),
    sequencesMax: 4096,
    fillMin: 0.8,
    lingerMs: 0,
    queueMax: 100_000,
  });
  const slice = await sliceOf({
    clients: inFlight,
    ask: async (index) => {
      await batcher.infer({ first: textOf(index) });
      return 1;
    },
    cpuSeconds: ownCpuSeconds,
  });
  const { tokens: counted, paddedTokens } = batcher.counts();
  fills.push(counted / paddedTokens);
  return slice;
}

/** The same through gRPC, in groups, with the server in a process of its own. */
async function sliceOfServer(server: RewardModelServer): Promise<Slice> {
  const { groupSize } = server;
  await server.eventLoopP99Ms();
  const slice = await sliceOf({
    clients: Math.ceil(inFlight / groupSize),
    ask: (index) =>
      server.score(Array.from({ length: groupSize }, (_, member) => textOf(index * groupSize + member))),
    cpuSeconds: () => server.cpuSeconds(),
  });
  return { ...slice, delayP99Ms: await server.eventLoopP99Ms() };
}

/** So many clients, each with one call in flight that is followed by the next: what many requests at a time look like. */
async function sliceOf(of: {
  readonly clients: number;
  /** How many sequences it scored. */
  readonly ask: (index: number) => Promise<number>;
  readonly cpuSeconds: () => number;
}): Promise<Slice> {
  let [asked, done] = [0, 0];
  const over = new AbortController();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      asked += 1;
      const scored = await of.ask(asked);
      done += scored;
    }
  };
  const clients = Array.from({ length: of.clients }, client);
  await sleep(500);
  const [before, started, cpu] = [done, performance.now(), of.cpuSeconds()];
  delay.enable();
  await sleep(seconds * 1000);
  const measured = done - before;
  const rate = (measured / (performance.now() - started)) * 1000;
  const cpuMs = ((of.cpuSeconds() - cpu) * 1000) / measured;
  delay.disable();
  over.abort();
  await Promise.all(clients);
  return { rate, cpuMs, delayP99Ms: delay.percentile(99) / 1e6 };
}

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Spaces at the end make it a text of its own, and change none of its tokens. */
function textOf(index: number): string {
  return `${texts[(index * 7919) % texts.length]}${' '.repeat(index % 97)}`;
}

function makeTexts(count: number): readonly string[] {
  const random = new Random([7, 7, 7, 7]);
  const [from = 16, to = 256] = flags.lengths.split('-').map(Number);
  return Array.from({ length: count }, () => {
    const length = Math.round(from * (to / from) ** (random.uint32() / 2 ** 32));
    return Array.from({ length }, () => words[random.uint32() % words.length]).join(' ');
  });
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function say(value: object): void {
  console.log(
    JSON.stringify(value, (_, each: unknown) =>
      typeof each === 'number' ? Number(each.toPrecision(4)) : each,
    ),
  );
}
