import { describe, expect, it } from 'vitest';

import type { ReportLines } from '../../../../src/core/report-document.ts';
import { trainingCurves } from '../../../../src/trainer/watch/training-curves.ts';
import { TrainingHistory } from '../../../../src/trainer/watch/training-history.ts';
import { trainingEvents } from '../../../support/training-events.ts';

function curvesOf(steps: number): readonly ReportLines[] {
  const history = new TrainingHistory();
  for (const event of trainingEvents(steps)) history.add(event);
  return trainingCurves(history);
}

describe('trainingCurves()', () => {
  it.each([
    [1, ['each step']],
    [20, ['each step', 'first step']],
    [21, ['each step', 'mean of 20 steps', 'first step']],
  ])('trainingCurves() of %i steps shows of the reward what there is: %j', (steps, names) => {
    const [reward] = curvesOf(steps);
    expect(reward?.title).toBe('Reward');
    expect(reward?.series.map(({ name }) => name)).toEqual(names);
  });

  it('trainingCurves() counts the steps of the warm-up apart from those of the training, and no chart twice', () => {
    const curves = curvesOf(30);
    const titles = curves.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    expect(curves.filter(({ x }) => x !== 'training step')).toEqual([
      expect.objectContaining({ title: 'Warm-up', x: 'warm-up step' }),
    ]);
  });
});
