// `groupwise generate`: documents, or a task definition, become a dataset. The options only: what runs is loaded when it is asked for,
// so that no other command waits for the readers of documents and the charts of reports.

import { type Command, InvalidArgumentError } from 'commander';
import { builtInRecipes } from '../adapters/recipe-file.ts';
import { defaultOf, GENERATE_SETTINGS, SETTINGS } from '../config.ts';
import { wholeNumber, withDataOption, withJsonOption } from './options.ts';

/** As commander hands them over. */
export interface GenerateFlags {
  readonly name: string;
  readonly data?: string;
  readonly task?: string;
  readonly recipe?: string;
  readonly plan?: true;
  readonly yes?: true;
  readonly budget?: number;
  readonly limit?: number;
  readonly report?: string;
  readonly control?: true;
  readonly prompts?: string;
  readonly generatorModel?: string;
  readonly policyModel?: string;
  readonly modelUrl?: string;
  readonly description?: string;
  readonly replace?: true;
  readonly json?: true;
}

export function registerGenerate(program: Command): void {
  const command = program
    .command('generate')
    .summary('Make a dataset from documents, or from a task definition')
    .description(
      'Makes a dataset of verifiable questions from documents, or from a task definition. Without a model, by rules alone. Every reply of a model is on disk before it is used: a run that was stopped goes on when the same command is given again, and pays for nothing twice.',
    )
    .argument('[source...]', 'files and folders: .txt, .md, .html, .pdf, .jsonl, .parquet, also .gz and .zst')
    .requiredOption('--name <name>', 'name of the dataset: letters, digits, ".", "_" and "-"');
  withJsonOption(withDataOption(command))
    .option('--task <file>', 'task definition (YAML): questions without documents')
    .option(
      '--recipe <name|file>',
      `stages, models, options: a YAML file, or one of ${builtInRecipes().join(', ')}`,
    )
    .option('--plan', 'check everything, print the plan with its estimate, and stop')
    .option('--yes', 'begin although the cost is not known, or likely above the budget')
    .option('--budget <usd>', 'most US dollars to spend in this start of the command', dollars)
    .option('--limit <n>', 'read so many documents at most', wholeNumber)
    .option(
      '--control',
      'make a second dataset, NAME-control: as many pairs, drawn before any stage looked at them',
    )
    .option(
      '--report <dir>',
      'write the report of the run to this folder: report.txt, report.json, report.html',
    );
  const prompts = SETTINGS.find(({ key }) => key === 'prompts');
  for (const setting of [...(prompts === undefined ? [] : [prompts]), ...GENERATE_SETTINGS]) {
    const fallback = defaultOf(setting);
    const noted = fallback === '' ? setting.variable : `${setting.variable}, default: ${fallback}`;
    command.option(setting.flag, `${setting.summary} (${noted})`);
  }
  command
    .option('--description <text>', 'what the dataset is')
    .option('--replace', 'make a new version of a dataset of this name; its runs keep the old one')
    .addHelpText('after', HELP)
    .action(async (paths: readonly string[], flags: GenerateFlags) => {
      const { generate } = await import('./generate/command.ts');
      await generate(paths, flags);
    });
}

/** Parser of an option that is an amount of money. */
function dollars(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/u.test(text) || !Number.isFinite(value))
    throw new InvalidArgumentError('Not an amount of dollars.');
  return value;
}

const HELP = `
Without --recipe: "extractive" where no model is named, "webscale-rl" where --generator-model (or its variable) names one,
"synthetic-data-rl" with --task. Sources on the command line take the place of those of the recipe.

Ctrl-C stops asking, keeps what is under way, and leaves no dataset; the same command goes on from there. The status is 0 only
when the dataset was made.

Examples:
  groupwise generate docs/ --name handbook
  groupwise generate wiki.parquet --name wiki --generator-model gpt-4.1 --plan
  groupwise generate wiki.parquet --name wiki --generator-model gpt-4.1 --budget 20
  groupwise generate --task task.yaml --name sums --recipe my-recipe.yaml --json`;
