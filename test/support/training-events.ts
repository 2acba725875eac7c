// A made-up training, as it is told to watchers.

import type {
  TrainingEvent,
  TrainingMetrics,
  TrainingStart,
  TrainingStepDone,
} from '../../src/trainer/training-event.ts';

export function trainingStart(more: Partial<TrainingStart> = {}): TrainingStart {
  return {
    kind: 'start',
    policy: 'tiny decoder, 0.44 M parameters',
    device: 'cpu',
    dataset: 'arithmetic',
    run_id: 'run-1',
    estimator: 'grpo',
    seed: 1,
    steps: 40,
    resumed_at: 0,
    settings: { prompts_per_step: 64, group_size: 16, learning_rate: 5e-4, clip: '0.2' },
    ...more,
  };
}

/** Step `step` of a training whose reward rises from 0.3 towards 1. */
export function trainingStep(
  step: number,
  metrics: Partial<TrainingMetrics> = {},
  more: Partial<TrainingStepDone> = {},
): TrainingStepDone {
  const reward = 1 - 0.7 * 0.95 ** step;
  return {
    kind: 'step',
    step,
    wall_s: step * 0.5,
    metrics: {
      mean_reward: reward,
      pass_rate: reward,
      zero_variance_share: reward / 2,
      unscorable: 0,
      truncated_share: 0.01,
      completion_tokens: 3,
      entropy: 0.9 * 0.97 ** step,
      loss: -0.01,
      grad_norm: 0.8,
      clipped_share: 0.05,
      kl: 0.0123 * step,
      learning_rate: 5e-4,
      drift: 0,
      tokens: 3072,
      tokens_per_s: 12_345,
      sample_s: 0.1,
      score_s: 0.05,
      train_s: 0.35,
      ...metrics,
    },
    shown: [
      {
        prompt: '37+48=',
        completion: '85',
        outcome: { kind: 'scored', reward: 1, scores: [] },
        advantage: 0.7,
      },
      {
        prompt: '12+30=',
        completion: '43',
        outcome: { kind: 'scored', reward: 0, scores: [] },
        advantage: -0.7,
      },
    ],
    ...more,
  };
}

export function trainingEvents(steps: number): readonly TrainingEvent[] {
  const evaluation = { kind: 'evaluation', split: 'test', questions: 200, greedy: true } as const;
  return [
    trainingStart({ steps }),
    { kind: 'warm-up', step: 50, loss: 1.2, target: 0.2 },
    { kind: 'warm-up', step: 100, loss: 0.9, accuracy: 0.22, target: 0.2 },
    { ...evaluation, step: 0, when: 'before', pass_at_1: 0.3, low: 0.24, high: 0.37 },
    ...Array.from({ length: steps }, (_, index) => trainingStep(index + 1)),
    { ...evaluation, step: steps, when: 'after', pass_at_1: 0.9, low: 0.85, high: 0.93 },
    {
      kind: 'end',
      first_reward: 0.335,
      final_reward: 0.88,
      steps,
      wall_s: steps / 2,
      tokens_per_s: 6_100,
      device: 'cpu',
    },
  ];
}
