import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { WorkerVerifierPool } from '../../src/adapters/verifier-pool.ts';
import type { WorkerVerifierPoolOptions } from '../../src/adapters/verifier-pool.ts';
import type { Log } from '../../src/ports/log.ts';
import type { VerifierInput } from '../../src/core/verifiers/verifier.ts';

const LIMIT_MS = 400;
const open: WorkerVerifierPool[] = [];

function hostilePool(options: Partial<WorkerVerifierPoolOptions> = {}): WorkerVerifierPool {
  const workerUrl = new URL('../support/hostile-verifier-worker.ts', import.meta.url);
  const pool = new WorkerVerifierPool({
    limitMs: LIMIT_MS,
    queueMax: 100,
    threadsMax: 1,
    workerUrl,
    ...options,
  });
  open.push(pool);
  return pool;
}

function inputOf(answer: string): VerifierInput {
  return { answer, groundTruth: { answer: '', aliases: [] }, choices: [], promptText: '', options: {} };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

describe('WorkerVerifierPool', () => {
  it('verify() gives the verdict of the worker', async () => {
    const pool = hostilePool();
    expect(await pool.verify('says-so', inputOf('right'))).toEqual({ kind: 'correct' });
    expect(await pool.verify('says-so', inputOf('wrong'))).toEqual({ kind: 'incorrect', reason: 'wrong' });
  });

  it('verify() with the real worker finds the verifiers of the table', async () => {
    const pool = new WorkerVerifierPool({ limitMs: 5_000, queueMax: 10 });
    open.push(pool);
    const options = { pattern: '(a+)+b', ignore_case: false };
    const found = await pool.verify('regex', { ...inputOf('aaab'), options });
    expect(found).toEqual({ kind: 'correct' });
  });

  it('verify() kills a pattern that backtracks for ever', async () => {
    const pool = new WorkerVerifierPool({ limitMs: LIMIT_MS, queueMax: 10 });
    open.push(pool);
    const options = { pattern: '(a+)+b', ignore_case: false };
    const found = await pool.verify('regex', { ...inputOf('a'.repeat(50_000)), options });
    expect(found).toMatchObject({ kind: 'fault', cause: 'verifier_timeout' });
  });

  it('verify() kills a verifier that never ends, and the tasks behind it are served by a new worker', async () => {
    const pool = hostilePool();
    const hostile = pool.verify('loops-for-ever', inputOf(''));
    const behind = [1, 2, 3].map(() => pool.verify('says-so', inputOf('right')));
    expect(await hostile).toMatchObject({ kind: 'fault', cause: 'verifier_timeout' });
    expect(await Promise.all(behind)).toEqual([
      { kind: 'correct' },
      { kind: 'correct' },
      { kind: 'correct' },
    ]);
  });

  it('verify() does not disturb the tasks of other workers when it kills one', async () => {
    const pool = hostilePool({ threadsMax: 2 });
    const hostile = pool.verify('loops-for-ever', inputOf(''));
    const steady = pool.verify('works-for-a-while', inputOf(String(LIMIT_MS * 0.3)));
    expect(await steady).toEqual({ kind: 'correct' });
    expect(await hostile).toMatchObject({ cause: 'verifier_timeout' });
  });

  it('verify() starts the clock when the work starts: waiting in the queue longer than the limit is no timeout', async () => {
    const pool = hostilePool();
    const tasks = Array.from({ length: 6 }, () =>
      pool.verify('works-for-a-while', inputOf(String(LIMIT_MS * 0.25))),
    );
    expect(await Promise.all(tasks)).toEqual(tasks.map(() => ({ kind: 'correct' })));
  });

  it('verify() does not count the time in which a worker starts', async () => {
    const workerUrl = new URL('../support/slow-start-verifier-worker.ts', import.meta.url);
    const pool = hostilePool({ limitMs: 1_000, workerUrl });
    expect(await pool.verify('works-for-a-while', inputOf('700'))).toEqual({ kind: 'correct' });
  });

  it('verify() leaves nothing running of what it has killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'verifier-pool-'));
    const trace = join(folder, 'trace');
    const pool = hostilePool();
    expect(await pool.verify('writes-for-ever', inputOf(trace))).toMatchObject({ cause: 'verifier_timeout' });
    await pool.close();
    const written = statSync(trace).size;
    expect(written).toBeGreaterThan(0);
    // Time goes by in another pool's worker.
    await hostilePool().verify('works-for-a-while', inputOf('50'));
    expect(statSync(trace).size).toBe(written);
    rmSync(folder, { recursive: true });
  });

  it('verify() does not count the lag of its own event loop as the time of the work', async () => {
    const pool = hostilePool();
    await pool.verify('says-so', inputOf('right'));
    // From an immediate the loop goes on with its timers, before it takes in what the worker has sent.
    await new Promise((resolve) => setImmediate(resolve));
    const task = pool.verify('works-for-a-while', inputOf(String(LIMIT_MS * 0.2)));
    // This thread is busy for longer than the limit while the worker finishes in time.
    const until = performance.now() + LIMIT_MS * 2;
    while (performance.now() < until);
    expect(await task).toEqual({ kind: 'correct' });
  });

  it('verify() tries once more in a fresh worker when a worker dies', async () => {
    const pool = hostilePool();
    const folder = mkdtempSync(join(tmpdir(), 'verifier-pool-'));
    const memory = join(folder, 'deaths');
    expect(await pool.verify('dies-in-its-first-worker', inputOf(memory))).toEqual({ kind: 'correct' });
    expect(readFileSync(memory, 'utf8')).toBe('died once');
    rmSync(folder, { recursive: true });
  });

  it('verify() gives a fault when the worker dies again', async () => {
    const found = await hostilePool().verify('dies', inputOf(''));
    expect(found).toMatchObject({ kind: 'fault', cause: 'verifier_crash' });
  });

  it('verify() gives a fault, and the process lives on, when a verifier runs out of memory', async () => {
    const pool = hostilePool({ heapMbMax: 16, limitMs: 30_000 });
    expect(await pool.verify('eats-memory', inputOf(''))).toMatchObject({ cause: 'verifier_crash' });
    expect(await pool.verify('says-so', inputOf('right'))).toEqual({ kind: 'correct' });
  });

  it('verify() gives a fault, and logs the exception, when a verifier throws', async () => {
    const errors: unknown[] = [];
    const log: Log = {
      info: () => undefined,
      warn: () => undefined,
      error: (_message, fields) => {
        errors.push(fields);
      },
    };
    const found = await hostilePool({ log }).verify('throws', inputOf('secret'));
    expect(found).toEqual({ kind: 'fault', cause: 'verifier_crash', detail: 'the verifier "throws" failed' });
    expect(errors).toMatchObject([{ verifier: 'throws', error: { message: 'on purpose' } }]);
  });

  it('verify() refuses work beyond the length of its queue', async () => {
    const pool = hostilePool({ queueMax: 1 });
    const running = pool.verify('says-so', inputOf('right'));
    const waiting = pool.verify('says-so', inputOf('right'));
    await expect(pool.verify('says-so', inputOf('right'))).rejects.toMatchObject({
      code: 'resource_exhausted',
    });
    expect(await Promise.all([running, waiting])).toHaveLength(2);
  });

  it('close() ends running and waiting tasks, and refuses new ones', async () => {
    const pool = hostilePool({ limitMs: 60_000 });
    const running = pool.verify('loops-for-ever', inputOf(''));
    const waiting = pool.verify('says-so', inputOf('right'));
    const settled = Promise.allSettled([running, waiting]);
    await pool.close();
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(pool.verify('says-so', inputOf('right'))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
