// Two leases of one group, two workers for each, each completion handed in twice: whatever the order in which submits come
// in, commits happen and verdicts arrive, one lease wins, all of its workers see one result, and nothing is scored twice.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupResult, LeasedGroup } from '../../../src/core/calls.ts';
import { EnvError } from '../../../src/core/errors.ts';
import { completionsFor, RunWorld } from '../../support/run-world.ts';

type Answer = GroupResult | EnvError;

const MEMBERS = [0, 1];
const COPIES = ['first', 'again'];

function textsOf(group: LeasedGroup, member: number): (string | undefined)[] {
  return MEMBERS.map((index) => (index === member ? `right later ${group.leaseId} ${index}` : undefined));
}

describe('Environment.submitCompletions()', () => {
  it('Environment.submitCompletions() gives one result under every interleaving of submits, commits and verdicts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const world = await RunWorld.start({
          pairs: 1,
          defer: (run) => void scheduler.schedule(Promise.resolve(), 'commit').then(run),
        });
        const runId = await world.openRun();
        const [late] = await scheduler.waitFor(world.lease(runId));
        world.clock.pass(10_000);
        const [newer] = await scheduler.waitFor(world.lease(runId));
        if (late === undefined || newer === undefined) throw new Error('No group');

        const answers: Answer[] = [];
        const submit = async (group: LeasedGroup, member: number, copy: string): Promise<void> => {
          await scheduler.schedule(Promise.resolve(), `${copy} ${group.leaseId} ${member}`);
          const groups = [completionsFor(group, textsOf(group, member))];
          try {
            answers.push(...(await world.environment.submitCompletions({ runId, groups, wait: true })));
          } catch (error) {
            if (!(error instanceof EnvError)) throw error;
            answers.push(error);
          }
        };
        const submits = [late, newer].flatMap((group) =>
          MEMBERS.flatMap((member) => COPIES.map((copy) => submit(group, member, copy))),
        );
        while (answers.length < submits.length) {
          await scheduler.waitIdle();
          // The scheduler also says which verdict comes first.
          void scheduler.schedule(Promise.resolve(), 'verdict').then(() => world.scorer.decide());
        }
        await scheduler.waitIdle();
        world.scorer.decideAll();
        await Promise.all(submits);

        const refused = answers.filter((answer) => answer instanceof EnvError);
        expect(new Set(refused.map(({ code }) => code))).toEqual(
          new Set(refused.length > 0 ? ['already_exists'] : []),
        );
        const results = answers.flatMap((answer) => (answer instanceof EnvError ? [] : [answer]));
        const done = results.filter(({ state }) => state === 'completed');
        expect(done.length).toBeGreaterThanOrEqual(2);
        for (const result of done) expect(result).toEqual(done[0]);
        expect([...world.scorer.asked.values()].every((times) => times === 1)).toBe(true);

        const { leases, groups, completions } = await scheduler.waitFor(
          world.environment.getAccounting(runId),
        );
        expect(leases).toMatchObject({ leased: 2, completed: 1, open: 0, quarantined: 0 });
        expect(leases.expired + leases.released).toBe(1);
        expect(groups).toMatchObject({ issued: 1, completed: 1, inProgress: 0 });
        expect(completions).toMatchObject({ inFlight: 0, scored: world.scorer.asked.size });
        expect(completions.submitted + completions.repeats + refused.length).toBe(submits.length);
      }),
      { numRuns: 100 },
    );
  });
});
