// A policy that really learns and needs no engine: one row of logits for each prompt and place in the completion, and the exact
// gradient of the clipped ratio. Small enough to be trained in a test, and all its sums are in one order, so that it does the same
// on every run.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type {
  LossPlan,
  OptimiserPlan,
  Policy,
  SampledCompletion,
  SamplingPlan,
  StepMetrics,
  TokenSequence,
  TrainedCompletion,
} from '../../src/trainer/policy.ts';

const DIGITS = '0123456789';
const END = DIGITS.length;
const FILE = 'table.json';

/** Prompts are any text; completions are digits. */
export class TabularPolicy implements Policy {
  readonly description = 'a table';
  readonly device = 'cpu';
  version = 0;
  #table = new Map<string, number[]>();
  #reference = new Map<string, number[]>();
  /** For tests that look at what the loop did. */
  readonly trained: TrainedCompletion[][] = [];
  /** Called at the start of each training step. */
  onTrain: () => Promise<void> = async () => {};

  readonly tokenizer = {
    vocabulary: END + 1,
    end: END,
    encode: (text: string): readonly number[] => Array.from(text, (char) => code(char)),
    decode: (tokens: readonly number[]): string =>
      tokens.map((token) => (token === END ? '' : (DIGITS[token] ?? ''))).join(''),
  };

  async sample({ prompts, of, tokensMax, temperature, random }: SamplingPlan): Promise<SampledCompletion[]> {
    return of.map((index) => {
      const prompt = prompts[index] ?? [];
      const tokens: number[] = [];
      const logProbabilities: number[] = [];
      while (tokens.length < tokensMax && tokens.at(-1) !== END) {
        const chances = this.#chances(this.#table, prompt, tokens, temperature);
        const drawn = drawFrom(chances, random.next());
        logProbabilities.push(Math.log(chances[drawn] ?? 0));
        tokens.push(drawn);
      }
      const finishReason = tokens.at(-1) === END ? 'stop' : 'length';
      return { tokens, logProbabilities, text: this.tokenizer.decode(tokens), finishReason };
    });
  }

  async logProbabilities(
    sequences: readonly TokenSequence[],
    { temperature, reference = false }: { readonly temperature: number; readonly reference?: boolean },
  ): Promise<readonly (readonly number[])[]> {
    const table = reference ? this.#reference : this.#table;
    return sequences.map(({ prompt, completion }) =>
      completion.map((token, at) =>
        Math.log(this.#chances(table, prompt, completion.slice(0, at), temperature)[token] ?? 0),
      ),
    );
  }

  async train(
    completions: readonly TrainedCompletion[],
    { clip, temperature }: LossPlan,
    { learningRate }: OptimiserPlan,
  ): Promise<StepMetrics> {
    await this.onTrain();
    this.trained.push([...completions]);
    const tokens = completions.reduce((sum, { completion }) => sum + completion.length, 0);
    const changes: (() => void)[] = [];
    let [loss, clipped, ratios] = [0, 0, 0];
    for (const { prompt, completion, old, advantage } of completions) {
      completion.forEach((token, at) => {
        const chances = this.#chances(this.#table, prompt, completion.slice(0, at), temperature);
        const ratio = Math.exp(Math.log(chances[token] ?? 0) - (old[at] ?? 0));
        ratios += ratio;
        const isClipped = advantage > 0 ? ratio > 1 + clip.high : ratio < 1 - clip.low;
        loss -= Math.min(
          ratio * advantage,
          Math.min(1 + clip.high, Math.max(1 - clip.low, ratio)) * advantage,
        );
        if (isClipped) clipped += 1;
        else
          changes.push(() =>
            this.#push(
              prompt,
              completion.slice(0, at),
              token,
              chances,
              (learningRate * ratio * advantage) / tokens,
            ),
          );
      });
    }
    for (const change of changes) change();
    this.version += 1;
    return {
      loss: loss / tokens,
      gradientNorm: 1,
      tokens,
      clippedShare: clipped / tokens,
      ratioMean: ratios / tokens,
    };
  }

  async supervise(
    examples: readonly TokenSequence[],
    { learningRate }: OptimiserPlan,
  ): Promise<Pick<StepMetrics, 'loss' | 'gradientNorm' | 'tokens'>> {
    let [loss, tokens] = [0, 0];
    for (const { prompt, completion } of examples) {
      completion.forEach((token, at) => {
        const before = completion.slice(0, at);
        const chances = this.#chances(this.#table, prompt, before, 1);
        loss -= Math.log(chances[token] ?? 0);
        tokens += 1;
        this.#push(prompt, before, token, chances, learningRate);
      });
    }
    this.version += 1;
    return { loss: loss / tokens, gradientNorm: 1, tokens };
  }

  async keepReference(): Promise<void> {
    this.#reference = new Map(Array.from(this.#table, ([key, row]) => [key, [...row]]));
  }

  async save(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    const { version } = this;
    await writeFile(
      join(folder, FILE),
      JSON.stringify({ version, table: [...this.#table], reference: [...this.#reference] }),
    );
  }

  /** A table is read by itself alone. */
  export(folder: string): Promise<void> {
    return this.save(folder);
  }

  async restore(folder: string): Promise<void> {
    const kept = JSON.parse(await readFile(join(folder, FILE), 'utf8')) as {
      version: number;
      table: [string, number[]][];
      reference: [string, number[]][];
    };
    this.version = kept.version;
    this.#table = new Map(kept.table);
    this.#reference = new Map(kept.reference);
  }

  async close(): Promise<void> {}

  #row(table: Map<string, number[]>, prompt: readonly number[], before: readonly number[]): number[] {
    return table.get(keyOf(prompt, before)) ?? Array.from<number>({ length: END + 1 }).fill(0);
  }

  #chances(
    table: Map<string, number[]>,
    prompt: readonly number[],
    before: readonly number[],
    temperature: number,
  ): number[] {
    const powers = this.#row(table, prompt, before).map((logit) => Math.exp(logit / temperature));
    const total = powers.reduce((sum, power) => sum + power, 0);
    return powers.map((power) => power / total);
  }

  /** Moves the logits along the gradient of the token's log-probability. */
  #push(
    prompt: readonly number[],
    before: readonly number[],
    token: number,
    chances: readonly number[],
    rate: number,
  ): void {
    const row = this.#row(this.#table, prompt, before).map(
      (logit, index) => logit + rate * ((index === token ? 1 : 0) - (chances[index] ?? 0)),
    );
    this.#table.set(keyOf(prompt, before), row);
  }
}

function code(char: string): number {
  return DIGITS.includes(char) ? DIGITS.indexOf(char) : (char.codePointAt(0) ?? 0) + END + 1;
}

function keyOf(prompt: readonly number[], before: readonly number[]): string {
  return `${prompt.join(',')}|${before.join(',')}`;
}

function drawFrom(chances: readonly number[], draw: number): number {
  let sum = 0;
  for (const [index, chance] of chances.entries()) {
    sum += chance;
    if (draw < sum) return index;
  }
  return chances.length - 1;
}
