// A real server with a small dataset of sums, over a socket, for trainings of the tabular policy; and a client that dies at a
// chosen call, before or after the server heard of it, as the process of a training may.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SqliteDatasetStore } from '../../src/adapters/sqlite-dataset-store.ts';
import { EnvClient } from '../../src/client/env-client.ts';
import { CallsClient, type CallOptions } from '../../src/client/calls-client.ts';
import { type RunningServer, startServer } from '../../src/commands/server.ts';
import { freeAddress } from '../../src/commands/embedded-server.ts';
import { readSettings } from '../../src/config.ts';
import type { CallName, InputOf, ReplyOf } from '../../src/contract/calls.ts';
import type { RunId } from '../../src/core/ids.ts';
import type { QaPair } from '../../src/core/qa-pair.ts';
import type { Policy } from '../../src/trainer/policy.ts';
import type { TrainingEnd, TrainingEvent } from '../../src/trainer/training-event.ts';
import { lastUserMessage } from '../../src/trainer/loop/draw.ts';
import type { TrainingSettings } from '../../src/trainer/loop/settings.ts';
import { train } from '../../src/trainer/loop/train.ts';
import type { TrainingOptions } from '../../src/trainer/loop/training-options.ts';
import { TrainingFolder } from '../../src/trainer/loop/training-folder.ts';
import { pairWith } from './pairs.ts';
import { TabularPolicy } from './tabular-policy.ts';

export const SUMS = 'sums';

export const SETTINGS: TrainingSettings = {
  dataset: SUMS,
  split: 'train',
  seed: 3,
  promptsPerStep: 3,
  groupSize: 8,
  updates: 2,
  estimator: 'grpo:verl',
  reward: undefined,
  sampling: 'shuffled',
  promptTemplate: 'plain',
  epochs: undefined,
  tokensMax: 2,
  temperature: 1,
  loss: { loss: 'clipped-ratio', clip: { low: 0.2, high: 0.2 }, aggregation: 'token-mean', klWeight: 0 },
  optimiser: { learningRate: 20, gradientNormMax: 1 },
  driftMax: 0,
};

/** Sums of small numbers whose answer is one digit. */
export function sumPairs(count: number): readonly QaPair[] {
  return Array.from({ length: count }, (_, index) => {
    const [a, b] = [index % 5, Math.floor(index / 5) % 5];
    return pairWith({ question: `${a}+${b}=`, groundTruth: { answer: String(a + b), aliases: [] } });
  });
}

export class TrainingWorld {
  readonly #data: string;
  readonly #addresses: { readonly grpc: string; readonly http: string };
  #server: RunningServer | undefined;
  #trainings = 0;

  private constructor(data: string, addresses: { readonly grpc: string; readonly http: string }) {
    this.#data = data;
    this.#addresses = addresses;
  }

  static async start(pairs: readonly QaPair[] = sumPairs(10)): Promise<TrainingWorld> {
    const data = await mkdtemp(join(tmpdir(), 'groupwise-training-'));
    const store = new SqliteDatasetStore({ dataDir: data, now: () => 0 });
    const provenance = { source: 'test', license: 'none', generator: 'test' };
    const writer = await store.create(
      { name: SUMS, description: '', reward: undefined, provenance },
      { replace: false },
    );
    await writer.add(pairs);
    await writer.commit();
    store.close();
    const world = new TrainingWorld(data, { grpc: await freeAddress(), http: await freeAddress() });
    await world.startServer();
    return world;
  }

  async startServer(): Promise<void> {
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    this.#server = await startServer(
      readSettings({ data: this.#data, ...this.#addresses, drainMs: 100 }, {}),
      log,
    );
  }

  async stopServer(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
  }

  connect(): EnvClient {
    return new EnvClient({ address: this.#addresses.grpc });
  }

  /** A folder of its own for a training. */
  newFolder(): string {
    this.#trainings += 1;
    return join(this.#data, 'trainings', String(this.#trainings));
  }

  async stop(): Promise<void> {
    await this.stopServer();
    await rm(this.#data, { recursive: true, force: true });
  }
}

export interface Life {
  readonly client: CallsClient;
  readonly policy?: Policy;
  readonly folder?: string | undefined;
  readonly settings?: Partial<TrainingSettings>;
  readonly steps?: number;
  readonly checkpointEvery?: number;
  readonly runId?: string;
  readonly signal?: AbortSignal;
  readonly patienceMs?: number;
  readonly onEvent?: (event: TrainingEvent) => void;
  readonly options?: Partial<TrainingOptions>;
}

export interface Lived {
  readonly end: TrainingEnd;
  readonly events: readonly TrainingEvent[];
  readonly said: readonly string[];
}

let lives = 0;

/** One life of a training: the same arguments go on where the last life ended. */
export async function live(life: Life): Promise<Lived> {
  const settings = { ...SETTINGS, ...life.settings };
  const identity = { seed: settings.seed, driftMax: settings.driftMax };
  const events: TrainingEvent[] = [];
  const said: string[] = [];
  const folder = await TrainingFolder.open(life.folder, identity);
  lives += 1;
  const end = await train({
    client: life.client,
    policy: life.policy ?? new TabularPolicy(),
    promptText: lastUserMessage,
    settings,
    length: { steps: life.steps ?? 10, checkpointEvery: life.checkpointEvery ?? 3, checkpointsKept: 2 },
    folder,
    runId: (life.runId ?? `life-${process.pid}-${lives}`) as RunId,
    described: identity,
    tell: (event) => {
      events.push(event);
      life.onEvent?.(event);
    },
    patience: { patienceMs: life.patienceMs ?? 0, signal: life.signal, say: (text) => void said.push(text) },
    scoreMsMax: 10_000,
    ...life.options,
  });
  return { end, events, said };
}

/** Rewards by step. */
export function rewardsIn(events: readonly TrainingEvent[]): ReadonlyMap<number, number> {
  return new Map(
    events.flatMap((event) => (event.kind === 'step' ? [[event.step, event.metrics.mean_reward]] : [])),
  );
}

export class Died extends Error {}

/** Passes calls on until the process "dies" at call `diesAt`: before the server hears of it, or after, with its answer lost. */
export class MortalClient extends CallsClient {
  readonly #client: CallsClient;
  readonly #diesAt: number;
  readonly #isHeard: boolean;
  calls = 0;

  constructor(
    client: CallsClient,
    { diesAt, isHeard }: { readonly diesAt: number; readonly isHeard: boolean },
  ) {
    super();
    this.#client = client;
    this.#diesAt = diesAt;
    this.#isHeard = isHeard;
  }

  override async call<Name extends CallName>(
    name: Name,
    input: InputOf<Name>,
    options?: CallOptions,
  ): Promise<ReplyOf<Name>> {
    this.calls += 1;
    if (this.calls > this.#diesAt || (this.calls === this.#diesAt && !this.#isHeard)) throw new Died(name);
    const reply = await this.#client.call(name, input, options);
    if (this.calls === this.#diesAt) throw new Died(name);
    return reply;
  }

  override close(): void {}
}
