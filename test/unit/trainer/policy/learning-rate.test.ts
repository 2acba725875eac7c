import { describe, expect, it } from 'vitest';

import { learningRateAt } from '../../../../src/trainer/policy/learning-rate.ts';

describe('learningRateAt()', () => {
  it.each([
    { step: 1, rate: 0.2 },
    { step: 5, rate: 1 },
    { step: 60, rate: 1 },
    { step: 240, rate: 0.5 },
    { step: 6000, rate: 0.1 },
  ])('is $rate of the peak at step $step', ({ step, rate }) => {
    expect(learningRateAt(step, 1)).toBeCloseTo(rate, 12);
    expect(learningRateAt(step, 3e-4)).toBeCloseTo(3e-4 * rate, 12);
  });
});
