// Reads what was asked for out of a reply, or says why it cannot be read. Nothing here guesses: what does not have the form that
// was asked for is not read.

import { z } from 'zod';

import type { JsonObject } from '../../core/json.ts';
import { afterThinking, jsonObjectsIn } from '../../core/reply-json.ts';
import type { JournalledReply } from '../../ports/reply-journal.ts';

export type Reading<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'unreadable'; readonly detail: string };

/** `form`: the schema of a JSON reply, or plain text. The first JSON object that fits counts. */
export function readReply<Value>(reply: JournalledReply, form: z.ZodType<Value> | 'text'): Reading<Value> {
  if (reply.finishReason === 'length') return unreadable('the reply was cut at its length limit');
  const text = afterThinking(reply.text).trim();
  if (text === '') {
    return unreadable(reply.finishReason === 'other' ? 'the model refused to reply' : 'the reply is empty');
  }
  // `text` is what a question without a schema gets, so that is what `Value` is.
  if (form === 'text') return { kind: 'read', value: text as Value };
  let firstProblem: string | undefined;
  for (const object of jsonObjectsIn(text)) {
    const parsed = form.safeParse(object);
    if (parsed.success) return { kind: 'read', value: parsed.data };
    firstProblem ??= problemOf(parsed.error);
  }
  return unreadable(firstProblem ?? 'the reply holds no JSON object');
}

/** The schema as servers take it. */
export function jsonSchemaOf(form: z.ZodType): JsonObject {
  const { $schema: _, ...schema } = z.toJSONSchema(form);
  // What zod makes of a schema is plain JSON.
  return schema as JsonObject;
}

function problemOf({ issues }: z.ZodError): string {
  const [issue] = issues;
  if (issue === undefined) return 'the reply does not have its form';
  const path = issue.path.map(String).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

function unreadable(detail: string): Reading<never> {
  return { kind: 'unreadable', detail };
}
