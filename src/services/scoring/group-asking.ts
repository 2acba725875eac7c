// The scorers of a recipe asked about the completions of one group side by side: each completion goes on alone up to the next
// group-wise scorer, which is then asked about all that have come so far.

import { NO_ANSWER } from '../../core/reward.ts';
import type { VerifierInput } from '../../core/verifiers/verifier.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CompletionProgress } from './completion-progress.ts';
import type { GroupWise } from './scorer.ts';
import type { PreparedRecipe, Step } from './scoring.ts';
import { untilTimeLimit } from './time-limit.ts';

/** One completion of the group, until a scorer of it rejects. */
export class GroupMember {
  readonly progress: CompletionProgress;
  failure: PromiseRejectedResult | undefined;

  constructor(progress: CompletionProgress) {
    this.progress = progress;
  }

  async ask(from: number, to: number): Promise<void> {
    if (this.failure !== undefined || this.progress.hasEnded()) return;
    try {
      await this.progress.askSteps(from, to);
    } catch (reason) {
      this.fail(reason);
    }
  }

  fail(reason: unknown): void {
    this.failure = { status: 'rejected', reason };
  }
}

/** Resolves when all scorers have spoken; never rejects. */
export async function askGroup(
  { steps }: PreparedRecipe,
  members: readonly GroupMember[],
  clock: Clock,
): Promise<void> {
  let from = 0;
  for (const [at, step] of steps.entries()) {
    const { groupWise } = step.scorer;
    if (groupWise === undefined) continue;
    await Promise.all(members.map((member) => member.ask(from, at)));
    await compare(members, step, groupWise, clock);
    from = at + 1;
  }
  await Promise.all(members.map((member) => member.ask(from, steps.length)));
}

async function compare(
  members: readonly GroupMember[],
  step: Step,
  groupWise: GroupWise,
  clock: Clock,
): Promise<void> {
  const compared: GroupMember[] = [];
  const inputs: VerifierInput[] = [];
  for (const member of members) {
    if (member.failure !== undefined || !member.progress.isFor(step)) continue;
    const input = member.progress.inputOf(step);
    if (input === undefined) {
      member.progress.report(step, NO_ANSWER);
      continue;
    }
    compared.push(member);
    inputs.push(input);
  }
  if (inputs.length === 0) return;
  try {
    const findings = await untilTimeLimit(clock, step.use.timeLimitMs, (signal) =>
      groupWise.scoreGroup(inputs, signal),
    );
    compared.forEach(({ progress }, index) => {
      const finding = findings[index];
      if (finding === undefined) throw new Error(`Scorer "${step.use.name}" gave too few findings`);
      progress.report(step, finding);
    });
  } catch (reason) {
    for (const member of compared) member.fail(reason);
  }
}
