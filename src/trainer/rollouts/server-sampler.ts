// Draws completions on a server that has the policy's weights: vLLM or SGLang with the checkpoint, and the policy's adapter beside it
// under a new name for each version. What a token's probability was is computed again by the policy: a server in 16 bits says
// something else than the network that is trained, and the ratio of a step has to begin at 1.

import pLimit from 'p-limit';

import { invalidArgument } from '../../core/errors.ts';
import { type Patience, patiently } from '../loop/patience.ts';
import type { Policy, SampledCompletion, Sampler, SamplingPlan } from '../policy.ts';
import { AdapterShelf, type AdapterShelfOptions } from './adapter-shelf.ts';
import {
  completionsBody,
  servedCompletions,
  type CompletionsPlan,
  type ServedCompletion,
} from './completions-call.ts';
import { callServer, type ServerAddress } from './server-calls.ts';

export interface ServerSamplerOptions extends Omit<AdapterShelfOptions, 'address'> {
  /** With the version: `http://gpu-1:8000/v1`. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  readonly policy: Pick<Policy, 'version' | 'tokenizer' | 'logProbabilities' | 'export'>;
  /** How long one call may take. Default 240 s. */
  readonly callMsMax?: number | undefined;
  /** Before a failed connection is tried again. Default 500 ms. */
  readonly pauseMs?: number | undefined;
  /** Calls that wait for the server at once; each draws a whole group. Default 64. */
  readonly callsMax?: number | undefined;
  /** Told after each drawing how far the server's log-probabilities are from the policy's. */
  readonly tellDifference?: ((difference: ProbabilityDifference) => void) | undefined;
}

/** |ℓ_server − ℓ_policy| over the tokens of one drawing. */
export interface ProbabilityDifference {
  readonly mean: number;
  readonly largest: number;
  readonly tokens: number;
}

export class ServerSampler implements Sampler {
  readonly #options: ServerSamplerOptions;
  readonly #address: ServerAddress;
  readonly #shelf: AdapterShelf;
  #published: number | undefined;

  /** @throws EnvError when the server does not answer, or is none */
  static async open(options: ServerSamplerOptions): Promise<ServerSampler> {
    const { url, apiKey, callMsMax = 240_000, pauseMs = 500 } = options;
    if (!URL.canParse(url)) throw invalidArgument('url', `Cannot draw from "${url}": it is no address`);
    const address = { url, apiKey, callMsMax, pauseMs };
    return new ServerSampler(options, address, await AdapterShelf.open({ ...options, address }));
  }

  private constructor(options: ServerSamplerOptions, address: ServerAddress, shelf: AdapterShelf) {
    this.#options = options;
    this.#address = address;
    this.#shelf = shelf;
  }

  /**
   * Hands the policy as it is now to the server, as `policy-000123-LIFE`; nothing where the server has this version.
   * @throws EnvError when the server does not take it
   */
  async publish(version: number): Promise<void> {
    if (version === this.#published) return;
    await this.#shelf.put(version, (folder) => this.#options.policy.export(folder));
    this.#published = version;
  }

  /** @throws EnvError `invalid_argument` for another temperature than 1; as the server refuses */
  async sample(plan: SamplingPlan): Promise<readonly SampledCompletion[]> {
    // What servers record is before the temperature, and a cut-off tail would be learned as if it had been possible.
    if (plan.temperature !== 1)
      throw invalidArgument(
        'temperature',
        `Cannot draw at temperature ${plan.temperature} on a server: it must be 1`,
      );
    const { tokenizer } = this.#options.policy;
    const version = this.#options.policy.version;
    // Drawn now: a drawing that is repeated is the same.
    const seeds = plan.prompts.map(() => plan.random.uint32());
    const served = await this.#shelf.use((model) => this.#draw(plan, seeds, model));
    const logProbabilities = await this.#policyProbabilities(plan, served, version);
    return served.map(({ tokens, finishReason, logProbabilities: recorded }, index) => ({
      tokens,
      logProbabilities: logProbabilities?.[index] ?? recorded,
      text: tokenizer.decode(finishReason === 'stop' ? tokens.slice(0, -1) : tokens),
      finishReason,
    }));
  }

  /** Gives the adapter back to the server. */
  close(): Promise<void> {
    return this.#shelf.close();
  }

  /** One call for all completions of a prompt. */
  async #draw(
    { prompts, of, tokensMax }: SamplingPlan,
    seeds: readonly number[],
    model: string,
  ): Promise<readonly ServedCompletion[]> {
    const { patience, callsMax = 64, policy } = this.#options;
    const { end, vocabulary } = policy.tokenizer;
    const found: ServedCompletion[] = [];
    const givenUp = new AbortController();
    const signal = patience.signal ? AbortSignal.any([patience.signal, givenUp.signal]) : givenUp.signal;
    const limit = pLimit(callsMax);
    const calls = prompts.map((prompt, index) => {
      const places = of.flatMap((each, place) => (each === index ? [place] : []));
      const asked = {
        model,
        prompt,
        count: places.length,
        tokensMax,
        seed: seeds[index] ?? 0,
        end,
        vocabulary,
      };
      return limit(async () => {
        if (places.length === 0) return;
        const completions = await this.#ask(asked, { ...patience, signal });
        completions.forEach((completion, at) => (found[places[at] ?? -1] = completion));
      });
    });
    try {
      await Promise.all(calls);
    } catch (error) {
      // The others draw for nobody.
      givenUp.abort();
      await Promise.allSettled(calls);
      throw error;
    }
    return found;
  }

  async #ask(plan: CompletionsPlan, patience: Patience): Promise<readonly ServedCompletion[]> {
    const what = 'draw completions';
    const call = { what, path: 'completions', body: completionsBody(plan), signal: patience.signal };
    return servedCompletions(await patiently(what, () => callServer(this.#address, call), patience), plan);
  }

  /** Undefined where the policy has moved on meanwhile: then only the server knows how likely the tokens were. */
  async #policyProbabilities(
    { prompts, of }: SamplingPlan,
    served: readonly ServedCompletion[],
    version: number,
  ): Promise<readonly (readonly number[])[] | undefined> {
    const { policy, tellDifference } = this.#options;
    if (policy.version !== version) return undefined;
    const sequences = served.map(({ tokens }, index) => ({
      prompt: prompts[of[index] ?? -1] ?? [],
      completion: tokens,
    }));
    const found = await policy.logProbabilities(sequences, { temperature: 1 });
    if (policy.version !== version) return undefined;
    const apart = served.flatMap(({ logProbabilities }, index) =>
      logProbabilities.map((recorded, token) => Math.abs(recorded - (found[index]?.[token] ?? NaN))),
    );
    tellDifference?.({
      mean: apart.reduce((sum, each) => sum + each, 0) / apart.length,
      largest: apart.reduce((largest, each) => Math.max(largest, each), 0),
      tokens: apart.length,
    });
    return found;
  }
}
