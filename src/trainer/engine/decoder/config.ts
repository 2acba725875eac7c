// What kind of decoder a Hugging Face `config.json` describes. Llama's and Qwen2's are known; what this engine would compute
// differently from them is refused here, by name, instead of giving other numbers later.

import { z } from 'zod';

import { EnvError } from '../../../core/errors.ts';

export interface DecoderConfig {
  readonly vocabulary: number;
  /** Of the residual stream. */
  readonly width: number;
  /** Of the feed-forward layers. */
  readonly inner: number;
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values; each serves heads / keyHeads heads of queries. */
  readonly keyHeads: number;
  readonly headSize: number;
  readonly normEpsilon: number;
  readonly rope: RopeConfig;
  /** Projections that have a bias, by the last part of their name. */
  readonly biases: readonly ProjectionName[];
  /** The table of token embeddings is the output layer, too. */
  readonly tiesEmbeddings: boolean;
}

export interface RopeConfig {
  readonly theta: number;
  readonly scaling: RopeScaling | undefined;
}

export type RopeScaling =
  | { readonly kind: 'linear'; readonly factor: number }
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFactor: number;
      readonly highFactor: number;
      /** Positions that the model was trained for at first. */
      readonly positions: number;
    };

export const ATTENTION_PROJECTIONS = ['q_proj', 'k_proj', 'v_proj', 'o_proj'] as const;
export const FEED_FORWARD_PROJECTIONS = ['gate_proj', 'up_proj', 'down_proj'] as const;
export type ProjectionName =
  | (typeof ATTENTION_PROJECTIONS)[number]
  | (typeof FEED_FORWARD_PROJECTIONS)[number];

const SIZE = z.int().positive();
const ROPE = z.discriminatedUnion('rope_type', [
  z.object({ rope_type: z.literal('default'), rope_theta: z.number().optional() }),
  z.object({ rope_type: z.literal('linear'), rope_theta: z.number().optional(), factor: z.number() }),
  z.object({
    rope_type: z.literal('llama3'),
    rope_theta: z.number().optional(),
    factor: z.number(),
    low_freq_factor: z.number(),
    high_freq_factor: z.number(),
    original_max_position_embeddings: SIZE,
  }),
]);

const FILE = z.object({
  model_type: z.enum(['llama', 'qwen2']),
  hidden_act: z.literal('silu').default('silu'),
  vocab_size: SIZE,
  hidden_size: SIZE,
  intermediate_size: SIZE,
  num_hidden_layers: SIZE,
  num_attention_heads: SIZE,
  num_key_value_heads: SIZE.optional(),
  head_dim: SIZE.nullish(),
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().optional(),
  // Older files have one of these, with the base beside it; newer ones the other, with the base in it.
  rope_scaling: z.preprocess(withOldName, ROPE.nullish()),
  rope_parameters: z.preprocess(withOldName, ROPE.nullish()),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(false),
  use_sliding_window: z.literal(false, 'Sliding windows are not supported').default(false),
});

/** @throws EnvError `failed_precondition` for a model that this engine does not compute as it was trained */
export function decoderConfigOf(file: unknown): DecoderConfig {
  const parsed = FILE.safeParse(file);
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    throw refused(`${first?.path.join('.') ?? ''}: ${first?.message ?? ''}`);
  }
  const { data } = parsed;
  const heads = data.num_attention_heads;
  const keyHeads = data.num_key_value_heads ?? heads;
  const headSize = data.head_dim ?? data.hidden_size / heads;
  if (heads % keyHeads !== 0) throw refused(`${keyHeads} heads of keys cannot serve ${heads} heads`);
  if (headSize % 2 !== 0) throw refused(`head_dim: ${headSize} is not an even number`);
  return {
    vocabulary: data.vocab_size,
    width: data.hidden_size,
    inner: data.intermediate_size,
    layers: data.num_hidden_layers,
    heads,
    keyHeads,
    headSize,
    normEpsilon: data.rms_norm_eps,
    rope: ropeOf(data),
    biases: biasesOf(data),
    tiesEmbeddings: data.tie_word_embeddings,
  };
}

function biasesOf(data: z.infer<typeof FILE>): readonly ProjectionName[] {
  if (data.model_type === 'qwen2') return ['q_proj', 'k_proj', 'v_proj'];
  return [
    ...(data.attention_bias ? ATTENTION_PROJECTIONS : []),
    ...(data.mlp_bias ? FEED_FORWARD_PROJECTIONS : []),
  ];
}

function ropeOf(data: z.infer<typeof FILE>): RopeConfig {
  const rope = data.rope_parameters ?? data.rope_scaling ?? { rope_type: 'default' as const };
  const theta = rope.rope_theta ?? data.rope_theta ?? 10_000;
  switch (rope.rope_type) {
    case 'default':
      return { theta, scaling: undefined };
    case 'linear':
      return { theta, scaling: { kind: 'linear', factor: rope.factor } };
    case 'llama3':
      return {
        theta,
        scaling: {
          kind: 'llama3',
          factor: rope.factor,
          lowFactor: rope.low_freq_factor,
          highFactor: rope.high_freq_factor,
          positions: rope.original_max_position_embeddings,
        },
      };
  }
}

/** `type` is what old files call `rope_type`. */
function withOldName(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || 'rope_type' in given) return given;
  return { rope_type: 'type' in given ? given.type : 'default', ...given };
}

function refused(reason: string): EnvError {
  return new EnvError('failed_precondition', `Cannot use the model of this config.json: ${reason}`);
}
