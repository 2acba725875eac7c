// What the training loop asks of a policy, wherever its weights are: to draw completions, to say how likely tokens are, to take
// a training step, and to put all that it is on disk. The loop knows tokens and advantages; tensors stay behind this file.

import type { Random } from '../core/random.ts';
import type { Aggregation } from './losses/aggregation.ts';
import type { ClipRange, PolicyLoss } from './losses/policy-terms.ts';

export interface SamplingPlan {
  /** Token ids of each prompt; none is empty. */
  readonly prompts: readonly (readonly number[])[];
  /** The prompt that each completion continues, by its index. */
  readonly of: readonly number[];
  readonly tokensMax: number;
  /** Divides the logits. 0: always the likeliest token. */
  readonly temperature: number;
  /** All randomness of the drawing: the same state gives the same tokens. */
  readonly random: Random;
}

export interface SampledCompletion {
  /** The end token among them, where it was drawn. */
  readonly tokens: readonly number[];
  /** Of each token, under the distribution that it was drawn from (at the temperature of the plan). */
  readonly logProbabilities: readonly number[];
  /** Without the end token. */
  readonly text: string;
  /** `length`: it was cut off at `tokensMax`. */
  readonly finishReason: 'stop' | 'length';
}

/** A completion with its prompt, as a loss reads them. */
export interface TokenSequence {
  readonly prompt: readonly number[];
  readonly completion: readonly number[];
}

export interface TrainedCompletion extends TokenSequence {
  /** ℓ_old of each token of the completion. */
  readonly old: readonly number[];
  /** ℓ_ref of each token; needed where `klWeight` is above 0. */
  readonly reference?: readonly number[] | undefined;
  readonly advantage: number;
}

export interface LossPlan {
  readonly loss: PolicyLoss;
  readonly clip: ClipRange;
  readonly aggregation: Aggregation;
  /** L of Dr. GRPO: tokens that a completion may have. */
  readonly lengthMax: number;
  /** β: weight of the divergence (k3) from the reference policy. 0: none. */
  readonly klWeight: number;
  /** That completions were drawn at: ℓ is taken under the same. */
  readonly temperature: number;
}

export interface OptimiserPlan {
  readonly learningRate: number;
  /** Gradients are scaled so that their common norm is at most this. */
  readonly gradientNormMax: number;
}

export interface StepMetrics {
  readonly loss: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  /** Tokens of completions that the step learned from. */
  readonly tokens: number;
  /** Share of tokens whose ratio was clipped. */
  readonly clippedShare: number;
  /** Mean of r = e^(ℓ − ℓ_old) over tokens. */
  readonly ratioMean: number;
  /** Mean k3 divergence from the reference, where there is one. */
  readonly kl?: number | undefined;
}

export interface Tokenizer {
  readonly vocabulary: number;
  /** Ends a completion. */
  readonly end: number;
  /** In front of every prompt, as a model was trained; undefined: nothing. See `promptTokens`. */
  readonly prefix?: readonly number[] | undefined;
  /** Without special tokens: what looks like one in a text is spelled out. */
  encode(text: string): readonly number[];
  /** Special tokens give no text. */
  decode(tokens: readonly number[]): string;
}

/** Draws completions: the policy itself, or a server that has its weights. */
export interface Sampler {
  sample(plan: SamplingPlan): Promise<readonly SampledCompletion[]>;
}

export interface Policy extends Sampler {
  /** For people and reports, for example `tiny decoder, 0.44 M parameters`. */
  readonly description: string;
  readonly tokenizer: Tokenizer;
  /** Training steps taken so far, those of the warm-up among them. */
  readonly version: number;
  /** `webgpu`, `cuda` or `cpu`: where it runs. */
  readonly device: string;
  /** ℓ of each token of each completion at a temperature. `reference`: of the policy that `keepReference` kept. */
  logProbabilities(
    sequences: readonly TokenSequence[],
    options: { readonly temperature: number; readonly reference?: boolean },
  ): Promise<readonly (readonly number[])[]>;
  /** One optimiser update on all of `completions`, which are worked off in parts that fit. */
  train(
    completions: readonly TrainedCompletion[],
    loss: LossPlan,
    optimiser: OptimiserPlan,
  ): Promise<StepMetrics>;
  /** One supervised update: mean negative log-likelihood of the completions' tokens. */
  supervise(
    examples: readonly TokenSequence[],
    optimiser: OptimiserPlan,
  ): Promise<Pick<StepMetrics, 'loss' | 'gradientNorm' | 'tokens'>>;
  /** Keeps the weights as they are now as the reference of the divergence. */
  keepReference(): Promise<void>;
  /** Writes weights, moments of the optimiser, reference and version into a folder, which is made. */
  save(folder: string): Promise<void>;
  /** Writes what was trained into a folder, which is made, as others load it: a checkpoint, or an adapter in PEFT's format. */
  export(folder: string): Promise<void>;
  /** Takes up what `save` wrote. @throws EnvError `failed_precondition` for another model's folder */
  restore(folder: string): Promise<void>;
  close(): Promise<void>;
}
