// Who is evaluated: anything that draws completions for prompts. A policy with its weights here, or a model behind an API.

import type { Completion } from '../../core/completion.ts';
import type { Message } from '../../core/prompt.ts';
import { createRandom } from '../../core/random.ts';
import { lastUserMessage, type PromptText, streamOf } from '../loop/draw.ts';
import type { Policy } from '../policy.ts';
import { promptTokens } from '../prompt-tokens.ts';

/** The completions of one prompt, or why there are none: a fault of ours says nothing of the policy. */
export type Responses =
  | { readonly kind: 'completions'; readonly completions: readonly Completion[] }
  | { readonly kind: 'none'; readonly detail: string };

export interface ResponsePlan {
  /** Completions of each prompt. */
  readonly count: number;
  /** 0: always the likeliest token. */
  readonly temperature: number;
  readonly tokensMax: number;
  readonly seed: number;
  /** Of this part of the questions, from 0: no two parts draw alike. */
  readonly part: number;
  readonly signal: AbortSignal;
}

export interface Respondent {
  /** For people and reports. */
  readonly description: string;
  /** Prompts that are best handed over at once. */
  readonly promptsAtOnce: number;
  /** In the order of the prompts. Rejects only where going on is of no use. */
  respond(prompts: readonly (readonly Message[])[], plan: ResponsePlan): Promise<readonly Responses[]>;
}

const PROMPTS_AT_ONCE = 256;

export function policyRespondent(policy: Policy, promptText: PromptText = lastUserMessage): Respondent {
  const { tokenizer } = policy;
  return {
    description: policy.description,
    promptsAtOnce: PROMPTS_AT_ONCE,
    async respond(prompts, { count, temperature, tokensMax, seed, part }) {
      const drawn = await policy.sample({
        prompts: prompts.map((prompt) => promptTokens(tokenizer, promptText(prompt))),
        of: prompts.flatMap((_, index) => Array.from<number>({ length: count }).fill(index)),
        tokensMax,
        temperature,
        random: createRandom(streamOf(seed, 'evaluation', part)),
      });
      const completions = drawn.map(({ text, tokens, finishReason }) => ({
        text,
        finishReason,
        tokenCount: tokens.length,
        policyVersion: policy.version,
      }));
      return prompts.map((_, index) => ({
        kind: 'completions',
        completions: completions.slice(index * count, (index + 1) * count),
      }));
    },
  };
}
