// The prompts of datasets, by their place: for protocols in which a client picks its own rows instead of leasing groups. It
// leases nothing, counts nothing, and hands out no ground truth.

import type { DatasetInfo } from '../../core/calls.ts';
import { EnvError } from '../../core/errors.ts';
import type { PairId } from '../../core/ids.ts';
import { type Message, renderPrompt } from '../../core/prompt.ts';
import type { DatasetSplit, DatasetStore } from '../../ports/dataset-store.ts';
import type { PromptTemplates } from '../../ports/prompt-templates.ts';

/** The template that runs have unless they ask for another. */
const TEMPLATE = 'plain';

export interface ServedRow {
  /** Place in its split, from 0. */
  readonly ordinal: number;
  readonly pairId: PairId;
  readonly prompt: readonly Message[];
}

export interface ServedSplit {
  readonly dataset: DatasetInfo;
  readonly name: string;
  readonly count: number;
  /** The rows at these places, which must be from 0 to count - 1, in the order asked for. */
  rowsAt(ordinals: readonly number[]): Promise<readonly ServedRow[]>;
}

export interface RowsService {
  list(): Promise<readonly DatasetInfo[]>;
  /**
   * One split of the newest version.
   *
   * @throws EnvError `not_found` with the field `dataset` or `split`
   */
  open(dataset: string, split: string): Promise<ServedSplit>;
}

export class ServedRows implements RowsService {
  readonly #datasets: Pick<DatasetStore, 'list' | 'get' | 'openSplit'>;
  readonly #templates: PromptTemplates;

  constructor(options: {
    readonly datasets: Pick<DatasetStore, 'list' | 'get' | 'openSplit'>;
    readonly templates: PromptTemplates;
  }) {
    this.#datasets = options.datasets;
    this.#templates = options.templates;
  }

  list(): Promise<readonly DatasetInfo[]> {
    return this.#datasets.list();
  }

  async open(name: string, splitName: string): Promise<ServedSplit> {
    const dataset = await this.#datasets.get(name);
    if (dataset === undefined) {
      throw new EnvError('not_found', `Cannot find dataset "${name}"`, { field: 'dataset' });
    }
    const split = await this.#datasets.openSplit(name, dataset.version, splitName);
    if (split === undefined) {
      const names = dataset.splits.map((each) => each.name).join(', ');
      const message = `Cannot find split "${splitName}" of dataset "${name}": it has ${names}`;
      throw new EnvError('not_found', message, { field: 'split' });
    }
    const { count } = split;
    return { dataset, name: splitName, count, rowsAt: (ordinals) => this.#rowsAt(split, ordinals) };
  }

  async #rowsAt(split: DatasetSplit, ordinals: readonly number[]): Promise<readonly ServedRow[]> {
    const pairs = await split.pairsAt(ordinals);
    return pairs.map((pair, index) => ({
      // As many pairs come as were asked for.
      ordinal: ordinals[index] ?? 0,
      pairId: pair.pairId,
      prompt: renderPrompt(pair, (values) => this.#templates.render(TEMPLATE, values)),
    }));
  }
}
