// Money: a process that buys verdicts is killed without warning, again and again. What was answered once is never paid for
// again, and nothing that was paid for is answered with anything else.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const QUESTIONS = 1_500;
const KILLS = 4;
/** As many askings as the process has under way: those were not answered yet. */
const AT_ONCE = 16;

const folder = mkdtempSync(join(tmpdir(), 'groupwise-verdicts-kill-'));
const [bill, answers] = [join(folder, 'bill'), join(folder, 'answers')];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it(`CachedJudge pays for no verdict twice that was answered, killed ${KILLS} times`, async () => {
  const repeated: string[] = [];
  let calls = 0;
  for (let life = 0; life <= KILLS; life += 1) {
    const answered = new Set(linesOf(answers));
    const billedBefore = linesOf(bill).length;
    // Answers of earlier lives are given, and written, again.
    const wanted = life === KILLS ? Number.POSITIVE_INFINITY : linesOf(answers).length + answered.size + 150;
    const status = await runUntil(() => linesOf(answers).length >= wanted);
    expect(status).toBe(life === KILLS ? 0 : 'SIGKILL');
    const billed = linesOf(bill).slice(billedBefore);
    calls += billed.length;
    repeated.push(...billed.filter((question) => answered.has(question)));
  }
  expect(repeated).toEqual([]);
  expect(new Set(linesOf(answers)).size).toBe(QUESTIONS);
  expect(calls).toBeGreaterThanOrEqual(QUESTIONS);
  expect(calls).toBeLessThanOrEqual(QUESTIONS + KILLS * AT_ONCE);

  expect(await runUntil(() => false)).toBe(0);
  expect(linesOf(bill)).toHaveLength(calls);
});

/** Runs the buyer, and kills it as soon as `isEnough`. Its exit status or the signal that ended it. */
async function runUntil(isEnough: () => boolean): Promise<number | string | null> {
  const program = join(import.meta.dirname, '../support/verdict-buyer.ts');
  const child = spawn(process.execPath, [program, folder, String(QUESTIONS), bill, answers], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('exit', (status, signal) => resolve(signal ?? status));
  });
  const watch = setInterval(() => {
    if (isEnough()) child.kill('SIGKILL');
  }, 2);
  try {
    return await ended;
  } finally {
    clearInterval(watch);
  }
}

/** Complete lines: a kill may cut the last one. */
function linesOf(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}
