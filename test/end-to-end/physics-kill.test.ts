// The whole of a book, and a server that fails in every way that servers do: `groupwise generate` with the stages of Webscale-RL is
// killed at random points of its work, and of what comes after it, and must make the dataset that an undisturbed run makes. Here a few
// chapters and kills; all of them with PHYSICS_KILLS=20 (figures in docs/generate.md).

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRandom } from '../../src/core/random.ts';
import { runCommandLine } from '../support/command-line.ts';
import { generationModel, identityOf, unreliable } from '../support/generation-model.ts';
import { killAgainAndAgain, runUntil, startNumbering, type KilledRuns } from '../support/kill-again.ts';
import type { Behaviour, ChatBody, LoggedCall } from '../support/openai-server.ts';
import { PROSE_HANDLERS } from '../support/prose-model.ts';

const ASKED_KILLS = process.env['PHYSICS_KILLS'];
const IS_WHOLE = ASKED_KILLS !== undefined;
const KILLS = Number(ASKED_KILLS ?? 3);
/** Of the kills: so many come when nothing is left to ask, while the run replays, compares and writes. */
const LATE_KILLS = Math.ceil(KILLS / 5);
const CHAPTERS_MAX = IS_WHOLE ? 1_000 : 5;
const AT_ONCE = 8;

const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));
const RECIPE = fileURLToPath(new URL('../../examples/recipes/webscale-rl.yaml', import.meta.url));
const CHAPTERS = fileURLToPath(new URL('../../../shared/data/documents/physics', import.meta.url));
const hasChapters = existsSync(CHAPTERS);
if (!hasChapters) process.stderr.write(`Skipped: the chapters of ${CHAPTERS} are not there\n`);

