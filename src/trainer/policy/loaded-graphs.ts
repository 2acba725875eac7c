// The graphs of a policy on its engine: built and loaded when they are first asked for, and kept.

import type { Engine, LoadedGraph } from '../engine/engine.ts';
import type { BuiltGraph } from './update-graphs.ts';

export class LoadedGraphs {
  readonly #engine: Engine;
  readonly #graphs = new Map<string, Promise<LoadedGraph>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @param key one for each graph that `build` may make */
  get(key: string, build: () => BuiltGraph): Promise<LoadedGraph> {
    const known = this.#graphs.get(key);
    if (known !== undefined) return known;
    const { graph, ...options } = build();
    const loaded = this.#engine.load(graph.encode(), options);
    this.#graphs.set(key, loaded);
    return loaded;
  }
}
