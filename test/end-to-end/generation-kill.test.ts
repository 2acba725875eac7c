// Money: a generation run is killed without warning, again and again, and started again. The pairs are those of a run that nobody
// disturbed, byte by byte, and no reply that reached the disk is bought twice.
//
// What the server can know: which request it answered. What it cannot know: whether the reply had reached the client's disk when
// the client was killed. So the server numbers its replies, and after every kill the test reads in the journal which numbers are
// there. A request of which any reply is there must never come again; of the others at most as many as the client asks at once.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { REPLIES_FILE } from '../../src/adapters/sqlite.ts';
import { createRandom } from '../../src/core/random.ts';
import { generationModel, identityOf, unreliable } from '../support/generation-model.ts';
import { KILLED_MODEL } from '../support/generation-world.ts';
import {
  startOpenAiServer,
  usageOf,
  type Behaviour,
  type ChatBody,
  type OpenAiServer,
} from '../support/openai-server.ts';
import { TOY_HANDLERS } from '../support/toy-model.ts';

const KILLS = 20;
const DOCUMENTS = 60;
const AT_ONCE = KILLED_MODEL.concurrencyMax ?? 0;

const folder = mkdtempSync(join(tmpdir(), 'groupwise-generation-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A server that numbers its replies: completion tokens are the number of the call, and cost nothing here. */
function startNumbering(behave: (body: ChatBody) => Behaviour): Promise<OpenAiServer> {
  return startOpenAiServer((body, index) => {
    const said = behave(body);
    if (said.kind !== 'reply' && said.kind !== 'refusal' && said.kind !== 'content_filter') return said;
    return { ...said, usage: { ...usageOf(body, ''), completion_tokens: index } };
  });
}

/** Numbers of the replies that the journal of a data directory has. */
function keptIn(dataDir: string): readonly number[] {
  const path = join(dataDir, REPLIES_FILE);
  if (!existsSync(path)) return [];
  using database = new DatabaseSync(path);
  const hasTable = database.prepare(`SELECT 1 FROM sqlite_master WHERE name = 'reply'`).get() !== undefined;
  if (!hasTable) return [];
  return database
    .prepare('SELECT completion_tokens AS number FROM reply')
    .all()
    .map(({ number }) => Number(number));
}

/** Runs the process, and kills it as soon as `isEnough`. Its exit status or the signal that ended it. */
async function runUntil(args: readonly string[], isEnough: () => boolean): Promise<number | string | null> {
  const program = join(import.meta.dirname, '../support/generation-process.ts');
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('exit', (status, signal) => resolve(signal ?? status));
  });
  const watch = setInterval(() => {
    if (isEnough()) child.kill('SIGKILL');
  }, 1);
  try {
    return await ended;
  } finally {
    clearInterval(watch);
  }
}

interface Life {
  readonly firstCall: number;
  /** Requests that the journal had replies to when this life began. */
  readonly keptBefore: ReadonlySet<string>;
}

async function killAgainAndAgain(name: string, behave: (body: ChatBody) => Behaviour, seed: number) {
  const calm = await startNumbering(behave);
  const disturbed = await startNumbering(behave);
  const [calmDir, dataDir] = [join(folder, `${name}-calm`), join(folder, `${name}-killed`)];
  const [calmOut, out] = [`${calmDir}.jsonl`, `${dataDir}.jsonl`];
  const random = createRandom(seed);
  try {
    expect(await runUntil([calmDir, calm.url, String(DOCUMENTS), calmOut], () => false)).toBe(0);
    const { log } = disturbed;
    const lives: Life[] = [];
    const identities: string[] = [];
    const identityAt = (index: number): string =>
      (identities[index] ??= identityOf(log[index]?.body ?? never()));
    for (let kill = 0; kill < KILLS; kill += 1) {
      lives.push({
        firstCall: log.length,
        keptBefore: new Set(keptIn(dataDir).map(identityAt)),
      });
      // Anywhere from the first call on, and at most so far that some work is left for the last life.
      const enough = log.length + random.below(Math.ceil((1.6 * calm.log.length) / KILLS));
      const status = await runUntil(
        [dataDir, disturbed.url, String(DOCUMENTS), out],
        () => log.length > enough,
      );
      expect(status).toBe('SIGKILL');
    }
    lives.push({ firstCall: log.length, keptBefore: new Set(keptIn(dataDir).map(identityAt)) });
    expect(existsSync(out)).toBe(false);
    expect(await runUntil([dataDir, disturbed.url, String(DOCUMENTS), out], () => false)).toBe(0);
    return {
      calm,
      disturbed,
      lives,
      identityAt,
      kept: keptIn(dataDir),
      calmText: readFileSync(calmOut, 'utf8'),
      text: readFileSync(out, 'utf8'),
    };
  } finally {
    await Promise.all([calm.close(), disturbed.close()]);
  }
}

function never(): never {
  throw new Error('No such call');
}

describe.each<[string, (body: ChatBody) => Behaviour]>([
  ['behaves', generationModel(TOY_HANDLERS)],
  ['fails in 30 % of its calls', unreliable(generationModel(TOY_HANDLERS), { seed: 5 })],
])('GenerationRun, killed again and again at a server that %s', (name, behave) => {
  it(`GenerationRun makes the same pairs, killed ${KILLS} times, and asks nothing twice that reached the disk`, async () => {
    const { calm, disturbed, lives, identityAt, kept, calmText, text } = await killAgainAndAgain(
      name,
      behave,
      3,
    );
    expect(text.length).toBeGreaterThan(10_000);
    expect(text).toBe(calmText);

    const { log } = disturbed;
    const repeated = lives.flatMap(({ firstCall, keptBefore }, life) =>
      log
        .slice(firstCall, lives[life + 1]?.firstCall)
        .map((_, index) => identityAt(firstCall + index))
        .filter((identity) => keptBefore.has(identity)),
    );
    expect(repeated).toEqual([]);

    const answered = log.flatMap(({ billed }, index) => (billed === undefined ? [] : [identityAt(index)]));
    const distinct = new Set(answered);
    expect(new Set(kept.map(identityAt))).toEqual(distinct);
    expect(kept).toHaveLength(distinct.size);
    // Each was under way, or on its way to the disk, at one of the kills.
    expect(answered.length - distinct.size).toBeLessThanOrEqual(KILLS * AT_ONCE);
    expect(distinct.size).toBe(
      new Set(calm.log.filter(({ billed }) => billed !== undefined).map(({ body }) => identityOf(body))).size,
    );
  }, 240_000);
});
