// What every journal of replies must do, whatever it is made of.

import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalledReply, ReplyJournal } from '../../src/ports/reply-journal.ts';

export const keyOf = (index: number): string => index.toString(16).padStart(64, '0');

export const replyWith = (changes: Partial<JournalledReply> = {}): JournalledReply => ({
  text: '{"a": 1}',
  finishReason: 'stop',
  promptTokens: 12,
  completionTokens: 3,
  costUsd: 0.001,
  model: 'teacher-1',
  ...changes,
});

/** Runs all tests against journals that `open` makes, each empty. */
export function replyJournalSuite(name: string, open: () => ReplyJournal): void {
  describe(`${name} as a ReplyJournal`, () => {
    let journal: ReplyJournal;
    beforeEach(() => {
      journal = open();
    });
    afterEach(() => journal.close());

    it.each<[string, JournalledReply]>([
      ['a whole reply', replyWith()],
      ['a reply that was cut', replyWith({ finishReason: 'length' })],
      ['a refusal', replyWith({ text: '', finishReason: 'other' })],
      [
        'a reply of unknown tokens and price',
        replyWith({ promptTokens: null, completionTokens: null, costUsd: null }),
      ],
      ['a free reply', replyWith({ costUsd: 0, promptTokens: 0, completionTokens: 0 })],
      ['text of all kinds', replyWith({ text: 'line\nbreak\u0000 nul "quotes" \\frac 𝛼 ☃' })],
    ])('ReplyJournal.find() finds %s as it was added', async (_, reply) => {
      expect(await journal.find(keyOf(1))).toBeUndefined();
      await journal.add(keyOf(1), reply);
      expect(await journal.find(keyOf(1))).toEqual(reply);
      expect(await journal.find(keyOf(2))).toBeUndefined();
    });

    it('ReplyJournal.add() lets a key keep its first reply', async () => {
      await journal.add(keyOf(1), replyWith({ text: 'first' }));
      await Promise.all(['second', 'third'].map((text) => journal.add(keyOf(1), replyWith({ text }))));
      expect(await journal.find(keyOf(1))).toMatchObject({ text: 'first' });
    });

    it('ReplyJournal.add() replaces what is no text, once and for all', async () => {
      await journal.add(keyOf(1), replyWith({ text: 'half \ud83d of a pair' }));
      expect(await journal.find(keyOf(1))).toMatchObject({ text: 'half \ufffd of a pair' });
    });

    it('ReplyJournal.add() takes many at once and keeps each under its key', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 50 }), async (texts) => {
          const own = open();
          await Promise.all(texts.map((text, index) => own.add(keyOf(index), replyWith({ text }))));
          for (const [index, text] of texts.entries()) {
            expect(await own.find(keyOf(index))).toMatchObject({ text });
          }
          await own.close();
        }),
        { numRuns: 10 },
      );
    });
  });
}
