import { describe, expect, it } from 'vitest';
import type { RunId } from '../../../../src/core/ids.ts';
import type { RunChanges, RunStore } from '../../../../src/ports/run-store.ts';
import { CommitQueue, type Committable } from '../../../../src/services/runs/commit-queue.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** A store whose commits end when the test says so. */
class SlowStore {
  readonly commits: { readonly runs: readonly RunId[]; end: (error?: Error) => void }[] = [];

  commit(changes: readonly RunChanges[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (error?: Error): void => (error === undefined ? resolve() : reject(error));
      this.commits.push({ runs: changes.map(({ runId }) => runId), end });
    });
  }
}

class Changed implements Committable {
  readonly #runId: RunId;
  readonly told: string[] = [];

  constructor(name: string) {
    this.#runId = name as RunId;
  }

  collect(): RunChanges {
    this.told.push('collect');
    // The queue only hands this on.
    return { runId: this.#runId } as RunChanges;
  }

  onCommitted(): void {
    this.told.push('committed');
  }

  onFailed(): void {
    this.told.push('failed');
  }
}

function silent(): void {}

function setUp() {
  const store = new SlowStore();
  const clock = new FakeClock();
  const queue = new CommitQueue({
    store: store as unknown as RunStore,
    clock,
    log: { info: silent, warn: silent, error: silent },
  });
  return { store, clock, queue, a: new Changed('a'), b: new Changed('b') };
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('CommitQueue', () => {
  it('CommitQueue writes what changed in one turn as one commit, and what changes meanwhile as the next', async () => {
    const { store, queue, a, b } = setUp();
    queue.mark(a);
    queue.mark(b);
    queue.mark(a);
    const first = queue.committed();
    await turn();
    queue.mark(b);
    const second = queue.committed();
    await turn();
    expect(store.commits.map(({ runs }) => runs)).toEqual([['a', 'b']]);
    store.commits[0]?.end();
    await first;
    expect([a.told, b.told]).toEqual([
      ['collect', 'committed'],
      ['collect', 'committed'],
    ]);
    await turn();
    store.commits[1]?.end();
    await second;
    expect(store.commits.map(({ runs }) => runs)).toEqual([['a', 'b'], ['b']]);
  });

  it('CommitQueue has nothing to wait for while nothing changed', async () => {
    const { store, queue } = setUp();
    await queue.committed();
    await queue.drain();
    expect(store.commits).toEqual([]);
  });

  it('CommitQueue tells of a failed commit and tries again a second later, with what came since', async () => {
    const { store, clock, queue, a, b } = setUp();
    queue.mark(a);
    const first = queue.committed();
    await turn();
    store.commits[0]?.end(new Error('disk full'));
    await expect(first).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 1_000 });
    expect(a.told).toEqual(['collect', 'failed']);
    queue.mark(b);
    const second = queue.committed();
    await turn();
    expect(store.commits).toHaveLength(1);
    clock.pass(1_000);
    store.commits[1]?.end();
    await second;
    expect(store.commits[1]?.runs).toEqual(['a', 'b']);
    expect(a.told).toEqual(['collect', 'failed', 'collect', 'committed']);
  });
});
