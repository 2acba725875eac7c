// Drawing completions: a plan as runs of the generation graph that fit into memory, and what they gave as completions. Which
// random number each token takes depends on the plan alone, so a plan that runs in other portions draws the same tokens.

import type { DecoderConfig } from '../engine/decoder/config.ts';
import type { GenerationFeeds } from '../engine/decoder/token-by-token.ts';
import type { TensorData } from '../engine/engine.ts';
import type { SampledCompletion, SamplingPlan, Tokenizer } from '../policy.ts';
import { float32, int64, numbersOf } from './tensors.ts';

/** Keys and values of all tokens that one run remembers. */
const CACHE_BYTES_MAX = 2 ** 28;
const FLOAT_BYTES = 4;

/** Divides logits so that all but the largest have no share left in 32 bits, and none overflows. */
const GREEDY = 1e-30;

/** The temperature of a plan as graphs take it, which divide by it. */
export function dividing(temperature: number): number {
  if (!(temperature >= 0)) throw new RangeError(`A temperature is at least 0, not ${temperature}`);
  return temperature === 0 ? GREEDY : temperature;
}

/** Feeds of each run, beside the weights. All random numbers of the plan are drawn here. */
export function samplingRuns(plan: SamplingPlan, config: DecoderConfig): readonly GenerationFeeds[] {
  const { prompts, of, tokensMax, temperature, random } = plan;
  checkPlan(plan);
  const longest = Math.max(0, ...prompts.map((prompt) => prompt.length));
  const bytes = (longest + tokensMax) * config.layers * config.keyHeads * config.headSize * 2 * FLOAT_BYTES;
  const size = Math.max(1, Math.floor(CACHE_BYTES_MAX / bytes));
  const runs: GenerationFeeds[] = [];
  for (let start = 0; start < of.length; start += size) {
    const continued = of.slice(start, start + size);
    const used = [...new Set(continued)];
    const places = new Map(used.map((prompt, place) => [prompt, place]));
    const count = continued.length;
    const uniforms = new Float32Array(tokensMax * count);
    // 24 bits: a float of 32 holds them exactly, so none becomes 1.
    for (let completion = 0; completion < count; completion += 1) {
      for (let round = 0; round < tokensMax; round += 1) {
        uniforms[round * count + completion] = temperature === 0 ? 0 : (random.uint32() >>> 8) / 2 ** 24;
      }
    }
    runs.push({
      ...promptFeeds(used.map((prompt) => prompts[prompt] ?? [])),
      of: int64(
        [count],
        continued.map((prompt) => places.get(prompt) ?? 0),
      ),
      uniforms: float32([tokensMax, count], uniforms),
      rounds: int64([], [tokensMax]),
      temperature: float32([], [dividing(temperature)]),
    });
  }
  return runs;
}

export function completionsOf(
  outputs: Readonly<Record<string, TensorData>>,
  tokenizer: Tokenizer,
): readonly SampledCompletion[] {
  const tokens = numbersOf(outputs, 'tokens');
  const logProbabilities = numbersOf(outputs, 'log_probabilities');
  const counts = numbersOf(outputs, 'counts');
  const steps = tokens.length / counts.length;
  return counts.map((count, completion) => {
    const start = completion * steps;
    const drawn = tokens.slice(start, start + count);
    const hasEnded = drawn.at(-1) === tokenizer.end;
    return {
      tokens: drawn,
      logProbabilities: logProbabilities.slice(start, start + count),
      text: tokenizer.decode(hasEnded ? drawn.slice(0, -1) : drawn),
      finishReason: hasEnded ? 'stop' : 'length',
    };
  });
}

function promptFeeds(prompts: readonly (readonly number[])[]): Pick<GenerationFeeds, 'prompts' | 'lengths'> {
  const length = Math.max(...prompts.map((prompt) => prompt.length));
  const filled = new Int32Array(prompts.length * length);
  prompts.forEach((prompt, row) => filled.set(prompt, row * length));
  return {
    prompts: int64([prompts.length, length], filled),
    lengths: int64(
      [prompts.length],
      prompts.map((prompt) => prompt.length),
    ),
  };
}

function checkPlan({ prompts, of, tokensMax }: SamplingPlan): void {
  const empty = prompts.findIndex((prompt) => prompt.length === 0);
  if (empty >= 0) throw new RangeError(`Cannot continue prompt ${empty}: it has no tokens`);
  const unknown = of.find((prompt) => prompts[prompt] === undefined);
  if (unknown !== undefined) throw new RangeError(`Cannot continue prompt ${unknown}: there is none`);
  if (!Number.isInteger(tokensMax) || tokensMax < 1)
    throw new RangeError(`A completion has at least one token, not ${tokensMax}`);
}
