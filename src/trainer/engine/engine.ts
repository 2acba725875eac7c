// What the trainer asks of the place where its graphs run. Tensors that a step hands to the next one stay there under a
// name (weights, moments, caches), on the device if it has memory of its own; only what is asked for comes back.

export type TensorType = 'float32' | 'float64' | 'int64' | 'bool';

/** Numbers with a shape, row by row. Truth values are bytes of 0 and 1. */
export interface TensorData {
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array | BigInt64Array | Uint8Array;
}

/** A tensor of this run, or one that is kept under a name. */
export type Feed = TensorData | { readonly kept: string };

export interface LoadedGraph {
  readonly id: number;
}

export interface LoadOptions {
  /** The runtime may put operators together; those that it makes have no 64-bit kernels. Default true. */
  readonly fuse?: boolean;
  /**
   * Constants are kept in a second arrangement, too, in which products of few rows read them faster: as much memory again.
   * Default true.
   */
  readonly packWeights?: boolean;
  /** Output → the name that it is kept under after each run; it is not handed back. */
  readonly keep?: Readonly<Record<string, string>>;
}

/** A provider that was asked for and could not be used. */
export interface ProviderFailure {
  readonly provider: string;
  readonly reason: string;
}

export interface Engine {
  /** The execution provider in use, for example `cpu`. */
  readonly provider: string;
  /** Those that were preferred to it. */
  readonly failures: readonly ProviderFailure[];
  /** Makes a graph, as `Graph.encode` writes it, ready to run. */
  load(model: Uint8Array, options?: LoadOptions): Promise<LoadedGraph>;
  /** Runs a graph once. Runs follow each other in the order of the calls. */
  run(
    graph: LoadedGraph,
    feeds: Readonly<Record<string, Feed>>,
  ): Promise<Readonly<Record<string, TensorData>>>;
  /** Keeps tensors under names, in place of what was there. */
  put(tensors: Readonly<Record<string, TensorData>>): Promise<void>;
  /** Copies of kept tensors. */
  read(names: readonly string[]): Promise<Readonly<Record<string, TensorData>>>;
  /** Forgets kept tensors. */
  drop(names: readonly string[]): Promise<void>;
  /** Gives up a graph that was loaded. */
  unload(graph: LoadedGraph): Promise<void>;
  /** Lets what was asked for end, then gives all memory back. */
  close(): Promise<void>;
}

export interface EngineOptions {
  /** In order of preference: the first that runs a small graph is used. */
  readonly providers: readonly string[];
  /** Threads of one run on the CPU. */
  readonly threads: number;
  /** Where files lie that graphs take numbers from. */
  readonly dataFolder?: string | undefined;
}
