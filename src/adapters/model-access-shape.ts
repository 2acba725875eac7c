// What configuration files say of a language model, whoever asks it: where it is served, how much of it may be used. One shape
// for judges and generators.

import { z } from 'zod';
import type { ModelEndpoint, ModelLimits } from '../core/model-access.ts';

const DEADLINE_MS_MAX = 3_600_000;

export function countShape() {
  return z.int().min(1);
}

export function deadlineShape() {
  return countShape().max(DEADLINE_MS_MAX);
}

export function httpShape() {
  return z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });
}

/** A key itself in its place is refused before it is printed or stored anywhere. */
export function environmentVariableShape() {
  return z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable, not a key');
}

export function endpointShape() {
  return z.strictObject({
    base_url: httpShape(),
    api_key_env: environmentVariableShape().optional(),
    weight: z.number().positive().default(1),
  });
}

/** Keys to be spread into the shape of whatever has a model. Budgets are not of them: one may be for several models. */
export function modelLimitKeys() {
  const [count, deadlineMs] = [countShape(), deadlineShape()];
  return {
    deadline_ms: deadlineMs.optional(),
    attempt_timeout_ms: deadlineMs.optional(),
    attempts_max: count.optional(),
    requests_per_minute: count.optional(),
    tokens_per_minute: count.optional(),
    concurrency_max: count.optional(),
    price: z.strictObject({ input: z.number().min(0), output: z.number().min(0) }).optional(),
  };
}

type EndpointShape = z.output<ReturnType<typeof endpointShape>>;
type LimitShape = z.output<z.ZodObject<ReturnType<typeof modelLimitKeys>>>;

export function endpointOf({ base_url, api_key_env, weight }: EndpointShape): ModelEndpoint {
  return { baseUrl: base_url, apiKeyEnv: api_key_env, weight };
}

export function limitsOf(shape: LimitShape): Omit<ModelLimits, 'budgetUsd'> {
  return {
    deadlineMs: shape.deadline_ms,
    attemptTimeoutMs: shape.attempt_timeout_ms,
    attemptsMax: shape.attempts_max,
    requestsPerMinute: shape.requests_per_minute,
    tokensPerMinute: shape.tokens_per_minute,
    concurrencyMax: shape.concurrency_max,
    price: shape.price,
  };
}
