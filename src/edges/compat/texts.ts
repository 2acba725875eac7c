// Prompts and responses as trainers send them: decoded with their special tokens, or as messages in parts.

import { z } from 'zod';
import { LIMITS } from '../../contract/limits.ts';
import { text } from '../../contract/schemas/values.ts';
import { must } from '../../contract/wording.ts';
import { type Message, ROLES } from '../../core/prompt.ts';

/** Special tokens at the end of a text, as the templates of common policies write them: ends of turns and padding. */
const END_TOKENS =
  /(?:\s*(?:<\|[a-z_0-9]{1,40}\|>|<\/s>|<(?:eos|pad|end_of_turn)>|<｜[^｜<>]{1,40}｜>|\[(?:PAD|EOS)\]))+\s*$/u;

/** Longest run of such tokens that is looked at: trainers cut padding themselves. */
const TAIL_CHARS = 4_096;

/** A response as its policy wrote it, without the tokens that only end it. */
export function withoutEndTokens(response: string): string {
  const tailAt = Math.max(0, response.length - TAIL_CHARS);
  const tail = response.slice(tailAt).replace(END_TOKENS, '');
  return response.slice(0, tailAt) + tail;
}

const part = z.looseObject({ text: z.string().optional() });
const content = z.union([z.string(), z.array(part), z.null()]).optional();
export const messageSchema = z.looseObject(
  { role: z.string().optional(), content },
  { error: must('a message') },
);

export const promptSchema = z.union(
  [text(LIMITS.promptCharsMax), z.array(messageSchema).max(LIMITS.promptMessagesMax)],
  { error: must('a string, or a list of messages') },
);

/** The prompt of a request. Roles that are not ours (`tool`, `developer`), and items without one, are text that the policy was shown, like any other. */
export function readPrompt(prompt: z.output<typeof promptSchema>): readonly Message[] {
  if (typeof prompt === 'string') return [{ role: 'user', content: prompt.toWellFormed() }];
  return prompt.map(({ role, content: said }) => ({
    role: ROLES.find((known) => known === role) ?? 'user',
    content: textOf(said).toWellFormed(),
  }));
}

function textOf(said: z.output<typeof content>): string {
  if (typeof said === 'string') return said;
  return (said ?? []).map((each) => each.text ?? '').join('');
}
