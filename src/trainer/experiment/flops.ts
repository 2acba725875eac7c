// What a policy computes, counted: a policy that passes every call on and adds up its floating-point operations.
//
//   forward 2·N a token, backward 4·N a token (Kaplan et al., arXiv 2001.08361, section 2.1), N all weights
//   a sampled token costs a forward; a token that is learned from costs forward and backward, in each update
//
// Counted are tokens that go through the network: a prompt that completions share is one, the last token of a sequence, which
// predicts nothing, is none, and what fills rows up is none. Attention's share, which grows with the length, is left out as it is there.

import type { PolicyModel } from '../policy-model.ts';
import type { Policy, SampledCompletion, SamplingPlan, TokenSequence } from '../policy.ts';

const FORWARD = 2;
const BACKWARD = 4;

/** N: every number that is trained. */
export function parametersOf({ trained }: Pick<PolicyModel, 'trained'>): number {
  return trained.reduce((sum, { dims }) => sum + dims.reduce((size, dim) => size * dim, 1), 0);
}

export class FlopMeter {
  readonly #parameters: number;
  #forwardTokens = 0;
  #backwardTokens = 0;
  #updates = 0;

  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  get flops(): number {
    return this.#parameters * (FORWARD * this.#forwardTokens + BACKWARD * this.#backwardTokens);
  }

  get updates(): number {
    return this.#updates;
  }

  /** The policy, with everything that is asked of it counted here. */
  around(policy: Policy): Policy {
    const updated = (sequences: readonly TokenSequence[]): void => {
      const tokens = tokensRead(sequences);
      this.#forwardTokens += tokens;
      this.#backwardTokens += tokens;
      this.#updates += 1;
    };
    return {
      description: policy.description,
      tokenizer: policy.tokenizer,
      device: policy.device,
      get version() {
        return policy.version;
      },
      sample: async (plan) => {
        const drawn = await policy.sample(plan);
        this.#forwardTokens += tokensDrawn(plan, drawn);
        return drawn;
      },
      logProbabilities: async (sequences, options) => {
        const found = await policy.logProbabilities(sequences, options);
        this.#forwardTokens += tokensRead(sequences);
        return found;
      },
      train: async (completions, loss, optimiser) => {
        const metrics = await policy.train(completions, loss, optimiser);
        updated(completions);
        return metrics;
      },
      supervise: async (examples, optimiser) => {
        const metrics = await policy.supervise(examples, optimiser);
        updated(examples);
        return metrics;
      },
      keepReference: () => policy.keepReference(),
      save: (folder) => policy.save(folder),
      export: (folder) => policy.export(folder),
      restore: (folder) => policy.restore(folder),
      close: () => policy.close(),
    };
  }
}

/** Tokens that go through the network when sequences are read: each prompt once, and completions without their last token. */
export function tokensRead(sequences: readonly TokenSequence[]): number {
  const prompts = new Map(sequences.map(({ prompt }) => [prompt.join(), prompt.length]));
  const shared = Array.from(prompts.values()).reduce((sum, length) => sum + length, 0);
  return sequences.reduce((sum, { completion }) => sum + Math.max(0, completion.length - 1), shared);
}

/** The same when completions are drawn, one token after the other. */
export function tokensDrawn(
  { prompts, of }: Pick<SamplingPlan, 'prompts' | 'of'>,
  drawn: readonly Pick<SampledCompletion, 'tokens'>[],
): number {
  const used = Array.from(new Set(of), (index) => prompts[index]?.length ?? 0);
  const shared = used.reduce((sum, length) => sum + length, 0);
  return drawn.reduce((sum, { tokens }) => sum + Math.max(0, tokens.length - 1), shared);
}
