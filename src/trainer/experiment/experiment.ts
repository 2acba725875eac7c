// Data efficiency in small, after "Webscale-RL" (arXiv 2510.06499, section 5.3): the same tiny model learns from the same documents by
// continued pretraining and by reinforcement on the questions that were generated from them. Here: seed after seed, arm after arm.

import type { CallsClient } from '../../client/calls-client.ts';
import type { Patience } from '../loop/patience.ts';
import type { Policy } from '../policy.ts';
import { makeBase } from './base.ts';
import type { ExperimentFolder } from './experiment-folder.ts';
import type { ArmWorld } from './grade-point.ts';
import {
  type Arm,
  type ArmPoint,
  type ArmRecord,
  ARMS,
  type BaseRecord,
  type ExperimentPlan,
  type SeedData,
} from './plan.ts';
import { pretrain } from './pretraining-arm.ts';
import { reinforce } from './reinforcement-arm.ts';

export type ExperimentEvent =
  | ({ readonly kind: 'base'; readonly seed: number } & BaseRecord)
  | {
      readonly kind: 'point';
      readonly seed: number;
      readonly arm: Arm;
      readonly index: number;
      readonly point: ArmPoint;
    };

export interface ExperimentOptions {
  readonly seeds: readonly number[];
  readonly plan: ExperimentPlan;
  readonly dataOf: (seed: number) => Promise<SeedData>;
  /** A new policy, with the first weights of this seed. */
  readonly openPolicy: (seed: number) => Promise<Policy>;
  readonly parameters: number;
  readonly client: CallsClient;
  readonly folder: ExperimentFolder;
  readonly patience: Patience;
  readonly tell: (event: ExperimentEvent) => void;
}

export interface SeedRecord {
  readonly seed: number;
  readonly base: BaseRecord;
  readonly arms: Readonly<Record<Arm, ArmRecord>>;
}

/** What is finished in the folder is taken from there. @throws EnvError `cancelled` when it is told to stop */
export async function runExperiment(options: ExperimentOptions): Promise<readonly SeedRecord[]> {
  const records: SeedRecord[] = [];
  for (const seed of options.seeds)
    records.push((await finished(seed, options)) ?? (await runSeed(seed, options)));
  return records;
}

async function finished(seed: number, { folder }: ExperimentOptions): Promise<SeedRecord | undefined> {
  const base = await folder.base(seed);
  const [reinforcement, pretraining, repeated] = await Promise.all(ARMS.map((arm) => folder.arm(seed, arm)));
  if (
    base === undefined ||
    reinforcement === undefined ||
    pretraining === undefined ||
    repeated === undefined
  )
    return undefined;
  return { seed, base, arms: { reinforcement, pretraining, 'pretraining-repeated': repeated } };
}

async function runSeed(seed: number, options: ExperimentOptions): Promise<SeedRecord> {
  const { plan, folder, client, patience, parameters, tell } = options;
  const data = await options.dataOf(seed);
  const policy = await options.openPolicy(seed);
  try {
    let base = await folder.base(seed);
    if (base === undefined) {
      base = await makeBase(seed, data.warmUp, plan, { client, patience, policy });
      await folder.keepBase(seed, base, policy);
    }
    tell({ kind: 'base', seed, ...base });
    const armOf = async (arm: Arm, run: (world: ArmWorld) => Promise<ArmRecord>): Promise<ArmRecord> => {
      const before = await folder.arm(seed, arm);
      if (before !== undefined) return before;
      await policy.restore(folder.basePolicy(seed));
      let index = 0;
      const scratch = await folder.scratch(seed);
      const say = (point: ArmPoint): void => tell({ kind: 'point', seed, arm, index: index++, point });
      const record = await run({
        seed,
        plan,
        data,
        policy,
        parameters,
        client,
        patience,
        scratch,
        tell: say,
      });
      await folder.keepArm(record);
      return record;
    };
    const reinforcement = await armOf('reinforcement', reinforce);
    const reading = (arm: 'pretraining' | 'pretraining-repeated'): Promise<ArmRecord> =>
      armOf(arm, (world) => pretrain(arm, world, reinforcement));
    const pretraining = await reading('pretraining');
    return {
      seed,
      base,
      arms: { reinforcement, pretraining, 'pretraining-repeated': await reading('pretraining-repeated') },
    };
  } finally {
    await policy.close();
  }
}
