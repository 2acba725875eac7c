// What a batch has to teach: its tokens, the loss, and the numbers that the loss takes for each token. Parts of a batch are fed
// from one lesson, so that they weigh what they weigh in the whole.

import type { Feed } from '../engine/engine.ts';
import { tokenWeights } from '../losses/aggregation.ts';
import type { LossPlan, TokenSequence, TrainedCompletion } from '../policy.ts';
import { table, type PackedPart } from './packing.ts';
import { float32 } from './tensors.ts';
import type { BuiltLoss } from './update-graphs.ts';

export interface Lesson {
  readonly loss: BuiltLoss | 'supervised';
  readonly sequences: readonly TokenSequence[];
  readonly temperature: number;
  /** What the graph of the loss takes beside the tokens. */
  readonly feeds: (part: PackedPart) => Readonly<Record<string, Feed>>;
}

/** @throws RangeError when log-probabilities are not one for each token, or no completion has a token */
export function policyLesson(completions: readonly TrainedCompletion[], plan: LossPlan): Lesson {
  const hasReference = plan.klWeight > 0;
  checkCompletions(completions, hasReference);
  const weights = tokenWeights(
    completions.map(({ completion }) => completion.length),
    plan,
  );
  const at = (index: number): TrainedCompletion => {
    const completion = completions[index];
    if (completion === undefined) throw new TypeError(`There is no completion ${index}`);
    return completion;
  };
  return {
    loss: { loss: plan.loss, clip: plan.clip, hasReference },
    sequences: completions,
    temperature: plan.temperature,
    feeds: (part) => {
      const each = (of: (index: number) => ArrayLike<number>): Feed =>
        float32([part.sequences.length, part.width], table(part, of));
      return {
        weights: each((index) => at(index).completion.map(() => weights[index] ?? 0)),
        mask: each((index) => at(index).completion.map(() => 1)),
        old: each((index) => at(index).old),
        advantages: float32(
          [part.sequences.length, 1],
          part.sequences.map((index) => at(index).advantage),
        ),
        ...(hasReference
          ? {
              reference: each((index) => at(index).reference ?? []),
              kl_weight: float32([], [plan.klWeight]),
            }
          : {}),
      };
    },
  };
}

/** Mean negative log-likelihood. @throws RangeError when no example has a token */
export function supervisedLesson(examples: readonly TokenSequence[]): Lesson {
  const tokens = tokensOf(examples);
  return {
    loss: 'supervised',
    sequences: examples,
    temperature: 1,
    feeds: (part) => {
      const weights = table(part, (index) => (examples[index]?.completion ?? []).map(() => 1 / tokens));
      return { weights: float32([part.sequences.length, part.width], weights) };
    },
  };
}

/** @throws RangeError when there is none */
export function tokensOf(sequences: readonly TokenSequence[]): number {
  const tokens = sequences.reduce((sum, { completion }) => sum + completion.length, 0);
  if (tokens === 0) throw new RangeError('Cannot take a training step: no completion has a token');
  return tokens;
}

function checkCompletions(completions: readonly TrainedCompletion[], hasReference: boolean): void {
  tokensOf(completions);
  completions.forEach(({ completion, old, reference, advantage }, index) => {
    if (old.length !== completion.length)
      throw new RangeError(
        `Completion ${index} has ${completion.length} tokens and ${old.length} old log-probabilities`,
      );
    if (hasReference && reference?.length !== completion.length)
      throw new RangeError(
        `Completion ${index} has ${completion.length} tokens and ${reference?.length ?? 'no'} reference log-probabilities`,
      );
    if (!Number.isFinite(advantage))
      throw new RangeError(`The advantage of completion ${index} is ${advantage}`);
  });
}
