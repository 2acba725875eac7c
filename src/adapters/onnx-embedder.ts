// An embedder on ONNX Runtime in this process: pooled vectors of an encoder's folder. Batches depend on the texts of one call
// alone, so that the same call gives the same numbers again.

import { EnvError } from '../core/errors.ts';
import { POOLINGS, type Pooling } from '../core/reward-model.ts';
import { unitVector } from '../core/unit-vector.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { Log } from '../ports/log.ts';
import type { EncodedTexts, RewardModel } from '../ports/reward-model.ts';
import { basename } from 'node:path';
import { readModelFolder } from './onnx-model-folder.ts';
import { OnnxRewardModel } from './onnx-reward-model.ts';

export interface OnnxEmbedderOptions {
  readonly folder: string;
  /** Default: what the folder declares, else the mean. */
  readonly pooling?: Pooling | undefined;
  /** Execution providers in order of preference. Default: the CPU alone. */
  readonly providers?: readonly string[] | undefined;
  readonly threads?: number | undefined;
  readonly log?: Log | undefined;
}

/** Tokens of one batch with its padding. */
const PADDED_TOKENS = { cpu: 2_048, other: 16_384 };
/** Texts whose tokens are held at a time. */
const ENCODE_MAX = 1_024;
/** What is embedded to learn how long the vectors are. */
const PROBE = 'A text';

export class OnnxEmbedder implements Embedder {
  readonly name: string;
  readonly dimensions: number;
  readonly #model: RewardModel;

  private constructor(name: string, model: RewardModel, dimensions: number) {
    this.name = name;
    this.#model = model;
    this.dimensions = dimensions;
  }

  /** @throws EnvError `failed_precondition` when the folder holds no encoder, or none of the providers can run it */
  static async open({
    folder,
    pooling,
    providers,
    threads,
    log,
  }: OnnxEmbedderOptions): Promise<OnnxEmbedder> {
    const files = readModelFolder(folder);
    if (!files.facts.isEncoder) {
      throw new EnvError(
        'failed_precondition',
        `Cannot embed with "${folder}": config.json says that the network has a head, so its numbers are no vectors of texts`,
      );
    }
    const declared = POOLINGS.find((known) => known === files.declared['pooling']);
    const model = await OnnxRewardModel.open({
      model: files,
      pooling: pooling ?? declared ?? 'mean',
      providers,
      threads,
      log,
    });
    try {
      const [vector] = await model.run(await model.encode([{ first: PROBE }]));
      return new OnnxEmbedder(basename(folder), model, vector?.length ?? 0);
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  async embed(texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (let from = 0; from < texts.length; from += ENCODE_MAX) {
      signal.throwIfAborted();
      const encoded = await this.#model.encode(
        texts.slice(from, from + ENCODE_MAX).map((text) => ({ first: text })),
      );
      for (const batch of this.#batchesOf(encoded)) {
        signal.throwIfAborted();
        const rows = await this.#model.run(batch.map(({ text }) => text));
        for (const [row, { index }] of batch.entries()) {
          vectors[from + index] = unitVector(rows[row] ?? []);
        }
      }
    }
    return vectors;
  }

  /** To be called before the process ends. */
  close(): Promise<void> {
    return this.#model.close();
  }

  /** Texts of about one length together: padding is work for nothing. */
  #batchesOf(
    encoded: readonly EncodedTexts[],
  ): readonly (readonly { readonly text: EncodedTexts; readonly index: number }[])[] {
    const max = this.#model.provider === 'cpu' ? PADDED_TOKENS.cpu : PADDED_TOKENS.other;
    const sorted = encoded
      .map((text, index) => ({ text, index }))
      .toSorted((a, b) => a.text.ids.length - b.text.ids.length || a.index - b.index);
    const batches: { readonly text: EncodedTexts; readonly index: number }[][] = [];
    for (const each of sorted) {
      const last = batches.at(-1);
      // The longest is the newest.
      if (last !== undefined && (last.length + 1) * each.text.ids.length <= max) last.push(each);
      else batches.push([each]);
    }
    return batches;
  }
}
