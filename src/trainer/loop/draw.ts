// From leased prompts to drawn completions. What is drawn is a function of the weights, the seed and the batch's number: a batch
// that is drawn again after a crash is the same batch.

import type { Message } from '../../core/prompt.ts';
import { createRandom, hash32 } from '../../core/random.ts';
import type { Sampler, Tokenizer } from '../policy.ts';
import { promptTokens } from '../prompt-tokens.ts';
import type { DrawnBatch, PromptGroup } from './batch.ts';
import type { TrainingSettings } from './settings.ts';

/** What a prompt is to the policy: text from chat messages. */
export type PromptText = (messages: readonly Message[]) => string;

/** For policies that know no roles: what the user said last. */
export function lastUserMessage(messages: readonly Message[]): string {
  return messages.findLast(({ role }) => role === 'user')?.content ?? '';
}

/** Streams of random numbers of one training, told apart by what they are for. */
export const STREAMS = { weights: 1, warmUp: 2, accuracy: 3, drawing: 4, evaluation: 5 } as const;

export function streamOf(seed: number, stream: keyof typeof STREAMS, index = 0): number {
  return hash32(seed, STREAMS[stream], index);
}

export interface DrawOptions {
  readonly sampler: Sampler;
  readonly tokenizer: Tokenizer;
  readonly promptText: PromptText;
  readonly settings: Pick<TrainingSettings, 'seed' | 'groupSize' | 'tokensMax' | 'temperature'>;
}

/** Draws `groupSize` completions for each group. @param version of the policy that draws */
export async function drawBatch(
  {
    number,
    version,
    groups,
  }: Pick<DrawnBatch, 'number' | 'version'> & { readonly groups: readonly PromptGroup[] },
  { sampler, tokenizer, promptText, settings }: DrawOptions,
): Promise<DrawnBatch> {
  const startedAt = performance.now();
  const { seed, groupSize, tokensMax, temperature } = settings;
  const prompts = groups.map(({ prompt }) => promptTokens(tokenizer, promptText(prompt)));
  const completions = await sampler.sample({
    prompts,
    of: prompts.flatMap((_, index) => Array.from<number>({ length: groupSize }).fill(index)),
    tokensMax,
    temperature,
    random: createRandom(streamOf(seed, 'drawing', number)),
  });
  return {
    number,
    version,
    groups: groups.map((group, index) => ({
      ...group,
      tokens: prompts[index] ?? [],
      completions: completions.slice(index * groupSize, (index + 1) * groupSize),
    })),
    sampleSeconds: (performance.now() - startedAt) / 1000,
  };
}
