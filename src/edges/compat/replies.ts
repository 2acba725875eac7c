// What dialects answer with, and how one that cannot say "unscorable" refuses instead: never by a number.

import { z } from 'zod';
import type { MountedReply } from '../../contract/mounted-call.ts';
import { must, refusal } from '../../contract/wording.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import type { CompletionOutcome, Score } from '../../core/score.ts';
import { isPassing } from './held-scoring.ts';

const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' };
/** Clients that were refused after all tries are told to wait this long. */
const RETRY_AFTER_MS = 1_000;

export function json(value: unknown, status = 200): MountedReply {
  return { status, headers: HEADERS, body: JSON.stringify(value) };
}

/** A reply that is JSON already. */
export function rawJson(body: string): MountedReply {
  return { status: 200, headers: HEADERS, body };
}

/** @throws EnvError `invalid_argument` that names the field at fault */
export function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const refused = refusal(parsed.error.issues);
  throw refused.field === '' ? invalidArgument('body', refused.message) : refused;
}

/** An object of a foreign client. A newer one may send more fields: what is not known is not read. */
export function openObject<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ');
  return z.looseObject(shape, { error: must(`an object with ${known}`) });
}

export interface Rewarded {
  readonly reward: number;
  readonly scores: readonly Score[];
}

/**
 * The outcome, if it is a reward.
 *
 * @param field of the completion, for the error
 * @throws EnvError `unavailable` for a fault that may pass, `failed_precondition` for one that will not
 */
export function requireReward(outcome: CompletionOutcome, field: string): Rewarded {
  if (outcome.kind === 'scored') return outcome;
  const { cause, scorer, detail } = outcome.unscorable;
  const by = scorer === '' ? '' : ` by "${scorer}"`;
  const message = `Cannot score ${field}${by}: ${cause}: ${detail}`;
  if (!isPassing(cause)) throw new EnvError('failed_precondition', message, { field });
  throw new EnvError('unavailable', message, { field, retryAfterMs: RETRY_AFTER_MS });
}

/** Scores by scorer, without those that were not given and those that a second opinion replaced. */
export function scoresByScorer(scores: readonly Score[]): Readonly<Record<string, number>> {
  const given = scores.flatMap((score) =>
    score.kind === 'scored' && score.replacedBy === undefined ? [[score.scorer, score.score] as const] : [],
  );
  return Object.fromEntries(given);
}
