// From a scored batch to what the policy learns from, and to the figures of the step. Pure. Unscorable members teach nothing, and
// groups without variance at most to stay near the reference: they are left out of the loss, and counted.

import { mean } from '../../core/statistics.ts';
import { PASS_THRESHOLD } from '../../core/pass-rate.ts';
import type { StepMetrics, TrainedCompletion } from '../policy.ts';
import type { ShownCompletion, TrainingMetrics } from '../training-event.ts';
import type { ScoredBatch, ScoredMember } from './batch.ts';
import type { PromptText } from './draw.ts';

/** Completions that are shown of each step. */
const SHOWN = 4;

/**
 * The completions that have something to teach; without reference log-probabilities.
 * @param klWeight above 0, the divergence counts for every completion, whatever its group earned
 */
export function lessonOf(
  { groups }: ScoredBatch,
  { klWeight }: { readonly klWeight: number },
): readonly TrainedCompletion[] {
  return groups.flatMap(({ tokens, members }) => {
    if (klWeight === 0 && members.every(({ advantage }) => advantage === 0)) return [];
    return members.filter(isScored).map(({ completion, advantage }) => ({
      prompt: tokens,
      completion: completion.tokens,
      old: completion.logProbabilities,
      advantage,
    }));
  });
}

/** Why there is nothing to learn from. */
export function whyNothing({ groups }: ScoredBatch): string {
  const flat = groups.filter(({ flags }) => flags.includes('zero_variance')).length;
  return flat === groups.length
    ? 'all completions of each prompt earned the same'
    : `${flat} of ${groups.length} groups without variance, the others with fewer than two scored completions`;
}

/** Rewards of the scored completions. */
export function rewardsOf({ groups }: ScoredBatch): readonly number[] {
  return groups.flatMap(({ members }) =>
    members.flatMap(({ outcome }) => (outcome.kind === 'scored' ? [outcome.reward] : [])),
  );
}

/** What the loop knows of a step besides its batch. */
export interface StepFacts {
  readonly updates: readonly StepMetrics[];
  readonly learningRate: number;
  /** Policy version at training. */
  readonly version: number;
  readonly trainSeconds: number;
  /** Of the whole step, from end to end. */
  readonly seconds: number;
}

/** @param batch has at least one scored completion */
export function metricsOf(batch: ScoredBatch, facts: StepFacts): TrainingMetrics {
  const rewards = rewardsOf(batch);
  const members = batch.groups.flatMap(({ members: its }) => its);
  const tokens = tokensOf(batch);
  const { updates } = facts;
  const kls = updates.flatMap(({ kl }) => kl ?? []);
  return {
    mean_reward: mean(rewards),
    pass_rate: shareOf(rewards, (reward) => reward >= PASS_THRESHOLD),
    zero_variance_share: shareOf(batch.groups, ({ flags }) => flags.includes('zero_variance')),
    unscorable: members.length - rewards.length,
    truncated_share: shareOf(members, ({ completion }) => completion.finishReason === 'length'),
    completion_tokens: tokens / members.length,
    entropy: -mean(members.flatMap(({ completion }) => completion.logProbabilities)),
    ...(updates.length > 0 && {
      loss: mean(updates.map(({ loss }) => loss)),
      grad_norm: mean(updates.map(({ gradientNorm }) => gradientNorm)),
      clipped_share: mean(updates.map(({ clippedShare }) => clippedShare)),
    }),
    ...(kls.length > 0 && { kl: mean(kls) }),
    learning_rate: facts.learningRate,
    drift: facts.version - batch.version,
    tokens,
    tokens_per_s: tokens / facts.seconds,
    sample_s: batch.sampleSeconds,
    score_s: batch.scoreSeconds,
    train_s: facts.trainSeconds,
  };
}

/** Tokens that were drawn for the batch. */
function tokensOf({ groups }: ScoredBatch): number {
  return groups.reduce(
    (sum, { members }) =>
      sum + members.reduce((count, { completion }) => count + completion.tokens.length, 0),
    0,
  );
}

/** The first completion of each of the first groups. */
export function shownOf({ groups }: ScoredBatch, promptText: PromptText): readonly ShownCompletion[] {
  return groups.slice(0, SHOWN).flatMap(({ prompt, members }) =>
    members.slice(0, 1).map(({ completion, outcome, advantage }) => ({
      prompt: promptText(prompt),
      completion: completion.text,
      outcome,
      advantage,
    })),
  );
}

function isScored({ outcome }: ScoredMember): boolean {
  return outcome.kind === 'scored';
}

function shareOf<Item>(items: readonly Item[], isOne: (item: Item) => boolean): number {
  return items.filter(isOne).length / items.length;
}
