// Low-rank adapters (Hu et al., "LoRA", arXiv 2106.09685): a frozen matrix W [out, in] is moved by s·B·A with A [r, in] and
// B [out, r], of which only A and B are trained: y = W·x + b + s·B·(A·x).

import type { Random } from '../../core/random.ts';
import {
  ATTENTION_PROJECTIONS,
  FEED_FORWARD_PROJECTIONS,
  type DecoderConfig,
  type ProjectionName,
} from '../engine/decoder/config.ts';
import type { Projection, Weights } from '../engine/decoder/decoder.ts';
import { projectionDims, projectionName, type WeightShape } from '../engine/decoder/weights.ts';
import { add, mul } from '../engine/ops/arithmetic.ts';
import { linear } from '../engine/ops/products.ts';

export interface LoraPlan {
  /** r: rows of A, columns of B. */
  readonly rank: number;
  /** α: an adapter counts α/r times. */
  readonly alpha: number;
  /** α/√r instead (Kalajdzievski, "rsLoRA", arXiv 2312.03732). */
  readonly isRankStabilised: boolean;
  readonly projections: readonly ProjectionName[];
}

export const PROJECTIONS: readonly ProjectionName[] = [...ATTENTION_PROJECTIONS, ...FEED_FORWARD_PROJECTIONS];

export const LORA_DEFAULTS: LoraPlan = {
  rank: 16,
  alpha: 32,
  isRankStabilised: false,
  projections: PROJECTIONS,
};

/** s: α/r, or α/√r. */
export function loraScale({ rank, alpha, isRankStabilised }: LoraPlan): number {
  return alpha / (isRankStabilised ? Math.sqrt(rank) : rank);
}

/** A and B of each adapted projection, layer by layer, under the names of PEFT's files. */
export function loraShapes(config: DecoderConfig, { rank, projections }: LoraPlan): readonly WeightShape[] {
  return Array.from({ length: config.layers }, (_, layer) =>
    projections.flatMap((projection): readonly WeightShape[] => {
      const [outputs, inputs] = projectionDims(config, projection);
      const name = projectionName(layer, projection);
      return [
        { name: loraName(name, 'A'), dims: [rank, inputs] },
        { name: loraName(name, 'B'), dims: [outputs, rank] },
      ];
    }),
  ).flat();
}

/** `base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight` */
export function loraName(projection: string, part: 'A' | 'B'): string {
  return `base_model.model.${projection}.lora_${part}.weight`;
}

/**
 * First values as in PEFT: A uniform in ±1/√in, which is Kaiming's with a = √5, and B zero: an adapter begins as the model
 * that it is put beside.
 */
export function firstLoraValues(
  shapes: readonly WeightShape[],
  random: Random,
): ReadonlyMap<string, Float32Array<ArrayBuffer>> {
  return new Map(
    shapes.map(({ name, dims: [rows = 0, columns = 0] }) => {
      const bound = name.endsWith('.lora_A.weight') ? 1 / Math.sqrt(columns) : 0;
      const values = new Float32Array(rows * columns);
      return [name, bound === 0 ? values : values.map(() => bound * (2 * random.next() - 1))];
    }),
  );
}

/** A projection with adapters beside it. `adapters` has A and B under the names of `loraShapes`. */
export function loraProjection(base: Projection, adapters: Weights, plan: LoraPlan): Projection {
  const adapted = new Set(plan.projections);
  const scale = loraScale(plan);
  return (rows, name, projection) => {
    const plain = base(rows, name, projection);
    if (!adapted.has(projection)) return plain;
    const inner = mul(linear(rows, adapters(loraName(name, 'A'))), scale);
    return add(plain, linear(inner, adapters(loraName(name, 'B'))));
  };
}
