// A dataset store with one dataset that is there from the start: enough for tests that only read rows.

import type { DatasetInfo } from '../../src/core/calls.ts';
import type { PairId } from '../../src/core/ids.ts';
import type { QaPair } from '../../src/core/qa-pair.ts';
import type { Recipe } from '../../src/core/recipe.ts';
import type { DatasetSplit, DatasetStore, DatasetWriter } from '../../src/ports/dataset-store.ts';

export class FixedDataset implements DatasetStore {
  readonly #info: DatasetInfo;
  readonly #pairs: readonly QaPair[];

  readonly #wrapSplit: (split: DatasetSplit) => DatasetSplit;

  /** @param wrapSplit stands before each split that is opened */
  constructor(
    name: string,
    pairs: readonly QaPair[],
    wrapSplit: (split: DatasetSplit) => DatasetSplit = (split) => split,
    reward?: Recipe,
  ) {
    this.#pairs = pairs;
    this.#wrapSplit = wrapSplit;
    const splits = [...new Set(pairs.map((pair) => pair.split))];
    this.#info = {
      name,
      version: 'v1',
      description: '',
      createdAt: 0,
      splits: splits.map((split) => ({ name: split, count: this.#of(split).length })),
      answerTypes: [],
      domains: [],
      reward,
      provenance: { source: 'test', license: 'none', generator: 'test' },
    };
  }

  async list(): Promise<readonly DatasetInfo[]> {
    return [this.#info];
  }

  async get(name: string, version = 'v1'): Promise<DatasetInfo | undefined> {
    return name === this.#info.name && version === 'v1' ? this.#info : undefined;
  }

  async openSplit(name: string, version: string, split: string): Promise<DatasetSplit | undefined> {
    const pairs = this.#of(split);
    if ((await this.get(name, version)) === undefined || pairs.length === 0) return undefined;
    return this.#wrapSplit({
      count: pairs.length,
      pairsAt: async (ordinals) =>
        ordinals.map((ordinal) => {
          const pair = pairs[ordinal];
          if (pair === undefined) throw new RangeError(`There is no row ${ordinal}`);
          return pair;
        }),
    });
  }

  async findPair(name: string, pairId: PairId): Promise<QaPair | undefined> {
    return name === this.#info.name ? this.#pairs.find((pair) => pair.pairId === pairId) : undefined;
  }

  async *rows(): AsyncIterable<QaPair> {
    yield* this.#pairs;
  }

  async create(): Promise<DatasetWriter> {
    throw new Error('This dataset store is read only');
  }

  async remove(): Promise<never> {
    throw new Error('This dataset store is read only');
  }

  async record(): Promise<undefined> {
    return undefined;
  }

  #of(split: string): readonly QaPair[] {
    return this.#pairs.filter((pair) => pair.split === split);
  }
}
