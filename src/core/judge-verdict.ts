// What a judge may say and what it is worth: a template declares its labels or levels, a reply is one of them or cannot be
// read. Nothing here guesses: two verdicts in one reply that differ are none.

import type { JsonObject } from './json.ts';
import { afterThinking, jsonObjectsIn } from './reply-json.ts';

/**
 * `labels`: the score of each. `levels`: whole numbers, worth 0 at `from` and 1 at `to`. `range`: any number between the two, worth
 * the same; its reply is that of OpenAI's score model graders, whose prompts speak of its parts by name.
 */
export type VerdictScale =
  | { readonly kind: 'labels'; readonly scores: ReadonlyMap<string, number> }
  | { readonly kind: 'levels' | 'range'; readonly from: number; readonly to: number };

/** One reading of one reply. */
export interface Vote {
  readonly label: string;
  /** In [0, 1]. */
  readonly score: number;
}

/** Longest reply that is searched for a verdict. */
const REPLY_CHARS_MAX = 65_536;

/** A verdict of any object, also of one that cannot be read. Inside of strings its quotes are escaped. */
const VERDICT_KEY = /"verdict"\s*:/gu;
const RESULT_KEY = /"result"\s*:/gu;

/** A number in a text, as models that take no schema may write it. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?$/iu;

/** All labels; none of a range, which has no end of them. */
export function labelsOf(scale: VerdictScale): readonly string[] {
  if (scale.kind === 'labels') return [...scale.scores.keys()];
  if (scale.kind === 'range') return [];
  return Array.from({ length: scale.to - scale.from + 1 }, (_, index) => String(scale.from + index));
}

export function scoreOfLabel(scale: VerdictScale, label: string): number | undefined {
  if (scale.kind === 'labels') return scale.scores.get(label);
  const level = Number(label);
  const isOnScale =
    scale.kind === 'range' ? level >= scale.from && level <= scale.to : labelsOf(scale).includes(label);
  if (!isOnScale) return undefined;
  return (level - scale.from) / (scale.to - scale.from);
}

/** Steps come first, so that the number is what they lead to. */
const GRADE_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    steps: {
      type: 'array',
      items: {
        type: 'object',
        properties: { description: { type: 'string' }, conclusion: { type: 'string' } },
        required: ['description', 'conclusion'],
        additionalProperties: false,
      },
    },
    result: { type: 'number' },
  },
  required: ['steps', 'result'],
  additionalProperties: false,
};

/** JSON schema of a reply. Both keys are required and none other is allowed, as strict modes of servers demand. */
export function replySchema(scale: VerdictScale): JsonObject {
  if (scale.kind === 'range') return GRADE_SCHEMA;
  return {
    type: 'object',
    properties: {
      reasoning: { type: 'string' },
      verdict: { type: 'string', enum: [...labelsOf(scale)] },
    },
    required: ['reasoning', 'verdict'],
    additionalProperties: false,
  };
}

/**
 * The vote in a reply, or undefined when it cannot be read. Tolerates code fences, prose before and after, thinking, other
 * case, and a level given as a number. Objects with a `verdict` that is no label, or several that differ, are unreadable: a
 * judge that quotes a verdict out of the completion must not be taken at the completion's word.
 */
export function readVote(text: string, scale: VerdictScale): Vote | undefined {
  if (text.length > REPLY_CHARS_MAX) return undefined;
  const said = new Set<string>();
  const reply = afterThinking(text);
  const [key, spelling] = scale.kind === 'range' ? ['result', RESULT_KEY] : ['verdict', VERDICT_KEY];
  let given = 0;
  for (const object of jsonObjectsIn(reply)) {
    if (!Object.hasOwn(object, key)) continue;
    given += 1;
    const label = labelFrom(object[key], scale);
    if (label === undefined) return undefined;
    said.add(label);
  }
  // A quoted brace that is left open can hide the judge's own verdict behind one that it quotes.
  if (given !== (reply.match(spelling)?.length ?? 0)) return undefined;
  const [label, ...others] = said;
  if (label === undefined || others.length > 0) return undefined;
  const score = scoreOfLabel(scale, label);
  return score === undefined ? undefined : { label, score };
}

/** The vote that was given with the two answers swapped, as it reads in their right order. Undefined without a mirror label. */
export function swappedVote(vote: Vote, scale: VerdictScale): Vote | undefined {
  for (const label of labelsOf(scale)) {
    const score = scoreOfLabel(scale, label);
    if (score === 1 - vote.score) return { label, score };
  }
  return undefined;
}

function labelFrom(verdict: unknown, scale: VerdictScale): string | undefined {
  if (typeof verdict !== 'string' && typeof verdict !== 'number') return undefined;
  const said = String(verdict).trim().toLowerCase();
  if (scale.kind === 'range') return NUMBER.test(said) ? String(Number(said)) : undefined;
  return labelsOf(scale).find((label) => label.toLowerCase() === said);
}
