// The identity of a reply: everything that could make a model say something else, and nothing that could not. What has the same
// key is bought once, for all runs over one journal.

import { hash } from 'node:crypto';

import { canonicalJson } from '../../core/canonical-json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Message } from '../../core/prompt.ts';

/** Changes when what goes into a key changes: no old reply is then found. */
const KEY_FORMAT = 1;

export interface AskedRequest {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly temperature: number;
  readonly maxTokens: number;
  readonly schema: { readonly name: string; readonly schema: JsonObject } | undefined;
  /** As it is sent. */
  readonly seed: number;
  /** Number of the sample: several replies to one question. */
  readonly sample: number;
  /** 0 for the first asking; more after replies that could not be read. */
  readonly asking: number;
}

/** SHA-256 (hex) of the request as canonical JSON. */
export function replyKey(request: AskedRequest): string {
  const messages = request.messages.map(({ role, content }) => ({ role, content }));
  const { model, temperature, maxTokens, schema, seed, sample, asking } = request;
  const parts = { model, messages, temperature, maxTokens, schema: schema ?? null, seed, sample, asking };
  return hash('sha256', canonicalJson(['groupwise reply', KEY_FORMAT, parts]), 'hex');
}
