// Policies that are small enough to train in a test.

import { createRandom } from '../../src/core/random.ts';
import { LocalEngine } from '../../src/trainer/engine/runtime.ts';
import { tinyModel } from '../../src/trainer/models/tiny.ts';
import type { PolicyModel } from '../../src/trainer/policy-model.ts';
import { EnginePolicy, type EnginePolicyOptions } from '../../src/trainer/policy/engine-policy.ts';
import { BYTE_TOKENIZER } from '../../src/trainer/tokenizers/byte.ts';

export const SMALL_MODEL: PolicyModel = tinyModel({
  vocabulary: BYTE_TOKENIZER.vocabulary,
  end: BYTE_TOKENIZER.end,
  layers: 2,
  width: 32,
  heads: 2,
});

/** To be closed; one thread, so that sums are taken in one order. */
export async function openTinyPolicy(
  options: Partial<Pick<EnginePolicyOptions, 'model' | 'tokensMax'>> & { readonly seed?: number } = {},
): Promise<EnginePolicy> {
  const { model = SMALL_MODEL, tokensMax, seed = 1 } = options;
  return EnginePolicy.open({
    model,
    tokenizer: BYTE_TOKENIZER,
    engine: await LocalEngine.open({ providers: ['cpu'], threads: 1 }),
    random: createRandom(seed),
    ...(tokensMax === undefined ? {} : { tokensMax }),
  });
}
