// AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", arXiv 1711.05101) as part of a graph: weights and
// moments go in and come out, so that they can stay on the device. Constants are named as in PyTorch's `torch.optim.AdamW`.

import type { Value } from './graph.ts';
import { add, div, min, mul, sqrt, square, sub } from './ops/arithmetic.ts';
import type { Operand } from './ops/operands.ts';
import { sumAll } from './ops/shapes.ts';

export interface AdamwOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** λ: what a weight loses in each training step, times the learning rate. */
  readonly weightDecay: number;
}

/** What changes from one training step to the next: scalars. */
export interface AdamwSchedule {
  readonly learningRate: Value;
  /** 1 − β₁ᵗ and 1 − β₂ᵗ */
  readonly correction1: Value;
  readonly correction2: Value;
}

export interface AdamwState {
  readonly weight: Value;
  readonly mean: Value;
  readonly variance: Value;
}

/** The corrections of training step t = 1, 2, …, worked out in doubles: 1 − 0.999 has four digits in a 32-bit float. */
export function adamwCorrections(step: number, { beta1, beta2 }: AdamwOptions): readonly [number, number] {
  return [1 - beta1 ** step, 1 - beta2 ** step];
}

/**
 * m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − η·λ·w − η·m̂/(√v̂ + ε), with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)
 */
export function adamw(
  state: AdamwState,
  gradient: Value,
  schedule: AdamwSchedule,
  options: AdamwOptions,
): AdamwState {
  const { beta1, beta2, epsilon, weightDecay } = options;
  const { learningRate, correction1, correction2 } = schedule;
  const mean = add(mul(state.mean, beta1), mul(gradient, 1 - beta1));
  const variance = add(mul(state.variance, beta2), mul(square(gradient), 1 - beta2));
  const direction = div(div(mean, correction1), add(sqrt(div(variance, correction2)), epsilon));
  const decayed =
    weightDecay === 0 ? state.weight : mul(state.weight, sub(1, mul(learningRate, weightDecay)));
  return { weight: sub(decayed, mul(direction, learningRate)), mean, variance };
}

/** √Σ g² over all gradients together: a scalar. */
export function globalNorm(gradients: readonly Value[]): Value {
  return sqrt(gradients.map((gradient) => sumAll(square(gradient))).reduce(add));
}

/** Gradients scaled down so that their common norm is at most `limit`, as `clip_grad_norm_` does: g·min(1, limit/(‖g‖ + 1e-6)). */
export function clipByNorm(gradients: readonly Value[], norm: Value, limit: Operand): readonly Value[] {
  const scale = min(div(limit, add(norm, 1e-6)), 1);
  return gradients.map((gradient) => mul(gradient, scale));
}
