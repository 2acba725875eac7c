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

export interface KilledRuns {
  /** Requests that came although a reply to them had reached the disk before the process began. */
  readonly repeated: readonly string[];
  /** Requests that were answered, with repetitions. */
  readonly answered: readonly string[];
  /** Requests of the replies in the journal at the end. */
  readonly kept: readonly string[];
}

/**
 * Runs a program `kills` times until somewhere in its work, then once to its end. `callsInAll`: what it asks when nobody
 * disturbs it.
 */
export async function killAgainAndAgain(
  args: readonly string[],
  {
    server,
    dataDir,
    kills,
    callsInAll,
    seed,
  }: {
    readonly server: OpenAiServer;
    readonly dataDir: string;
    readonly kills: number;
    readonly callsInAll: number;
    readonly seed: number;
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
  const repeated: string[] = [];
  for (let life = 0; life <= kills; life += 1) {
    const first = log.length;
    const before = onDisk();
    // Anywhere from the first call on, and so that all lives but the last together do most of the work and not all of it.
    const enough = life === kills ? Infinity : first + random.below(Math.ceil((1.6 * callsInAll) / kills));
    const status = await runUntil(args, () => log.length > enough);
    if (status !== (life === kills ? 0 : 'SIGKILL')) throw new Error(`Life ${life} ended with ${status}`);
    for (let index = first; index < log.length; index += 1) {
      if (before.has(identityAt(index))) repeated.push(identityAt(index));
    }
  }
  return {
    repeated,
    answered: log.flatMap(({ billed }, index) => (billed === undefined ? [] : [identityAt(index)])),
    kept: numbersIn(dataDir).map(identityAt),
  };
}
