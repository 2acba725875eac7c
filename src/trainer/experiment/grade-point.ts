// One point of a curve: what an arm has used so far, and how its policy does, as it is and after the warm-up again. The warm-up again
// is the paper's fairness step (arXiv 2510.06499, section 5.1): a policy that has read nothing but texts may have lost the form of a
// question. Every arm gets it, so that what the warm-up itself teaches is in all of them.

import { rm } from 'node:fs/promises';

import { createRandom } from '../../core/random.ts';
import { refresh } from './base.ts';
import type { FlopMeter } from './flops.ts';
import { type Grading, gradeQuestions, gradeTexts } from './grading.ts';
import type { ArmPoint, ExperimentPlan, Grades, SeedData } from './plan.ts';
import { sourceTokens } from './texts.ts';

export interface ArmWorld extends Grading {
  readonly seed: number;
  readonly plan: ExperimentPlan;
  readonly data: SeedData;
  /** N of the floating-point operations. */
  readonly parameters: number;
  /** A folder that is not there, for the policy while it is refreshed. */
  readonly scratch: string;
  /** Told each point as it is found. */
  readonly tell: (point: ArmPoint) => void;
}

/** Grades the policy and leaves it as it was. */
export async function gradePoint(
  world: ArmWorld,
  used: { readonly documents: readonly string[]; readonly meter: FlopMeter },
): Promise<ArmPoint> {
  const { data, policy } = world;
  const tokens = used.documents.map((id) => {
    const record = data.source.get(id);
    if (record === undefined) throw new RangeError(`There is no source document ${id}`);
    return sourceTokens(record, policy.tokenizer);
  });
  const point = {
    documents: used.documents.length,
    source_tokens: tokens.reduce((sum, count) => sum + count, 0),
    flops: used.meter.flops,
    updates: used.meter.updates,
    ...(await gradesOf(world)),
  };
  world.tell(point);
  return point;
}

async function gradesOf(world: ArmWorld): Promise<Grades> {
  const { seed, plan, data, policy, scratch } = world;
  const greedy = { temperature: 0, random: createRandom(0) };
  const pass = await gradeQuestions(data.heldOut.rows, world, greedy);
  const stated = await gradeTexts(data.heldOut.records, policy);
  if (plan.refreshSteps === 0) return { pass, pass_refreshed: pass, stated };
  await policy.save(scratch);
  await refresh(seed, data.warmUp, plan, policy);
  const refreshed = await gradeQuestions(data.heldOut.rows, world, greedy);
  await policy.restore(scratch);
  await rm(scratch, { recursive: true });
  return { pass, pass_refreshed: refreshed, stated };
}
