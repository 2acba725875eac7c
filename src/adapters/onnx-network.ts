// The one file that knows onnxruntime-node: opens a model on the first execution provider that works, runs batches, lets
// go. Runs block their thread for their whole time, so this belongs in a worker, never on the server's event loop.

import type * as Ort from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

import { EnvError } from '../core/errors.ts';
import type { Pooling } from '../core/reward-model.ts';
import type { ProviderFailure } from '../ports/reward-model.ts';
import {
  fillInput,
  longestOf,
  rowsOf,
  TOKEN_INPUTS,
  type FlatBatch,
  type FlatRows,
  type TokenInput,
} from './onnx-tensors.ts';

export interface OnnxNetworkOptions {
  readonly modelPath: string;
  /** In order of preference; none of them is added silently. */
  readonly providers: readonly string[];
  /** Threads of one run on the CPU. */
  readonly threads: number;
  readonly padId: number;
  readonly pooling: Pooling;
  /** Which output; default: the only one, or `logits`, `sentence_embedding`, `last_hidden_state`, in this order. */
  readonly output?: string | undefined;
}

type Runtime = typeof Ort;

/** The runtime's own lines are left to what really ends the process: every failure is reported from here. */
const FATAL = 4;

/** Outputs by the names that Optimum gives them. */
const KNOWN_OUTPUTS = ['logits', 'sentence_embedding', 'last_hidden_state', 'token_embeddings'];

export class OnnxNetwork {
  readonly provider: string;
  readonly failures: readonly ProviderFailure[];
  readonly #runtime: Runtime;
  readonly #network: InferenceSession;
  readonly #options: OnnxNetworkOptions;
  readonly #inputs: readonly { readonly name: TokenInput; readonly type: 'int64' | 'int32' }[];
  readonly #output: string;

  private constructor(
    runtime: Runtime,
    network: InferenceSession,
    options: OnnxNetworkOptions,
    chosen: { readonly provider: string; readonly failures: readonly ProviderFailure[] },
  ) {
    this.provider = chosen.provider;
    this.failures = chosen.failures;
    this.#runtime = runtime;
    this.#network = network;
    this.#options = options;
    this.#inputs = inputsOf(network);
    this.#output = outputOf(network, options.output);
  }

  /** @throws EnvError `failed_precondition` when the runtime is missing, or no provider can run the model */
  static async open(options: OnnxNetworkOptions): Promise<OnnxNetwork> {
    const runtime = await loadRuntime();
    const failures: ProviderFailure[] = [];
    for (const provider of options.providers) {
      let network: InferenceSession;
      try {
        network = await runtime.InferenceSession.create(options.modelPath, {
          executionProviders: [provider],
          intraOpNumThreads: options.threads,
          interOpNumThreads: 1,
          logSeverityLevel: FATAL,
        });
      } catch (error) {
        failures.push({ provider, reason: reasonOf(error) });
        continue;
      }
      try {
        const opened = new OnnxNetwork(runtime, network, options, { provider, failures });
        const failure = await opened.#tryOut();
        if (failure === undefined) return opened;
        failures.push({ provider, reason: failure });
      } catch (error) {
        await network.release();
        throw error;
      }
      await network.release();
    }
    const tried = failures.map(({ provider, reason }) => `${provider}: ${reason}`).join('; ');
    throw new EnvError('failed_precondition', `Cannot open "${options.modelPath}" on any provider: ${tried}`);
  }

  async run(batch: FlatBatch): Promise<FlatRows> {
    const { padId, pooling } = this.#options;
    const dims = [batch.lengths.length, longestOf(batch.lengths)];
    const size = batch.lengths.length * longestOf(batch.lengths);
    const feeds: Record<string, Tensor> = {};
    for (const { name, type } of this.#inputs) {
      const data = type === 'int64' ? new BigInt64Array(size) : new Int32Array(size);
      feeds[name] = new this.#runtime.Tensor(type, fillInput(data, name, batch, padId), dims);
    }
    const output = (await this.#network.run(feeds, [this.#output]))[this.#output];
    if (output === undefined) throw new TypeError(`The model gave no output "${this.#output}"`);
    return rowsOf(numbersOf(output), output.dims, batch.lengths, pooling);
  }

  /** Some providers open a network that they cannot run: one short run tells. The reason, or undefined when it went well. */
  async #tryOut(): Promise<string | undefined> {
    const ids = Int32Array.of(this.#options.padId, this.#options.padId);
    try {
      await this.run({ ids, typeIds: new Uint8Array(2), lengths: Int32Array.of(2) });
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** To be called before its thread ends: the runtime aborts the process otherwise. */
  release(): Promise<void> {
    return this.#network.release();
  }
}

/** The package is optional, and only needed by those who run models. */
async function loadRuntime(): Promise<Runtime> {
  try {
    const runtime = await import('onnxruntime-node');
    runtime.env.logLevel = 'fatal';
    return runtime;
  } catch (error) {
    throw new EnvError(
      'failed_precondition',
      'Cannot run ONNX models: the package onnxruntime-node is not installed or has no build for this machine. ' +
        'Install it with: npm install onnxruntime-node --ignore-scripts',
      { cause: error },
    );
  }
}

function inputsOf(
  network: InferenceSession,
): readonly { readonly name: TokenInput; readonly type: 'int64' | 'int32' }[] {
  return network.inputNames.map((given, index) => {
    const name = TOKEN_INPUTS.find((known) => known === given);
    if (name === undefined)
      throw new EnvError(
        'failed_precondition',
        `Cannot use the model: its input "${given}" is none of ${TOKEN_INPUTS.join(', ')}`,
      );
    const metadata = network.inputMetadata[index];
    const type = metadata?.isTensor === true ? metadata.type : undefined;
    if (type !== 'int64' && type !== 'int32')
      throw new EnvError(
        'failed_precondition',
        `Cannot use the model: its input "${given}" is ${String(type)}, not int64 or int32`,
      );
    return { name, type };
  });
}

function outputOf(network: InferenceSession, asked: string | undefined): string {
  const names = network.outputNames;
  const known = asked === undefined ? KNOWN_OUTPUTS.find((name) => names.includes(name)) : asked;
  const output = known ?? (names.length === 1 ? names[0] : undefined);
  if (output === undefined || !names.includes(output))
    throw new EnvError(
      'failed_precondition',
      `Cannot use the model: name its output, one of ${names.join(', ')}`,
    );
  return output;
}

/** 16-bit floats come as their bits in some versions of the runtime. */
function numbersOf({ type, data }: Tensor): ArrayLike<number> {
  if (type === 'float16' && data instanceof Uint16Array)
    return new Float16Array(data.buffer, data.byteOffset, data.length);
  if (type === 'float32' || type === 'float64' || type === 'float16') return data as ArrayLike<number>;
  throw new TypeError(`The model gives ${type}, not 32-bit, 64-bit or 16-bit floats`);
}

/** The runtime's messages carry stacks and colours over many lines. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? text).slice(0, 400);
}
