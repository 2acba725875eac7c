// Datasets that commands make for themselves, of the documents that come along, as `groupwise generate` would and without a word.

import { fileURLToPath } from 'node:url';

import { SystemClock } from '../../adapters/system-clock.ts';
import { readSettings } from '../../config.ts';
import { EnvError } from '../../core/errors.ts';
import { prepareGeneration } from './prepare.ts';
import { type GenerationResult, runGeneration } from './run-generation.ts';

const DOCUMENTS = fileURLToPath(new URL('../../../examples/documents', import.meta.url));
const NEVER = new AbortController().signal;

/** @param recipe one that asks no model */
export async function generateFromExamples(
  dataDir: string,
  { name, recipe }: { readonly name: string; readonly recipe: string },
): Promise<GenerationResult & { readonly made: NonNullable<GenerationResult['made']> }> {
  const settings = readSettings({ data: dataDir });
  const result = await runGeneration(prepareGeneration([DOCUMENTS], { recipe }, settings), {
    name,
    description: undefined,
    mayReplace: false,
    makesControl: false,
    settings,
    clock: new SystemClock(),
    interrupt: { interrupt: NEVER, giveUp: NEVER, stop: () => {} },
    say: () => {},
    onStart: () => {},
  });
  const { made } = result;
  if (made === undefined)
    throw new EnvError('internal', `Cannot make the dataset "${name}" of the example documents`);
  return { ...result, made };
}
