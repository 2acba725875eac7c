// The tensors of a policy that stay on its engine between runs, by what they are to the weight whose name they bear.

import type { WeightShape } from '../engine/decoder/weights.ts';
import type { Engine, Feed } from '../engine/engine.ts';
import type { FloatTensor } from '../models/safetensors.ts';
import type { PolicyModel } from '../policy-model.ts';
import { float32 } from './tensors.ts';
import { type Kept, keptName } from './update-graphs.ts';

type Feeds = Readonly<Record<string, Feed>>;

export class KeptTensors {
  readonly #engine: Engine;
  readonly #trained: PolicyModel['trained'];

  constructor(engine: Engine, trained: PolicyModel['trained']) {
    this.#engine = engine;
    this.#trained = trained;
  }

  /** Feeds of the weights under the names that the model places them by. */
  weights(kind: 'weight' | 'reference'): Feeds {
    return Object.fromEntries(this.#trained.map(({ name }) => [name, { kept: keptName(kind, name) }]));
  }

  /** Feeds named by what they are, from where it is kept. */
  feeds(kind: Kept, from: Kept = kind): Feeds {
    return Object.fromEntries(
      this.#trained.map(({ name }) => [keptName(kind, name), { kept: keptName(from, name) }]),
    );
  }

  /** @param tensors by the names of the weights, all of them */
  async put(kind: Kept, tensors: ReadonlyMap<string, FloatTensor | Float32Array>): Promise<void> {
    await this.#put(kind, ({ name }) => {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new TypeError(`There are no values of ${name}`);
      return 'dims' in tensor ? tensor.data : tensor;
    });
  }

  async putZeros(kind: Kept): Promise<void> {
    await this.#put(kind, ({ dims }) => new Float32Array(dims.reduce((product, dim) => product * dim, 1)));
  }

  async read(kind: Kept): Promise<ReadonlyMap<string, FloatTensor>> {
    const tensors = await this.#engine.read(this.#trained.map(({ name }) => keptName(kind, name)));
    return new Map(
      this.#trained.map(({ name, dims }) => [
        name,
        { dims, data: Float32Array.from(tensors[keptName(kind, name)]?.data ?? [], Number) },
      ]),
    );
  }

  async #put(kind: Kept, of: (shape: WeightShape) => Float32Array): Promise<void> {
    const tensors = this.#trained.map(
      (shape) => [keptName(kind, shape.name), float32(shape.dims, of(shape))] as const,
    );
    await this.#engine.put(Object.fromEntries(tensors));
  }
}
