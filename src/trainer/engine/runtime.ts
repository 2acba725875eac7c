// Runs graphs by onnxruntime-node: an engine in the thread that calls it. Runs block their thread for
// their whole time, so a program that serves anything beside uses `EngineThread` instead.

import type * as Ort from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

import { EnvError } from '../../core/errors.ts';
import type {
  Engine,
  EngineOptions,
  Feed,
  LoadedGraph,
  LoadOptions,
  ProviderFailure,
  TensorData,
} from './engine.ts';
import { missingRuntime, reasonOf } from './runtime-errors.ts';
import { copyGraph, TRIAL, trialGraph } from './runtime-graphs.ts';
import { dataOf, typeOf } from './runtime-tensors.ts';

type Runtime = typeof Ort;

/** The runtime's own lines are left to what really ends the process: every failure is reported from here. */
const FATAL = 4;

interface Loaded {
  readonly network: InferenceSession;
  readonly keep: Readonly<Record<string, string>>;
}

export class LocalEngine implements Engine {
  readonly provider: string;
  readonly failures: readonly ProviderFailure[];
  readonly #runtime: Runtime;
  readonly #options: EngineOptions;
  readonly #graphs = new Map<number, Loaded>();
  readonly #kept = new Map<string, Tensor>();
  readonly #copiers = new Map<string, LoadedGraph>();
  #lastId = 0;
  /** The end of what was asked for so far: calls do not overtake each other, or a tensor would go while a run reads it. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    runtime: Runtime,
    options: EngineOptions,
    chosen: { readonly provider: string; readonly failures: readonly ProviderFailure[] },
  ) {
    this.#runtime = runtime;
    this.#options = options;
    this.provider = chosen.provider;
    this.failures = chosen.failures;
  }

  /** @throws EnvError `failed_precondition` when the runtime is missing, or no provider can run a graph */
  static async open(options: EngineOptions): Promise<LocalEngine> {
    const runtime = await loadRuntime();
    const failures: ProviderFailure[] = [];
    for (const provider of options.providers) {
      const engine = new LocalEngine(runtime, options, { provider, failures });
      try {
        await engine.#tryOut();
        return engine;
      } catch (error) {
        failures.push({ provider, reason: reasonOf(error) });
        await engine.close();
      }
    }
    const tried = failures.map(({ provider, reason }) => `on ${provider}: ${reason}`).join('; nor ');
    throw new EnvError('failed_precondition', `Cannot run graphs ${tried}`);
  }

  load(model: Uint8Array, options: LoadOptions = {}): Promise<LoadedGraph> {
    return this.#inTurn(() => this.#load(model, options));
  }

  run(
    graph: LoadedGraph,
    feeds: Readonly<Record<string, Feed>>,
  ): Promise<Readonly<Record<string, TensorData>>> {
    return this.#inTurn(() => this.#run(graph, feeds));
  }

