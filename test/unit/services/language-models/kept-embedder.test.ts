import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/random.ts';
import type { EmbeddingReply, EmbeddingServer } from '../../../../src/ports/embedding-server.ts';
import { LanguageModelError } from '../../../../src/ports/language-model.ts';
import type { JournalledReply, ReplyJournal } from '../../../../src/ports/reply-journal.ts';
import { KeptEmbedder } from '../../../../src/services/language-models/kept-embedder.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { settle } from '../../../support/scripted-model.ts';

const NEVER = new AbortController().signal;

class MapJournal implements ReplyJournal {
  readonly replies = new Map<string, JournalledReply>();
  async find(key: string): Promise<JournalledReply | undefined> {
    return this.replies.get(key);
  }
  async add(key: string, reply: JournalledReply): Promise<void> {
    this.replies.set(key, this.replies.get(key) ?? reply);
  }
  async close(): Promise<void> {}
}

/** A text's vector is its length and 1. Fails with what `faults` holds, first. */
class LengthServer implements EmbeddingServer {
  readonly model = 'lengths';
  readonly requests: (readonly string[])[] = [];
  readonly faults: LanguageModelError[] = [];
  async request(texts: readonly string[]): Promise<EmbeddingReply> {
    this.requests.push(texts);
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault;
    return {
      vectors: texts.map(({ length }) => Float32Array.of(length, 1)),
      promptTokens: 10 * texts.length,
    };
  }
}

function open(server: LengthServer, journal: ReplyJournal, clock = new FakeClock()): Promise<KeptEmbedder> {
  const limits = { batchMax: 2, attemptsMax: 3, price: { input: 0.5, output: 0 } };
  return KeptEmbedder.open({ server, journal, clock, random: createRandom(1), ...limits }, NEVER);
}

describe('KeptEmbedder', () => {
  it('embed() gives unit vectors in the order of the texts, in batches, each text once', async () => {
    const server = new LengthServer();
    const embedder = await open(server, new MapJournal());
    const vectors = await embedder.embed(['abc', 'a', 'abc', 'ab'], NEVER);
    expect(embedder).toMatchObject({ name: 'lengths', dimensions: 2 });
    expect(vectors.map((vector) => Math.round((vector[0] ?? 0) / (vector[1] ?? 1)))).toEqual([3, 1, 3, 2]);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    expect(server.requests.slice(1)).toEqual([['abc', 'a'], ['ab']]);
    expect(embedder.bill()).toEqual({
      calls: 3,
      promptTokens: 40,
      completionTokens: 0,
      costUsd: 0.00002,
    });
  });

  it('embed() buys nothing again over the same journal, and gives the very same numbers', async () => {
    const journal = new MapJournal();
    const first = await (await open(new LengthServer(), journal)).embed(['abc', 'a'], NEVER);
    const server = new LengthServer();
    const embedder = await open(server, journal);
    expect(await embedder.embed(['a', 'abc'], NEVER)).toEqual(first.toReversed());
    expect(server.requests).toEqual([]);
    expect(embedder).toMatchObject({ dimensions: 2 });
  });

  it('embed() sends no text twice that two ask for at once', async () => {
    const server = new LengthServer();
    const embedder = await open(server, new MapJournal());
    await Promise.all([embedder.embed(['x'], NEVER), embedder.embed(['x', 'yy'], NEVER)]);
    expect(server.requests.slice(1)).toEqual([['x'], ['yy']]);
  });

  it('embed() tries again what may pass, and goes on for the next one after it gave up', async () => {
    const server = new LengthServer();
    const clock = new FakeClock();
    const embedder = await open(server, new MapJournal(), clock);
    server.faults.push(new LanguageModelError('rate_limited', 'busy', { retryAfterMs: 5_000 }));
    const patient = embedder.embed(['x'], NEVER);
    await settle();
    clock.pass(4_999);
    await settle();
    expect(server.requests).toHaveLength(2);
    clock.pass(401);
    await expect(patient).resolves.toHaveLength(1);
    server.faults.push(new LanguageModelError('unauthorized', 'no'));
    await expect(embedder.embed(['y'], NEVER)).rejects.toMatchObject({ fault: 'unauthorized' });
    await expect(embedder.embed(['y'], NEVER)).resolves.toHaveLength(1);
  });

  it('embed() refuses vectors without a direction', async () => {
    const server = new LengthServer();
    const embedder = await open(server, new MapJournal());
    server.request = async (texts) => ({ vectors: texts.map(() => Float32Array.of(0, 0)), promptTokens: 1 });
    await expect(embedder.embed(['x'], NEVER)).rejects.toThrow(/no direction/);
  });
});
