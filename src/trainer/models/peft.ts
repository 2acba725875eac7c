// Adapters as PEFT's folders (https://huggingface.co/docs/peft/developer_guides/checkpoint): `adapter_config.json` beside
// `adapter_model.safetensors`, which PEFT, vLLM and SGLang load. An adapter that would be computed differently here is refused.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { EnvError } from '../../core/errors.ts';
import type { DecoderConfig } from '../engine/decoder/config.ts';
import { loraShapes, PROJECTIONS, type LoraPlan } from './lora.ts';
import { readSafetensors, type FloatTensor } from './safetensors.ts';

export const ADAPTER_CONFIG_FILE = 'adapter_config.json';
export const ADAPTER_WEIGHTS_FILE = 'adapter_model.safetensors';

export interface Adapter {
  readonly plan: LoraPlan;
  /** A and B by the names of `loraShapes`. */
  readonly tensors: ReadonlyMap<string, FloatTensor>;
}

/** The text of `adapter_config.json`. @param base folder or name of the checkpoint that the adapter belongs to */
export function adapterConfigText(plan: LoraPlan, base: string): string {
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: base,
    revision: null,
    inference_mode: true,
    r: plan.rank,
    lora_alpha: plan.alpha,
    lora_dropout: 0,
    target_modules: plan.projections,
    use_rslora: plan.isRankStabilised,
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    modules_to_save: null,
    layers_to_transform: null,
    layers_pattern: null,
    rank_pattern: {},
    alpha_pattern: {},
    use_dora: false,
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** @throws EnvError that names the file, for an adapter that is broken, of another model, or of a kind not computed here */
export async function readAdapter(folder: string, config: DecoderConfig): Promise<Adapter> {
  const plan = await readPlan(join(folder, ADAPTER_CONFIG_FILE));
  const path = join(folder, ADAPTER_WEIGHTS_FILE);
  const { tensors } = await readSafetensors(path);
  const shapes = loraShapes(config, plan);
  for (const { name, dims } of shapes) {
    const found = tensors.get(name);
    if (found === undefined) throw refused(path, `it has no "${name}"`);
    if (found.dims.join() !== dims.join())
      throw refused(path, `"${name}" is [${found.dims.join(', ')}], not [${dims.join(', ')}]`);
  }
  const known = new Set(shapes.map(({ name }) => name));
  const unknown = [...tensors.keys()].find((name) => !known.has(name));
  if (unknown !== undefined) throw refused(path, `${ADAPTER_CONFIG_FILE} says nothing of its "${unknown}"`);
  return { plan, tensors };
}

const PLAN = z.object({
  peft_type: z.literal('LORA'),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  target_modules: z.array(z.enum(PROJECTIONS)).nonempty(),
  use_rslora: z.boolean().nullish(),
  bias: z.literal('none').default('none'),
  // What adapters of these begin with leaves the frozen weights as they are.
  init_lora_weights: z.union([z.boolean(), z.literal('gaussian')]).default(true),
});

/** Members that change nothing of what an adapter computes: notes, how it was trained, and sizes for what is not in use. */
const WITHOUT_EFFECT = new Set([
  'task_type',
  'base_model_name_or_path',
  'revision',
  'inference_mode',
  'auto_mapping',
  'peft_version',
  'lora_dropout',
  'layers_pattern',
  'megatron_core',
  'qalora_group_size',
  'runtime_config',
]);

async function readPlan(path: string): Promise<LoraPlan> {
  let file: unknown;
  try {
    file = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new EnvError('failed_precondition', `Cannot read "${path}"`, { cause: error });
  }
  const parsed = PLAN.safeParse(file);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  // PEFT gains members with every release; what is switched off is written, too.
  const set = Object.entries(file as object).find(
    ([name, value]) => !(name in PLAN.shape) && !WITHOUT_EFFECT.has(name) && !isNothing(value),
  );
  if (set !== undefined) throw refused(path, `${set[0]}: not supported`);
  const { data } = parsed;
  return {
    rank: data.r,
    alpha: data.lora_alpha,
    isRankStabilised: data.use_rslora === true,
    projections: PROJECTIONS.filter((projection) => data.target_modules.includes(projection)),
  };
}

function isNothing(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === null || value === false;
}

function refused(path: string, reason: string): EnvError {
  return new EnvError('failed_precondition', `Cannot use the adapter "${path}": ${reason}`);
}
