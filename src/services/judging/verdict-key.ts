// The identity of a verdict: everything that could make a judge say something else, and nothing that could not. Two
// askings with one key are one asking; a verdict that was paid for under a key stands for all of them.

import { hash } from 'node:crypto';

import { canonicalJson } from '../../core/canonical-json.ts';
import type { Judge, JudgeQuestion } from './judge.ts';

/** Changes when what goes into a key changes: no old verdict is then found. */
const KEY_FORMAT = 1;

/**
 * 256 bits of SHA-256, base64url (43 characters), over the JSON array
 *
 *   ["groupwise verdict", format, judge, model, template, temperature, max tokens, votes, seed,
 *    question, ground truth, [aliases], answer, other answer | null]
 *
 * and, only where there are any, an object at its end with what else was said: top_p, reasoning effort, variables shown.
 *
 * JSON keeps the parts apart: no text of one part can pass for the end of it and the start of the next. `template` holds
 * name, version and a hash of the wording, so that an edited template misses even where its version was forgotten. Texts
 * are taken as they are and aliases in their order, since that is what the judge reads.
 */
export function verdictKey(
  judge: Pick<Judge, 'name' | 'model' | 'template' | 'sampling'>,
  asked: JudgeQuestion,
): string {
  const { temperature, maxTokens, votes, seed, topP, reasoningEffort } = judge.sampling;
  const identity = [judge.name, judge.model, judge.template, temperature, maxTokens, votes, seed];
  const { question, groundTruth, aliases, answer, other = null } = asked;
  const parts = ['groupwise verdict', KEY_FORMAT, ...identity, question, groundTruth, aliases, answer, other];
  const more = {
    ...(topP !== undefined && { topP }),
    ...(reasoningEffort !== undefined && { reasoningEffort }),
    ...(asked.variables !== undefined && { variables: asked.variables }),
  };
  const isPlain = Object.keys(more).length === 0;
  return hash('sha256', canonicalJson(isPlain ? parts : [...parts, more]), 'base64url');
}
