// Reads the body of a chat completion. Whatever is wrong with the rest of it, the usage that it states is carried on, since
// it was paid for.

import { z } from 'zod';
import { jsonObjectsIn } from '../core/reply-json.ts';
import {
  LanguageModelError,
  type LanguageModelReply,
  type LanguageModelUsage,
} from '../ports/language-model.ts';

/** A usage object is shorter. */
const WRECK_CHARS = 2_000;

const TOKENS = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const USAGE = z.object({ prompt_tokens: TOKENS, completion_tokens: TOKENS });
const WITH_USAGE = z.object({ usage: USAGE });
const REPLY = z.object({
  model: z.string().optional(),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
});

/** Throws `LanguageModelError` (malformed_reply or refused), with the usage where the body states one. */
export function readChatReply(body: string, model: string): LanguageModelReply {
  const value = parseJson(body);
  const usage = value === undefined ? usageInWreck(body) : usageIn(value);
  const parsed = REPLY.safeParse(value);
  const choice = parsed.data?.choices[0];
  if (choice === undefined) {
    throw new LanguageModelError('malformed_reply', 'The reply is no chat completion', { usage });
  }
  const { content, refusal } = choice.message;
  if (typeof refusal === 'string' && refusal !== '') {
    throw new LanguageModelError('refused', 'The model refused to answer', { usage });
  }
  if (choice.finish_reason === 'content_filter') {
    throw new LanguageModelError('refused', 'A content filter stopped the reply', { usage });
  }
  if (typeof content !== 'string') {
    throw new LanguageModelError('malformed_reply', 'The reply has no text', { usage });
  }
  return {
    text: content,
    finishReason: finishReasonOf(choice.finish_reason),
    usage,
    model: parsed.data?.model ?? model,
  };
}

function finishReasonOf(reason: string | null | undefined): LanguageModelReply['finishReason'] {
  if (reason === 'stop' || reason === 'length') return reason;
  return 'other';
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function usageIn(value: unknown): LanguageModelUsage | undefined {
  const parsed = WITH_USAGE.safeParse(value);
  if (!parsed.success) return undefined;
  const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = parsed.data.usage;
  return { promptTokens, completionTokens };
}

/** The last usage object in a body that is not JSON as a whole. Model text cannot pose as one: its quotes are escaped. */
function usageInWreck(body: string): LanguageModelUsage | undefined {
  const start = body.lastIndexOf('"usage"');
  if (start < 0) return undefined;
  const [usage] = jsonObjectsIn(body.slice(start, start + WRECK_CHARS));
  return usageIn({ usage });
}
