// A reward model on ONNX Runtime: one thread for tokens, one or more for the network, so that the event loop of the server
// stays free while they work.

import { availableParallelism } from 'node:os';

import { EnvError } from '../core/errors.ts';
import type { ModelTexts, Pooling } from '../core/reward-model.ts';
import type { Log } from '../ports/log.ts';
import type { EncodedTexts, ProviderFailure, RewardModel } from '../ports/reward-model.ts';
import type { OnnxModelFolder } from './onnx-model-folder.ts';
import { OnnxThread } from './onnx-thread.ts';

export interface OnnxRewardModelOptions {
  readonly model: OnnxModelFolder;
  /** For networks that give a vector for each token. Default: their mean. */
  readonly pooling?: Pooling | undefined;
  /** Execution providers in order of preference. Default: the CPU alone. */
  readonly providers?: readonly string[] | undefined;
  /** Copies of the network, each in a thread of its own. Default 1. */
  readonly lanes?: number | undefined;
  /** Threads that one run spreads over on the CPU. Default: all cores, shared by the lanes. */
  readonly threads?: number | undefined;
  readonly log?: Log | undefined;
}

export class OnnxRewardModel implements RewardModel {
  readonly provider: string;
  readonly failures: readonly ProviderFailure[];
  readonly #tokenizer: OnnxThread;
  readonly #networks: readonly OnnxThread[];
  #closing: Promise<void> | undefined;

  private constructor(
    tokenizer: OnnxThread,
    networks: readonly OnnxThread[],
    chosen: { readonly provider: string; readonly failures: readonly ProviderFailure[] },
  ) {
    this.#tokenizer = tokenizer;
    this.#networks = networks;
    this.provider = chosen.provider;
    this.failures = chosen.failures;
  }

  /** @throws EnvError `failed_precondition` when the model cannot be opened on any of the providers */
  static async open({
    model,
    pooling = 'mean',
    providers = ['cpu'],
    lanes = 1,
    threads = Math.max(1, Math.floor(availableParallelism() / lanes)),
    log,
  }: OnnxRewardModelOptions): Promise<OnnxRewardModel> {
    const { modelPath, padId, output } = model;
    const options = { modelPath, providers, threads, padId, pooling, output };
    const started = await Promise.allSettled([
      OnnxThread.start({ role: 'tokenizer', options: model.tokenizer }),
      ...Array.from({ length: lanes }, () => OnnxThread.start({ role: 'network', options })),
    ]);
    const threadsUp = started.filter((result) => result.status === 'fulfilled').map(({ value }) => value);
    const failed = started.find((result) => result.status === 'rejected');
    const [tokenizer, ...networks] = threadsUp;
    const first = networks[0]?.[1];
    if (failed !== undefined || tokenizer === undefined || first?.provider === undefined) {
      await Promise.all(threadsUp.map(([thread]) => thread.close()));
      throw failed?.reason instanceof EnvError
        ? failed.reason
        : new EnvError('failed_precondition', `Cannot open "${modelPath}"`, { cause: failed?.reason });
    }
    for (const { provider, reason } of first.failures) {
      log?.warn('Execution provider cannot be used', { model: model.folder, provider, reason });
    }
    log?.info('Reward model is ready', { model: model.folder, provider: first.provider, lanes, threads });
    return new OnnxRewardModel(
      tokenizer[0],
      networks.map(([thread]) => thread),
      { provider: first.provider, failures: first.failures },
    );
  }

  get lanes(): number {
    return this.#networks.length;
  }

  async encode(texts: readonly ModelTexts[]): Promise<readonly EncodedTexts[]> {
    const { ids, typeIds, lengths, truncated } = await this.#tokenizer.encode(texts);
    let end = 0;
    return Array.from(lengths, (length, index) => {
      const from = end;
      end += length;
      return {
        ids: ids.subarray(from, end),
        typeIds: typeIds.subarray(from, end),
        isTruncated: truncated[index] === 1,
      };
    });
  }

  async run(batch: readonly EncodedTexts[]): Promise<readonly Float32Array[]> {
    const lengths = Int32Array.from(batch, ({ ids }) => ids.length);
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const ids = new Int32Array(total);
    const typeIds = new Uint8Array(total);
    let at = 0;
    for (const each of batch) {
      ids.set(each.ids, at);
      typeIds.set(each.typeIds, at);
      at += each.ids.length;
    }
    const { values, width } = await this.#leastBusy().run({ ids, typeIds, lengths });
    return batch.map((_, row) => values.subarray(row * width, (row + 1) * width));
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([this.#tokenizer, ...this.#networks].map((thread) => thread.close())).then(
      () => undefined,
    );
    return this.#closing;
  }

  #leastBusy(): OnnxThread {
    return this.#networks.reduce((best, network) => (network.pending < best.pending ? network : best));
  }
}
