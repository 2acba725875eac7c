// A reward model without a network: one token for each word, the raw output is the number of tokens. It answers when the
// test says so, or at once, and refuses the texts that it was told to refuse.

import type { ModelTexts } from '../../src/core/reward-model.ts';
import type { EncodedTexts, RewardModel } from '../../src/ports/reward-model.ts';

export interface FakeRewardModelOptions {
  /** Runs wait for `answer()`. */
  readonly isHeld?: boolean;
  readonly lanes?: number;
  /** A batch with a text that has this word fails. */
  readonly poison?: string;
  /** The row of a text; default: its number of tokens. */
  readonly row?: (texts: ModelTexts) => readonly number[];
}

const POISON_ID = -1;

export class FakeRewardModel implements RewardModel {
  readonly provider = 'fake';
  readonly failures = [];
  readonly lanes: number;
  /** Lengths of the sequences of each batch that was run. */
  readonly batches: number[][] = [];
  isClosed = false;
  readonly #options: FakeRewardModelOptions;
  readonly #held: (() => void)[] = [];
  readonly #texts = new WeakMap<EncodedTexts, ModelTexts>();

  constructor(options: FakeRewardModelOptions = {}) {
    this.#options = options;
    this.lanes = options.lanes ?? 1;
  }

  encode(texts: readonly ModelTexts[]): Promise<readonly EncodedTexts[]> {
    return Promise.resolve(
      texts.map((each) => {
        const words = `${each.first} ${each.second ?? ''}`.split(' ').filter((word) => word !== '');
        const ids = Int32Array.from(words, (word) =>
          word === this.#options.poison ? POISON_ID : word.length,
        );
        const encoded = { ids, typeIds: new Uint8Array(ids.length), isTruncated: words.includes('long') };
        this.#texts.set(encoded, each);
        return encoded;
      }),
    );
  }

  async run(batch: readonly EncodedTexts[]): Promise<readonly Float32Array[]> {
    if (this.isClosed) throw new Error('Run after close');
    this.batches.push(batch.map(({ ids }) => ids.length));
    if (this.#options.isHeld === true) {
      await new Promise<void>((resolve) => {
        this.#held.push(resolve);
      });
    }
    if (batch.some(({ ids }) => ids.includes(POISON_ID))) throw new Error('The network cannot take this');
    return batch.map((encoded) => {
      const texts = this.#texts.get(encoded);
      const row = texts === undefined ? undefined : this.#options.row?.(texts);
      return Float32Array.from(row ?? [encoded.ids.length]);
    });
  }

  /** How many runs wait for `answer()`. */
  get running(): number {
    return this.#held.length;
  }

  /** Lets the oldest run end. */
  answer(): void {
    this.#held.shift()?.();
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}
