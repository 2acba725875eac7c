// How completions are drawn on an engine: in one run where the provider has loops, with a run for each token where only single
// runs can leave the caches on the device. Both take the same random numbers and draw the same tokens.

import { addGeneration } from '../engine/decoder/generation.ts';
import type { PlacedDecoder } from '../engine/decoder/next-token.ts';
import {
  addFirstToken,
  addFurtherToken,
  generateByToken,
  type GenerationFeeds,
} from '../engine/decoder/token-by-token.ts';
import type { Engine, Feed, LoadedGraph, TensorData } from '../engine/engine.ts';
import { Graph } from '../engine/graph.ts';
import type { PolicyModel } from '../policy-model.ts';
import type { BuiltGraph } from './update-graphs.ts';

export interface DrawingOptions {
  readonly engine: Engine;
  readonly model: PolicyModel;
  /** The token that ends a completion. */
  readonly end: number;
  /** Builds and loads a graph when it is first asked for. */
  readonly graph: (key: string, build: () => BuiltGraph) => Promise<LoadedGraph>;
}

/** The provider that runs loops on the processor, whatever is in them: the caches would come and go with every token. */
const WITHOUT_LOOPS = 'webgpu';

/** One run of a plan: the outputs of `addGeneration`. @param weights feeds of what is trained */
export async function drawTokens(
  { engine, model, end, graph }: DrawingOptions,
  feeds: GenerationFeeds,
  weights: Readonly<Record<string, Feed>>,
): Promise<Readonly<Record<string, TensorData>>> {
  if (engine.provider !== WITHOUT_LOOPS) {
    const whole = await graph('sample', () =>
      build(model, (to, decoder) => {
        addGeneration(to, { ...decoder, end });
        return {};
      }),
    );
    return engine.run(whole, { ...feeds, ...weights });
  }
  const first = await graph('first token', () => build(model, addFirstToken));
  const further = await graph('further token', () => build(model, addFurtherToken));
  return generateByToken(engine, { first, further, end, layers: model.config.layers }, feeds, weights);
}

function build(
  model: PolicyModel,
  add: (graph: Graph, decoder: PlacedDecoder) => BuiltGraph['keep'],
): BuiltGraph {
  const graph = new Graph();
  const { weights, project } = model.place(graph);
  const decoder = { config: model.config, weights, ...(project === undefined ? {} : { project }) };
  return { graph, keep: add(graph, decoder) };
}
