// Opens the embedder that a recipe names. To stages, a server of embeddings that is down is a model that is down.

import { OnnxEmbedder } from '../../adapters/onnx-embedder.ts';
import { OpenAiEmbeddings } from '../../adapters/openai-embeddings.ts';
import { readKey } from '../../config.ts';
import type { EmbedderConfig } from '../../core/generation-recipe.ts';
import { priceOf } from '../../core/price-table.ts';
import { createRandom } from '../../core/random.ts';
import { ModelDown } from '../../generate/engine/halt.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Embedder } from '../../ports/embedder.ts';
import { LanguageModelError } from '../../ports/language-model.ts';
import type { ModelBill } from '../../ports/managed-model.ts';
import type { ReplyJournal } from '../../ports/reply-journal.ts';
import { KeptEmbedder } from '../../services/language-models/kept-embedder.ts';

export interface OpenedEmbedder {
  readonly embedder: Embedder;
  /** Undefined for one that costs nothing. */
  readonly bill: (() => ModelBill) | undefined;
  close(): Promise<void>;
}

interface Surroundings {
  readonly clock: Clock;
  readonly journal: ReplyJournal;
  readonly signal: AbortSignal;
}

/** @throws EnvError that names what is at fault; `ModelDown` when a server cannot be had */
export async function openEmbedder(config: EmbedderConfig, around: Surroundings): Promise<OpenedEmbedder> {
  if (config.kind === 'onnx') {
    const embedder = await OnnxEmbedder.open(config);
    return { embedder, bill: undefined, close: () => embedder.close() };
  }
  const { clock, journal, signal } = around;
  const { model, endpoint, batchMax, attemptsMax } = config;
  const { baseUrl, apiKeyEnv } = endpoint;
  const apiKey = apiKeyEnv === undefined ? undefined : readKey(apiKeyEnv);
  const server = new OpenAiEmbeddings({ baseUrl, model, apiKey, clock });
  const limits = { batchMax, attemptsMax, price: priceOf(model) };
  const kept = await downOnFault(
    KeptEmbedder.open({ server, journal, clock, random: createRandom(0), ...limits }, signal),
  );
  const embedder: Embedder = {
    name: kept.name,
    dimensions: kept.dimensions,
    embed: (texts, givenUp) => downOnFault(kept.embed(texts, givenUp)),
  };
  return { embedder, bill: () => kept.bill(), close: async () => {} };
}

async function downOnFault<Value>(asked: Promise<Value>): Promise<Value> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof LanguageModelError)) throw error;
    throw new ModelDown(`embedder: ${error.message} (${error.fault})`);
  }
}
