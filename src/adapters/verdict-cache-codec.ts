// How a verdict is written: one JSON object, the same in every database and in exported files. Reading checks all of it:
// a cache may be shared, edited or damaged, and what is not a verdict must be a miss, never a number.

import type { JsonObject } from '../core/json.ts';
import { isJsonObject } from '../core/canonical-json.ts';
import type { StoredVerdict } from '../ports/verdict-cache.ts';

export function verdictToJson(verdict: StoredVerdict): JsonObject {
  const { score, label, reason, agreement, costUsd, promptTokens, completionTokens, model, template, at } =
    verdict;
  return {
    score,
    label,
    ...(reason === undefined ? {} : { reason }),
    agreement,
    cost_usd: costUsd,
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    model,
    template,
    at,
  };
}

/** Undefined when the value is not a whole and valid verdict. */
export function verdictFromJson(value: unknown): StoredVerdict | undefined {
  if (!isJsonObject(value)) return undefined;
  const { score, label, reason, agreement, cost_usd: costUsd, model, template, at } = value;
  const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = value;
  if (!isBetween(score, 0, 1) || !isBetween(agreement, 0, 1) || agreement === 0) return undefined;
  if (typeof label !== 'string' || typeof model !== 'string' || typeof template !== 'string')
    return undefined;
  if (reason !== undefined && typeof reason !== 'string') return undefined;
  if (costUsd !== null && !isBetween(costUsd, 0, Number.MAX_VALUE)) return undefined;
  if (!isCount(promptTokens) || !isCount(completionTokens) || !isCount(at)) return undefined;
  return { score, label, reason, agreement, costUsd, promptTokens, completionTokens, model, template, at };
}

function isBetween(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
