// One call for completions of one prompt: what is asked for, and what of the answer is taken. Tokens go both ways as ids: text that
// is cut into tokens a second time gives others than were drawn.

import { z } from 'zod';

import { EnvError } from '../../core/errors.ts';

export interface CompletionsPlan {
  /** The adapter, as the server knows it. */
  readonly model: string;
  readonly prompt: readonly number[];
  /** Completions. */
  readonly count: number;
  readonly tokensMax: number;
  readonly seed: number;
  /** Ends a completion. */
  readonly end: number;
  readonly vocabulary: number;
}

export interface ServedCompletion {
  /** The end token among them. */
  readonly tokens: readonly number[];
  /** As the server recorded them. */
  readonly logProbabilities: readonly number[];
  readonly finishReason: 'stop' | 'length';
}

/**
 * The policy's own distribution, whatever the server would do by itself: vLLM takes temperature, top-p, top-k and penalties
 * from the checkpoint's `generation_config.json` where a request is silent. Only `end` ends a completion, as in training.
 */
export function completionsBody(plan: CompletionsPlan): object {
  return {
    model: plan.model,
    prompt: plan.prompt,
    n: plan.count,
    max_tokens: plan.tokensMax,
    seed: plan.seed,
    temperature: 1,
    top_p: 1,
    top_k: -1,
    min_p: 0,
    repetition_penalty: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    stop_token_ids: [plan.end],
    ignore_eos: true,
    logprobs: 1,
    return_token_ids: true,
    stream: false,
  };
}

const TOKENS = z.array(z.int().nonnegative());
const REPLY = z.object({
  choices: z.array(
    z.object({
      index: z.int().nonnegative(),
      finish_reason: z.enum(['stop', 'length']),
      token_ids: TOKENS,
      prompt_token_ids: TOKENS.nullish(),
      logprobs: z.object({ token_logprobs: z.array(z.number().max(1e-3)) }),
    }),
  ),
});

/** Completions in the order of their indices. @throws EnvError `failed_precondition` for an answer that is not of the plan */
export function servedCompletions(reply: unknown, plan: CompletionsPlan): readonly ServedCompletion[] {
  const parsed = REPLY.safeParse(reply);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') ?? '';
    throw refused(
      place.endsWith('.token_ids')
        ? 'the server gives no token ids (return_token_ids needs vLLM 0.10.2, or SGLang of July 2026, or newer)'
        : `${place}: ${issue?.message ?? ''}`,
    );
  }
  const choices = parsed.data.choices.toSorted((a, b) => a.index - b.index);
  if (choices.length !== plan.count || choices.some(({ index }, place) => index !== place))
    throw refused(`${plan.count} completions were asked for, ${choices.length} came`);
  return choices.map((choice) => {
    const { token_ids: tokens, finish_reason: finishReason, prompt_token_ids: prompt } = choice;
    const { token_logprobs: logProbabilities } = choice.logprobs;
    if (prompt !== null && prompt !== undefined && prompt.join() !== plan.prompt.join())
      throw refused('the server read another prompt than it was given');
    if (tokens.length === 0 || tokens.length > plan.tokensMax)
      throw refused(`a completion has ${tokens.length} tokens, not 1 to ${plan.tokensMax}`);
    const unknown = tokens.find((token) => token >= plan.vocabulary);
    if (unknown !== undefined) throw refused(`token ${unknown} is none of ${plan.vocabulary}`);
    if (logProbabilities.length !== tokens.length)
      throw refused(`${tokens.length} tokens came with ${logProbabilities.length} log-probabilities`);
    const at = tokens.indexOf(plan.end);
    if (finishReason === 'stop' ? at !== tokens.length - 1 : at >= 0)
      throw refused(
        `a completion that ended by "${finishReason}" has its end token at ${at} of ${tokens.length}`,
      );
    return { tokens, logProbabilities, finishReason };
  });
}

function refused(reason: string): EnvError {
  return new EnvError('failed_precondition', `Cannot use completions of the server: ${reason}`);
}
