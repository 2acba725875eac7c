import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../../src/core/calls.ts';
import { RunEvents } from '../../../../src/services/runs/run-events.ts';

function eventsOf(sequence = 0, keptMax = 4): RunEvents {
  return new RunEvents({ sequence, keptMax, startedAt: 7 });
}

function append(events: RunEvents, count: number): void {
  for (let i = 0; i < count; i++) events.append(100 + i, { kind: 'run-closed' });
  events.publish(events.newestSequence);
}

/** What a watcher is told until it has `count` events. */
async function watch(events: RunEvents, after: number | undefined, count: number): Promise<string[]> {
  const signal = new AbortController();
  const told: string[] = [];
  for await (const event of events.watch(after, signal.signal, never)) {
    told.push(line(event));
    if (told.length === count) signal.abort();
  }
  return told;
}

function line(event: RunEvent): string {
  return event.kind === 'events-lost' ? `${event.sequence} lost ${event.count}` : `${event.sequence}`;
}

const never = (): boolean => false;

describe('RunEvents', () => {
  it('RunEvents ends behind the last event of a run that has ended, and not before it is published', async () => {
    const events = eventsOf();
    append(events, 1);
    let hasEnded = false;
    const told: number[] = [];
    const watched = (async () => {
      const watching = events.watch(0, new AbortController().signal, () => hasEnded);
      for await (const { sequence } of watching) told.push(sequence);
    })();
    await new Promise(setImmediate);
    hasEnded = true;
    events.append(1, { kind: 'run-closed' });
    events.append(2, { kind: 'run-closed' });
    events.publish(2);
    await new Promise(setImmediate);
    expect(told).toEqual([1, 2]);
    events.publish(3);
    await watched;
    expect(told).toEqual([1, 2, 3]);
    expect(events.isWatched).toBe(false);
  });

  it('RunEvents replays what is kept after a sequence, and goes on live', async () => {
    const events = eventsOf();
    append(events, 3);
    const watching = watch(events, 1, 3);
    append(events, 1);
    expect(await watching).toEqual(['2', '3', '4']);
  });

  it('RunEvents tells how many are gone', async () => {
    const events = eventsOf();
    append(events, 10);
    expect(await watch(events, 2, 5)).toEqual(['6 lost 4', '7', '8', '9', '10']);
  });

  it('RunEvents goes on counting after a restart, and says that the old ones are gone', async () => {
    const events = eventsOf(20);
    append(events, 1);
    expect(await watch(events, 15, 2)).toEqual(['20 lost 5', '21']);
  });

  it('RunEvents begins with the next event where no sequence is given', async () => {
    const events = eventsOf();
    append(events, 2);
    const watching = watch(events, undefined, 1);
    append(events, 1);
    expect(await watching).toEqual(['3']);
  });

  it('RunEvents shows nothing that is not published', async () => {
    const events = eventsOf();
    events.append(1, { kind: 'run-closed' });
    const signal = new AbortController();
    const first = events.watch(0, signal.signal, never).next();
    const nothing = new Promise((resolve) => setImmediate(resolve, 'nothing'));
    expect(await Promise.race([first, nothing])).toBe('nothing');
    events.publish(1);
    expect((await first).value).toMatchObject({ sequence: 1 });
    signal.abort();
  });

  it('RunEvents lets a slow watcher lose events and waits for nobody', async () => {
    const events = eventsOf();
    const signal = new AbortController();
    const watching = events.watch(0, signal.signal, never);
    append(events, 1);
    expect((await watching.next()).value).toMatchObject({ sequence: 1 });
    append(events, 50);
    expect((await watching.next()).value).toMatchObject({ kind: 'events-lost', sequence: 47, count: 46 });
    expect((await watching.next()).value).toMatchObject({ sequence: 48 });
    signal.abort();
    expect((await watching.next()).done).toBe(true);
  });
});
