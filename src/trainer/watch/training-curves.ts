// The curves of a training, as charts to be shown beside each other: every step has a point in each.

import type { ReportLines } from '../../core/report-document.ts';
import type { EvaluationDone, TrainingMetrics, TrainingStepDone } from '../training-event.ts';
import type { TrainingHistory } from './training-history.ts';

/** Steps of one point in the smoothed curve. */
const SMOOTHED = 20;

type Curve = readonly (readonly [x: number, y: number])[];
type MetricName = keyof TrainingMetrics;

/** One chart for each thing that was told at least once. */
export function trainingCurves({ steps, evaluations, warmUp }: TrainingHistory): readonly ReportLines[] {
  const of = (name: MetricName): Curve => curveOf(steps, name);
  const rewards = of('mean_reward');
  return [
    ...chart(
      'Reward',
      'mean reward',
      { name: 'each step', points: rewards },
      { name: `mean of ${SMOOTHED} steps`, points: steps.length > SMOOTHED ? smoothed(rewards) : [] },
      { name: 'first step', points: flat(rewards) },
    ),
    ...chart('Pass rate', 'share', { name: 'pass rate', points: of('pass_rate') }, ...evaluated(evaluations)),
    ...chart('Groups with nothing to learn', 'share', {
      name: 'zero-variance groups',
      points: of('zero_variance_share'),
    }),
    ...chart('Entropy', 'nats per token', { name: 'entropy', points: of('entropy') }),
    ...chart('Divergence from the reference', 'KL (k3)', { name: 'KL', points: of('kl') }),
    ...chart('Loss', 'loss', { name: 'loss', points: of('loss') }),
    ...chart('Gradient', 'norm before clipping', { name: 'norm', points: of('grad_norm') }),
    ...chart('Clipped tokens', 'share', { name: 'clipped', points: of('clipped_share') }),
    ...chart('Completions', 'tokens', { name: 'mean length', points: of('completion_tokens') }),
    ...chart('Cut off at the length limit', 'share', {
      name: 'truncated',
      points: of('truncated_share'),
    }),
    ...chart('Drift', 'policy versions', {
      name: 'drift',
      points: steps.some(({ metrics }) => metrics.drift > 0) ? of('drift') : [],
    }),
    ...chart('Speed', 'tokens per second', { name: 'tokens per second', points: of('tokens_per_s') }),
    ...chart(
      'Where the time goes',
      'seconds',
      { name: 'sampling', points: of('sample_s') },
      { name: 'scoring', points: of('score_s') },
      { name: 'training', points: of('train_s') },
    ),
    // Its steps come before those of all other charts, and are counted apart.
    ...chart('Warm-up', 'loss', {
      name: 'supervised loss',
      points: warmUp.map(({ step, loss }) => [step, loss] as const),
    }).map((lines) => ({ ...lines, x: 'warm-up step' })),
  ];
}

function curveOf(steps: readonly TrainingStepDone[], name: MetricName): Curve {
  return steps.flatMap(({ step, metrics }) => {
    const value = metrics[name];
    return value === undefined || !Number.isFinite(value) ? [] : [[step, value] as const];
  });
}

/** Means of the last steps, where there are enough. */
function smoothed(points: Curve): Curve {
  let sum = 0;
  return points.flatMap(([x, y], index) => {
    sum += y - (points[index - SMOOTHED]?.[1] ?? 0);
    return index + 1 < SMOOTHED ? [] : [[x, sum / SMOOTHED] as const];
  });
}

/** The first value all along: what a policy that learns nothing would show. */
function flat(points: Curve): Curve {
  const [first, last] = [points[0], points.at(-1)];
  return first === undefined || last === undefined || first === last ? [] : [first, [last[0], first[1]]];
}

function evaluated(evaluations: readonly EvaluationDone[]): ReportLines['series'] {
  return [true, false].map((greedy) => ({
    name: `evaluation, ${greedy ? 'greedy' : 'sampled'}`,
    points: evaluations
      .filter((each) => each.greedy === greedy)
      .map((each) => [each.step, each.pass_at_1] as const),
  }));
}

/** None where there is nothing to show. */
function chart(title: string, y: string, ...series: ReportLines['series']): readonly ReportLines[] {
  const shown = series.filter(({ points }) => points.length > 0);
  return shown.length === 0 ? [] : [{ kind: 'lines', title, x: 'training step', y, series: shown }];
}
