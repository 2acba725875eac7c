// Kills a process that asks a model, again and again, and tells what its server saw. What the server can know is which request it
// answered; not whether the reply had reached the client's disk when the client was killed. So it numbers its replies, and after
// every kill the numbers that are in the journal say what reached the disk.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { REPLIES_FILE } from '../../src/adapters/sqlite.ts';
import { createRandom } from '../../src/core/random.ts';
import { identityOf } from './generation-model.ts';
import {
  startOpenAiServer,
  usageOf,
  type Behaviour,
  type ChatBody,
  type OpenAiServer,
} from './openai-server.ts';

/** A server that numbers its replies: the completion tokens of each are the number of its call, so they must cost nothing. */
export function startNumbering(behave: (body: ChatBody) => Behaviour): Promise<OpenAiServer> {
  return startOpenAiServer((body, index) => {
    const said = behave(body);
    if (said.kind !== 'reply' && said.kind !== 'refusal' && said.kind !== 'content_filter') return said;
    return { ...said, usage: { ...usageOf(body, ''), completion_tokens: index } };
  });
}

/** Numbers of the replies that the journal of a data directory has. */
function numbersIn(dataDir: string): readonly number[] {
  const path = join(dataDir, REPLIES_FILE);
  if (!existsSync(path)) return [];
  using database = new DatabaseSync(path);
  const hasTable = database.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'reply'`).get() !== undefined;
  if (!hasTable) return [];
  const rows = database.prepare('SELECT completion_tokens AS number FROM reply').all();
  return rows.map(({ number }) => Number(number));
}

/** Runs a program, and kills it as soon as `isEnough`. Its exit status or the signal that ended it. */
export async function runUntil(
  args: readonly string[],
  isEnough: () => boolean,
): Promise<number | string | null> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (text: Buffer) => (complaints += text.toString()));
  const ended = new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(signal ?? status));
  });
  const watch = setInterval(() => {
    if (isEnough()) child.kill('SIGKILL');
  }, 1);
  try {
    const status = await ended;
    if (status !== 0 && status !== 'SIGKILL') throw new Error(`Ended with ${status}: ${complaints}`);
    return status;
  } finally {
    clearInterval(watch);
  }
}

/** What a process did until it was killed, or until its end. */
export interface Life {
  readonly wasKilled: boolean;
  /** Requests that the server logged. */
  readonly calls: number;
  /** Those of them that it answered with a reply that is paid for. */
  readonly answered: number;
  /** Those of the answered ones that were not on disk when the process was dead. */
  readonly lost: number;
}

export interface KilledRuns {
  /** Requests that came although a reply to them had reached the disk before the process began. */
  readonly repeated: readonly string[];
  /** Requests that were answered, with repetitions. */
  readonly answered: readonly string[];
  /** Requests of the replies in the journal at the end. */
  readonly kept: readonly string[];
  /** One for each start of the program. */
  readonly lives: readonly Life[];
}

/**
 * Runs a program `kills` times until somewhere in its work, then once to its end. `callsInAll`: what it asks when nobody
 * disturbs it. `late`: kills besides, so many milliseconds after there is nothing left to ask, which `requestsInAll` tells; for a
 * program that may be run again after its end.
 */
export async function killAgainAndAgain(
  args: readonly string[],
  {
    server,
    dataDir,
    kills,
    callsInAll,
    seed,
    late = [],
    requestsInAll = new Set(),
  }: {
    readonly server: OpenAiServer;
    readonly dataDir: string;
    readonly kills: number;
    readonly callsInAll: number;
    readonly seed: number;
    readonly late?: readonly number[];
    readonly requestsInAll?: ReadonlySet<string>;
  },
): Promise<KilledRuns> {
  const { log } = server;
  const random = createRandom(seed);
  const identities: string[] = [];
  const identityAt = (index: number): string => {
    const call = log[index];
    if (call === undefined) throw new Error(`The server had no call ${index}`);
    return (identities[index] ??= identityOf(call.body));
  };
  const onDisk = (): ReadonlySet<string> => new Set(numbersIn(dataDir).map(identityAt));
  const answeredFrom = (first: number): readonly string[] =>
    log
      .slice(first)
      .flatMap(({ billed }, index) => (billed === undefined ? [] : [identityAt(first + index)]));
  const repeated: string[] = [];
  const lives: Life[] = [];
  const live = async (isEnough: () => boolean): Promise<number | string | null> => {
    const first = log.length;
    const before = onDisk();
    const status = await runUntil(args, isEnough);
    await settled();
    const [after, answered] = [onDisk(), answeredFrom(first)];
    for (let index = first; index < log.length; index += 1) {
      if (before.has(identityAt(index))) repeated.push(identityAt(index));
    }
    const lost = answered.filter((identity) => !after.has(identity)).length;
    lives.push({
      wasKilled: status === 'SIGKILL',
      calls: log.length - first,
      answered: answered.length,
      lost,
    });
    return status;
  };
  const expectEnd = (status: number | string | null, expected: number | string): void => {
    if (status !== expected) throw new Error(`Life ${lives.length} ended with ${status}`);
  };
  // Anywhere from the first call on, and so that all lives but the last together do most of the work and not all of it: few of
  // them could all be long.
  const callsMost = (Math.min(1.6, 0.9 + kills / 30) * callsInAll) / kills;
  for (let kill = 0; kill < kills; kill += 1) {
    const enough = log.length + random.below(Math.ceil(callsMost));
    expectEnd(await live(() => log.length > enough), 'SIGKILL');
  }
  for (const afterMs of late) {
    const hasAsked = afterAll(requestsInAll, log, identityAt);
    // One that was faster than the kill has done its work, and is killed earlier when it does it again.
    for (let ms = afterMs; (await live(() => hasAsked() >= ms)) !== 'SIGKILL'; ms /= 2);
  }
  expectEnd(await live(() => false), 0);
  return {
    repeated,
    answered: answeredFrom(0),
    kept: numbersIn(dataDir).map(identityAt),
    lives,
  };
}

/** What a process sent before its death may not have been read yet: it is there, so a few turns of the event loop read it. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Milliseconds since `all` requests were answered, as seen by whoever looks often; negative before. */
function afterAll(
  all: ReadonlySet<string>,
  log: OpenAiServer['log'],
  identityAt: (index: number) => string,
): () => number {
  const answered = new Set<string>();
  let seen = 0;
  let since: number | undefined;
  return () => {
    for (; seen < log.length; seen += 1) {
      if (log[seen]?.billed !== undefined) answered.add(identityAt(seen));
    }
    if (answered.size < all.size) return -1;
    since ??= performance.now();
    return performance.now() - since;
  };
}
