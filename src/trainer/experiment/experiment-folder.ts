// Where an experiment is kept: what it was told, the base of each seed, and each arm that is finished. A file appears whole or not at
// all, so what is there was finished, and is not done again.

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { EnvError } from '../../core/errors.ts';
import type { Policy } from '../policy.ts';
import type { Arm, ArmRecord, BaseRecord, ExperimentPlan } from './plan.ts';

const PLAN = 'plan.json';
const BASE = 'base';

export class ExperimentFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws EnvError `failed_precondition` for a folder of an experiment with another plan */
  static async open(path: string, plan: ExperimentPlan): Promise<ExperimentFolder> {
    await mkdir(path, { recursive: true });
    const before = await readJson<ExperimentPlan>(join(path, PLAN));
    if (before === undefined) await writeJson(join(path, PLAN), plan);
    else requireSame(path, before, plan);
    return new ExperimentFolder(path);
  }

  async base(seed: number): Promise<BaseRecord | undefined> {
    return readJson<BaseRecord>(join(this.#seed(seed), 'base.json'));
  }

  async keepBase(seed: number, record: BaseRecord, policy: Pick<Policy, 'save'>): Promise<void> {
    await rm(this.basePolicy(seed), { recursive: true, force: true });
    await policy.save(this.basePolicy(seed));
    await writeJson(join(this.#seed(seed), 'base.json'), record);
  }

  /** Folder of the weights of the base. */
  basePolicy(seed: number): string {
    return join(this.#seed(seed), BASE);
  }

  async arm(seed: number, arm: Arm): Promise<ArmRecord | undefined> {
    return readJson<ArmRecord>(join(this.#seed(seed), `${arm}.json`));
  }

  async keepArm(record: ArmRecord): Promise<void> {
    await writeJson(join(this.#seed(record.seed), `${record.arm}.json`), record);
  }

  /** A folder that is not there. */
  async scratch(seed: number): Promise<string> {
    const path = join(this.#seed(seed), 'scratch');
    await rm(path, { recursive: true, force: true });
    return path;
  }

  #seed(seed: number): string {
    return join(this.#path, `seed-${seed}`);
  }
}

function requireSame(path: string, before: ExperimentPlan, now: ExperimentPlan): void {
  const [were, are] = [before, now].map((plan) => new Map<string, unknown>(Object.entries(plan)));
  const names = new Set([...(were?.keys() ?? []), ...(are?.keys() ?? [])]);
  const changed = Array.from(names).filter((name) => were?.get(name) !== are?.get(name));
  if (changed.length === 0) return;
  const words = changed.map(
    (name) => `${name} was ${String(were?.get(name))} and is ${String(are?.get(name))}`,
  );
  throw new EnvError(
    'failed_precondition',
    `Cannot go on with the experiment in "${path}": ${words.join(', ')}; use the same settings or another directory`,
  );
}

/** What this program has written; undefined when it is not there. */
async function readJson<Value>(path: string): Promise<Value | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Value;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new EnvError('data_loss', `Cannot read "${path}"`, { cause: error });
  }
}

async function writeJson(path: string, value: object): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(`${path}.partial`, `${JSON.stringify(value, undefined, 2)}\n`, { flush: true });
  await rename(`${path}.partial`, path);
}
