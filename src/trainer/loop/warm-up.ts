// The first phase of "Synthetic Data RL" (arXiv 2505.17063): a policy that never earns anything has nothing to learn from rewards,
// so it is first shown questions with their answers, until a share of what it draws itself is right. That share is measured with
// the rule that rewards it later, on questions that it was not shown.

import type { CallsClient } from '../../client/calls-client.ts';
import { EnvError } from '../../core/errors.ts';
import type { Message } from '../../core/prompt.ts';
import type { GroundTruth } from '../../core/qa-pair.ts';
import { createRandom, keyedPermutation } from '../../core/random.ts';
import type { Recipe } from '../../core/recipe.ts';
import { PASS_THRESHOLD } from '../../core/pass-rate.ts';
import type { OptimiserPlan, Policy, TokenSequence } from '../policy.ts';
import { promptTokens } from '../prompt-tokens.ts';
import type { WarmUpStep } from '../training-event.ts';
import { type PromptText, streamOf } from './draw.ts';
import { type Patience, patiently } from './patience.ts';

/** A question with its answer, which the user gave us: rows of a server never come with theirs. */
export interface WarmUpRow {
  readonly prompt: readonly Message[];
  readonly groundTruth: GroundTruth;
  readonly choices: readonly string[];
  /** How its answers are scored. */
  readonly reward: Recipe | string;
}

export interface WarmUpPlan {
  readonly rows: readonly WarmUpRow[];
  /** Sampled accuracy at which it stops. */
  readonly target: number;
  readonly stepsMax: number;
  /** Rows of one update. */
  readonly rowsPerStep: number;
  readonly optimiser: OptimiserPlan;
  /** Updates between two measurements. */
  readonly measureEvery: number;
  /** Questions of a measurement: at most this many, and at most a tenth of the rows. */
  readonly heldOutMax: number;
  readonly seed: number;
  readonly tokensMax: number;
  readonly temperature: number;
}

export interface WarmUpOptions {
  readonly client: CallsClient;
  readonly policy: Policy;
  readonly promptText: PromptText;
  readonly patience: Patience;
  readonly tell: (event: WarmUpStep) => void;
}

/**
 * Shows rows until the sampled accuracy is at the target.
 *
 * @returns the last accuracy and the updates that were taken
 * @throws EnvError `invalid_argument` for fewer than two rows, `cancelled` when it is told to stop
 */
export async function warmUp(
  plan: WarmUpPlan,
  options: WarmUpOptions,
): Promise<{ readonly accuracy: number; readonly steps: number }> {
  const { shown, heldOut } = parted(plan);
  const { policy, patience, tell } = options;
  const { target } = plan;
  let accuracy = await measure(heldOut, plan, options, 0);
  let step = 0;
  while (accuracy < target && step < plan.stepsMax) {
    if (patience.signal?.aborted === true) throw new EnvError('cancelled', 'Stopped during the warm-up');
    const examples = rowsAt(step, shown, plan).map((row) => exampleOf(row, options));
    const { loss } = await policy.supervise(examples, plan.optimiser);
    step += 1;
    const isMeasured = step % plan.measureEvery === 0 || step === plan.stepsMax;
    if (isMeasured) accuracy = await measure(heldOut, plan, options, step);
    tell({ kind: 'warm-up', step, loss, ...(isMeasured && { accuracy }), target });
  }
  if (accuracy < target) {
    patience.say(
      `The warm-up ended after ${step} updates at a sampled accuracy of ${accuracy.toFixed(3)}, below ${target}: rewards may be too rare to learn from`,
    );
  }
  return { accuracy, steps: step };
}

/** Which rows are shown and which are kept for measuring: a matter of the seed alone. */
function parted({ rows, heldOutMax, seed }: WarmUpPlan): {
  readonly shown: readonly WarmUpRow[];
  readonly heldOut: readonly WarmUpRow[];
} {
  if (rows.length < 2) {
    throw new EnvError(
      'invalid_argument',
      `Cannot warm up: it takes at least two rows, there are ${rows.length}`,
    );
  }
  const place = keyedPermutation({ count: rows.length, words: [streamOf(seed, 'warmUp')] });
  const mixed = rows.flatMap((_, index) => rows[place(index)] ?? []);
  const count = Math.min(heldOutMax, Math.max(1, Math.floor(rows.length / 10)));
  return { shown: mixed.slice(count), heldOut: mixed.slice(0, count) };
}

/** Rows of one update: walk after walk over all that are shown, each in an order of its own. */
function rowsAt(
  step: number,
  shown: readonly WarmUpRow[],
  { rowsPerStep, seed }: WarmUpPlan,
): readonly WarmUpRow[] {
  return Array.from({ length: rowsPerStep }, (_, index) => step * rowsPerStep + index).flatMap((position) => {
    const walk = Math.floor(position / shown.length);
    const words = [streamOf(seed, 'warmUp', 1 + walk)];
    return shown[keyedPermutation({ count: shown.length, words })(position % shown.length)] ?? [];
  });
}

function exampleOf({ prompt, groundTruth }: WarmUpRow, { policy, promptText }: WarmUpOptions): TokenSequence {
  const { tokenizer } = policy;
  return {
    prompt: promptTokens(tokenizer, promptText(prompt)),
    completion: [...tokenizer.encode(groundTruth.answer), tokenizer.end],
  };
}

/** Share of right ones among completions that are drawn for these rows, one each; unscorable ones do not count. */
async function measure(
  rows: readonly WarmUpRow[],
  plan: WarmUpPlan,
  { client, policy, promptText, patience }: WarmUpOptions,
  step: number,
): Promise<number> {
  const completions = await policy.sample({
    prompts: rows.map(({ prompt }) => promptTokens(policy.tokenizer, promptText(prompt))),
    of: Array.from(rows.keys()),
    tokensMax: plan.tokensMax,
    temperature: plan.temperature,
    random: createRandom(streamOf(plan.seed, 'accuracy', step)),
  });
  const asked = rows.flatMap((row, index) => {
    const completion = completions[index];
    return completion === undefined ? [] : [{ row, completion }];
  });
  const rewards: number[] = [];
  for (const [, alike] of Map.groupBy(asked, ({ row }) => JSON.stringify(row.reward))) {
    const { groups } = await patiently(
      'measure the warm-up',
      () =>
        client.score({
          reward: alike[0]?.row.reward,
          groups: alike.map(({ row: { prompt, groundTruth, choices }, completion }) => ({
            prompt,
            reference: { kind: 'inline', groundTruth, choices },
            completions: [
              {
                text: completion.text,
                finishReason: completion.finishReason,
                tokenCount: completion.tokens.length,
              },
            ],
          })),
        }),
      patience,
    );
    for (const { completions: results } of groups) {
      for (const { outcome } of results) if (outcome.kind === 'scored') rewards.push(outcome.reward);
    }
  }
  return rewards.filter((reward) => reward >= PASS_THRESHOLD).length / Math.max(1, rewards.length);
}
