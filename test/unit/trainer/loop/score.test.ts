// Handing a batch in: what the loop waits for, and that it stops waiting when it is told to.

import { describe, expect, it } from 'vitest';
import { CallsClient } from '../../../../src/client/calls-client.ts';
import type { CallName, ReplyOf } from '../../../../src/contract/calls.ts';
import { batchIdFrom, groupIdAt, leaseIdFrom, type RunId } from '../../../../src/core/ids.ts';
import type { DrawnBatch } from '../../../../src/trainer/loop/batch.ts';
import { scoreBatch } from '../../../../src/trainer/loop/score.ts';

const [leaseId, groupId] = [leaseIdFrom(0, 'x'), groupIdAt(0)];

/** Scores, and waits for the rest of a batch that never comes. */
class WaitingClient extends CallsClient {
  asked = 0;
  readonly #onAsked: (asked: number) => void;

  constructor(onAsked: (asked: number) => void) {
    super();
    this.#onAsked = onAsked;
  }

  override call<Name extends CallName>(name: Name): Promise<ReplyOf<Name>> {
    const result = { leaseId, groupId, state: 'awaiting_batch', completions: [], flags: [] };
    if (name !== 'SubmitCompletions') this.#onAsked((this.asked += 1));
    // The two calls of `scoreBatch`, as far as it looks at their replies.
    return Promise.resolve((name === 'SubmitCompletions' ? [result] : result) as unknown as ReplyOf<Name>);
  }

  override close(): void {}
}

describe('scoreBatch()', () => {
  it('scoreBatch() that is told to stop waits no longer for the rest of a batch', async () => {
    const stop = new AbortController();
    const client = new WaitingClient((asked) => {
      if (asked === 2) stop.abort();
    });
    const batch: DrawnBatch = {
      number: 0,
      version: 0,
      sampleSeconds: 0,
      groups: [
        {
          runId: 'run' as RunId,
          groupId,
          leaseId,
          batchId: batchIdFrom('b'),
          prompt: [],
          tokens: [1],
          completions: [{ tokens: [2], logProbabilities: [-1], text: 'a', finishReason: 'stop' }],
        },
      ],
    };
    const patience = { patienceMs: 0, signal: stop.signal, say: () => {} };
    await expect(scoreBatch(batch, { client, patience, scoreMsMax: 1000 })).rejects.toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining('awaiting_batch'),
    });
    expect(client.asked).toBe(2);
  });
});
