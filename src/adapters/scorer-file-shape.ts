// What may be in the configuration file of judges and reward models: which keys, which values, which defaults. What the
// values mean together, and what is on disk or in the environment, is for others.

import { z } from 'zod';
import { REWARD_MODEL_INPUTS } from '../core/reward-model.ts';
import { DEFAULT_AUDIT_SHARE, DEFAULT_TEMPLATE, SERVED_KINDS } from '../core/scorer-config.ts';
import {
  countShape,
  deadlineShape,
  endpointShape,
  environmentVariableShape,
  httpShape,
  modelLimitKeys,
} from './model-access-shape.ts';

/** Texts of one request that servers take without being told to. */
const SERVED_BATCH = 32;

export type ScorerFileShape = z.output<ReturnType<typeof scorerFileShape>>;
export type JudgeShape = ScorerFileShape['judges'][string];
export type ModelShape = ScorerFileShape['reward_models'][string];
export type OnnxShape = Extract<ModelShape, { kind: 'onnx' }>;
export type ServedShape = Exclude<ModelShape, { kind: 'onnx' }>;

/** Built when a file is read: a schema at the top level would be work for whoever imports this. */
export function scorerFileShape() {
  const [count, deadlineMs, http] = [countShape(), deadlineShape(), httpShape()];
  const share = z.number().min(0).max(1);
  const judge = z.strictObject({
    model: z.string().min(1),
    endpoints: z.array(endpointShape()).min(1),
    template: z.string().min(1).default(DEFAULT_TEMPLATE),
    votes: count.max(99).optional(),
    agreement: share.optional(),
    temperature: z.number().min(0).max(2).optional(),
    max_tokens: count.optional(),
    seed: z.int().min(0).optional(),
    top_p: z.number().min(0).max(1).optional(),
    reasoning_effort: z.string().min(1).max(32).optional(),
    ...modelLimitKeys(),
    budget_usd: z.number().min(0).optional(),
  });
  const provider = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
  /** The rest is declared to the model, which refuses what it does not know. */
  const onnx = z
    .object({
      kind: z.literal('onnx'),
      folder: z.string().min(1),
      provider: provider.optional(),
      lanes: count.optional(),
      threads: count.optional(),
    })
    .catchall(z.json());
  const served = z.strictObject({
    kind: z.enum(SERVED_KINDS),
    url: http,
    model: z.string().min(1).optional(),
    api_key_env: environmentVariableShape().optional(),
    label: z.union([z.string().min(1), z.int()]).optional(),
    input: z.enum(REWARD_MODEL_INPUTS).default('question_answer'),
    reads: z.enum(['answer', 'completion']).optional(),
    // Read, and asked for, by the reader of calibrations.
    calibration: z.json().optional(),
    text: z
      .strictObject({
        before: z.string().optional(),
        between: z.string().optional(),
        after: z.string().optional(),
      })
      .optional(),
    deadline_ms: deadlineMs.default(60_000),
    attempts_max: count.default(4),
    batch_max: count.default(SERVED_BATCH),
    concurrency_max: count.default(8),
  });
  return z.strictObject({
    cache: z.string().min(1).optional(),
    judges: z.record(z.string(), judge).default({}),
    reward_models: z.record(z.string(), z.discriminatedUnion('kind', [onnx, served])).default({}),
    audit: z.strictObject({ share: share.default(DEFAULT_AUDIT_SHARE), judge: z.string().min(1) }).optional(),
  });
}