const folder = mkdtempSync(join(tmpdir(), 'groupwise-physics-kill-'));
beforeAll(() => {
  // Processes that start again and again need not compile everything each time.
  vi.stubEnv('NODE_COMPILE_CACHE', join(folder, 'compiled'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const honest = generationModel(PROSE_HANDLERS);

/** All that a server does that fails in every way, see `kindsIn`. */
const ALL_KINDS = [
  'HTML',
  'JSON of another form',
  'content_filter',
  'cut after headers',
  'cut after request',
  'empty reply',
  'half a body',
  'half the JSON',
  'hang',
  'no choices',
  'prose',
  'refusal',
  'reply',
  'reply cut at its length',
  'status 429',
  'status 429 with a time to wait',
  'status 500',
  'status 503',
  'status 529',
  'two verdicts',
];

interface Case {
  readonly name: string;
  readonly behave: (body: ChatBody) => Behaviour;
  /** What it may do, see `kindsIn`. */
  readonly kinds: readonly string[];
  /** How long the client waits for a reply. At a server that never hangs, it must not give one up that is on its way. */
  readonly attemptTimeoutMs: number;
  readonly seed: number;
}

const CASES: readonly Case[] = [
  { name: 'behaves', behave: honest, kinds: ['reply'], attemptTimeoutMs: 300_000, seed: 21 },
  {
    name: 'fails in 30 % of its calls',
    behave: unreliable(honest, { seed: 22 }),
    kinds: ALL_KINDS,
    attemptTimeoutMs: 1_000,
    seed: 22,
  },
];

/** The command over the chapters, with a model at `url`. */
function argsFor(dataDir: string, url: string, attemptTimeoutMs: number): readonly string[] {
  mkdirSync(dataDir);
  // Completion tokens cost nothing, since the server numbers its replies by them.
  const model = `{ model: test-teacher, endpoints: [{ base_url: "${url}" }], price: { input: 1, output: 0 }, concurrency_max: ${AT_ONCE}, attempt_timeout_ms: ${attemptTimeoutMs}, attempts_max: 40 }`;
  const recipe = `${dataDir}.yaml`;
  writeFileSync(recipe, `models:\n  teacher: ${model}\n${readFileSync(RECIPE, 'utf8')}`);
  const made = ['--recipe', recipe, '--name', 'physics', '--data', dataDir, '--replace', '--yes'];
  return [COMMAND, 'generate', CHAPTERS, '--limit', String(CHAPTERS_MAX), ...made];
}

async function exported(dataDir: string): Promise<string> {
  const out = `${dataDir}.jsonl`;
  const args = ['physics', '--data', dataDir, '--format', 'jsonl', '--out', out];
  expect(await runCommandLine('dataset', 'export', ...args)).toMatchObject({ status: 0 });
  return readFileSync(out, 'utf8');
}

function answeredIn(log: readonly LoggedCall[]): ReadonlySet<string> {
  return new Set(log.flatMap(({ billed, body }) => (billed === undefined ? [] : [identityOf(body)])));
}

/** All that the server did, apart from the texts: `status 429`, `cut after headers`, `reply length`. */
function kindsIn(log: readonly LoggedCall[]): readonly string[] {
  const kinds = log.map(({ behaviour }) => {
    switch (behaviour.kind) {
      case 'status':
        return `status ${behaviour.status}${behaviour.headers === undefined ? '' : ' with a time to wait'}`;
      case 'cut':
        return `cut after ${behaviour.after}`;
      case 'raw':
        return behaviour.body.startsWith('<')
          ? 'HTML'
          : behaviour.body === '{"choices":[]}'
            ? 'no choices'
            : 'half a body';
      case 'reply':
        return replyKind(behaviour);
      case 'hang':
      case 'refusal':
      case 'content_filter':
        return behaviour.kind;
    }
  });
  return [...new Set(kinds)].toSorted();
}

function replyKind({ text, finishReason }: Extract<Behaviour, { kind: 'reply' }>): string {
  if (text === '') return 'empty reply';
  if (finishReason === 'length') return 'reply cut at its length';
  if (text.startsWith('{"verdict":"perhaps"')) return 'JSON of another form';
  if (text.startsWith('{"verdict":"good"} or')) return 'two verdicts';
  if (!text.startsWith('{')) return 'prose';
  return text.endsWith('}') ? 'reply' : 'half the JSON';
}

function tell(name: string, figures: object): void {
  if (IS_WHOLE) process.stderr.write(`A server that ${name}: ${JSON.stringify(figures)}\n`);
}

function sum(lives: KilledRuns['lives'], of: 'calls' | 'answered' | 'lost'): number {
  return lives.reduce((total, life) => total + life[of], 0);
}

describe('groupwise generate, over chapters of a book', () => {
  it.skipIf(!hasChapters).each(CASES)(
    `GenerationRun, killed ${KILLS} times at a server that $name, makes the dataset of an undisturbed run and pays for nothing twice`,
    async ({ name, behave, kinds, attemptTimeoutMs, seed }) => {
      const [calm, server] = [await startNumbering(behave), await startNumbering(behave)];
      const [calmDir, dataDir] = [join(folder, `${seed}-calm`), join(folder, `${seed}-killed`)];
      try {
        const calmArgs = argsFor(calmDir, calm.url, attemptTimeoutMs);
        expect(await runUntil(calmArgs, () => false)).toBe(0);
        const text = await exported(calmDir);
        const [callsInAll, requestsInAll] = [calm.log.length, answeredIn(calm.log)];
        const startedAt = performance.now();
        // Once more, to know how long it works when there is nothing to ask.
        if (IS_WHOLE) await runUntil(calmArgs, () => false);
        const replayMs = performance.now() - startedAt;
        expect(calm.log).toHaveLength(callsInAll);

        const random = createRandom(seed);
        const runs = await killAgainAndAgain(argsFor(dataDir, server.url, attemptTimeoutMs), {
          server,
          dataDir,
          kills: KILLS - LATE_KILLS,
          callsInAll,
          seed,
          late: Array.from({ length: LATE_KILLS }, () => (IS_WHOLE ? random.next() * replayMs : 0)),
          requestsInAll,
        });
        expect(runs.lives.filter(({ wasKilled }) => wasKilled)).toHaveLength(KILLS);
        expect(await exported(dataDir)).toBe(text);

        // What was on disk when a process began was not asked again, and every answered request got there.
        expect(runs.repeated).toEqual([]);
        const distinct = new Set(runs.answered);
        expect(distinct).toEqual(requestsInAll);
        expect(runs.kept).toHaveLength(distinct.size);
        expect(new Set(runs.kept)).toEqual(distinct);
        // Answered twice: what was under way at a kill, or on its way to the disk.
        const [lost, again] = [sum(runs.lives, 'lost'), runs.answered.length - distinct.size];
        expect(again).toBeLessThanOrEqual(KILLS * AT_ONCE);
        // Besides, only a reply that a client no longer waited for.
        expect(behave === honest ? again : lost).toBe(lost);
        const seen = kindsIn(server.log);
        expect(kinds).toEqual(expect.arrayContaining([...seen]));
        expect(seen.length).toBeGreaterThanOrEqual(IS_WHOLE ? kinds.length : 1);
        const rows = text.trimEnd().split('\n').length;
        expect(rows).toBeGreaterThan(IS_WHOLE ? 300 : 10);

        tell(name, {
          rows,
          bytes: text.length,
          calmCalls: callsInAll,
          distinct: distinct.size,
          kills: KILLS,
          calls: server.log.length,
          answered: runs.answered.length,
          again,
          lost,
          lostMost: Math.max(...runs.lives.map((life) => life.lost)),
          repeated: runs.repeated.length,
          failed: server.log.length - runs.answered.length,
          callsByLife: runs.lives.map((life) => life.calls),
          kinds: seen.length,
        });
      } finally {
        await Promise.all([calm.close(), server.close()]);
      }
    },
    IS_WHOLE ? 3_600_000 : 400_000,
  );
});