  put(tensors: Readonly<Record<string, TensorData>>): Promise<void> {
    return this.#inTurn(async () => {
      for (const [name, tensor] of Object.entries(tensors))
        this.#keep(name, await this.#placed(this.#tensor(tensor)));
    });
  }

  read(names: readonly string[]): Promise<Readonly<Record<string, TensorData>>> {
    return this.#inTurn(() => this.#read(names));
  }

  drop(names: readonly string[]): Promise<void> {
    return this.#inTurn(() => this.#drop(names));
  }

  unload(graph: LoadedGraph): Promise<void> {
    return this.#inTurn(() => this.#unload(graph));
  }

  /** To be called before its thread ends: the runtime aborts the process otherwise. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      this.#drop([...this.#kept.keys()]);
      for (const id of this.#graphs.keys()) await this.#unload({ id });
    });
  }

  #inTurn<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    // Whoever asked is told of a failure; the next call goes on.
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #load(
    model: Uint8Array,
    { keep = {}, fuse = true, packWeights = true }: LoadOptions = {},
  ): Promise<LoadedGraph> {
    const { threads, dataFolder } = this.#options;
    const session = {
      ...(packWeights ? {} : { disable_prepacking: '1' }),
      ...(dataFolder === undefined ? {} : { model_external_initializers_file_folder_path: dataFolder }),
    };
    const network = await this.#runtime.InferenceSession.create(model, {
      executionProviders: [this.provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: fuse ? 'all' : 'basic',
      logSeverityLevel: FATAL,
      ...(this.#hasDeviceMemory ? { preferredOutputLocation: locations(keep) } : {}),
      extra: { session },
    });
    this.#lastId += 1;
    this.#graphs.set(this.#lastId, { network, keep });
    return { id: this.#lastId };
  }

  async #run(
    graph: LoadedGraph,
    feeds: Readonly<Record<string, Feed>>,
  ): Promise<Readonly<Record<string, TensorData>>> {
    const { network, keep } = this.#loaded(graph);
    const given = Object.entries(feeds).map(([name, feed]) => [name, this.#tensor(feed)] as const);
    const outputs = await network.run(Object.fromEntries(given));
    const back: Record<string, TensorData> = {};
    for (const [name, tensor] of Object.entries(outputs)) {
      const kept = keep[name];
      if (kept === undefined) back[name] = dataOf(tensor);
      else this.#keep(kept, tensor);
    }
    return back;
  }

  async #read(names: readonly string[]): Promise<Readonly<Record<string, TensorData>>> {
    const read: Record<string, TensorData> = {};
    for (const name of names) {
      const tensor = this.#keptTensor(name);
      read[name] = dataOf(tensor.location === 'gpu-buffer' ? await this.#copy(tensor, 'cpu') : tensor);
    }
    return read;
  }

  #drop(names: readonly string[]): void {
    for (const name of names) {
      this.#kept.get(name)?.dispose();
      this.#kept.delete(name);
    }
  }

  async #unload(graph: LoadedGraph): Promise<void> {
    const { network } = this.#loaded(graph);
    this.#graphs.delete(graph.id);
    await network.release();
  }

  get #hasDeviceMemory(): boolean {
    return this.provider === 'webgpu';
  }

  #loaded({ id }: LoadedGraph): Loaded {
    const loaded = this.#graphs.get(id);
    if (loaded === undefined) throw new RangeError(`No graph ${id} is loaded`);
    return loaded;
  }

  #keptTensor(name: string): Tensor {
    const tensor = this.#kept.get(name);
    if (tensor === undefined) throw new RangeError(`No tensor is kept as "${name}"`);
    return tensor;
  }

  #tensor(feed: Feed): Tensor {
    if ('kept' in feed) return this.#keptTensor(feed.kept);
    return new this.#runtime.Tensor(feed.type, feed.data, feed.dims);
  }

  #keep(name: string, tensor: Tensor): void {
    const before = this.#kept.get(name);
    this.#kept.set(name, tensor);
    before?.dispose();
  }

  /** What is kept lies on a device that has memory of its own, or each run would carry it there again. */
  async #placed(tensor: Tensor): Promise<Tensor> {
    const goes = this.#hasDeviceMemory && tensor.type === 'float32';
    return goes ? this.#copy(tensor, 'gpu-buffer') : tensor;
  }

  /** The runtime ends the process when it is asked for the numbers of a tensor on a GPU: a graph that copies does not. */
  async #copy(tensor: Tensor, to: 'cpu' | 'gpu-buffer'): Promise<Tensor> {
    const type = typeOf(tensor);
    const key = `${type} of ${tensor.dims.length} dimensions to ${to}`;
    const copier =
      this.#copiers.get(key) ??
      (await this.#load(copyGraph(type, tensor.dims.length), { keep: to === 'cpu' ? {} : { y: 'y' } }));
    this.#copiers.set(key, copier);
    const { y } = await this.#loaded(copier).network.run({ x: tensor });
    if (y === undefined) throw new TypeError('The copy gave nothing');
    return y;
  }

  async #tryOut(): Promise<void> {
    const loaded = await this.#load(trialGraph());
    const { y } = await this.#run(loaded, { x: TRIAL.x });
    await this.#unload(loaded);
    const found = Array.from(y?.data ?? [], Number);
    if (TRIAL.y.some((expected, index) => expected !== found[index]))
      throw new Error(`It gives [${found.join(', ')}] for [${TRIAL.y.join(', ')}]`);
  }
}

function locations(keep: Readonly<Record<string, string>>): Record<string, 'gpu-buffer'> {
  return Object.fromEntries(Object.keys(keep).map((name) => [name, 'gpu-buffer']));
}

async function loadRuntime(): Promise<Runtime> {
  try {
    const runtime = await import('onnxruntime-node');
    runtime.env.logLevel = 'fatal';
    return runtime;
  } catch (error) {
    throw missingRuntime(error);
  }
}
