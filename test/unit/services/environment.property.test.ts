// Random lives of a run, compared with the model after every step: who may do what, who gets which group next, what is
// counted, and that a result which was seen once never changes, whatever restarts in between.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunModel } from '../../support/run-model.ts';
import { Real, RULES, settle, steps } from '../../support/run-steps.ts';
import { RunWorld } from '../../support/run-world.ts';

describe('Environment', () => {
  it('Environment does what the model of a run does, through expiries, late submits and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (commands) => {
        const world = await RunWorld.start({ pairs: RULES.total });
        const { groupSize, maxAttempts, ttlMs: leaseTtlMs } = RULES;
        const runId = await world.openRun({ groupSize, maxAttempts, leaseTtlMs });
        const model = new RunModel(RULES);
        const real = new Real(world, runId);
        await fc.asyncModelRun(() => ({ model, real }), commands);
        expect(await settle(model, real)).toEqual([]);
      }),
      { numRuns: Number(process.env['GROUPWISE_MODEL_RUNS'] ?? 60) },
    );
  });
});
