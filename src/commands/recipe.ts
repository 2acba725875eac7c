// `groupwise recipe import`: recipes out of what others call graders. Reads one file and writes what scores as it does.

import type { Command } from 'commander';
import { importOpenAiScorer } from './recipe/import-grader.ts';
import { printJson, printLine, printNote, withJsonOption } from './options.ts';

interface Flags {
  readonly out?: string;
  readonly scorers?: string;
  readonly prompts?: string;
  readonly model?: string;
  readonly overwrite?: true;
  readonly json?: true;
}

export function registerRecipe(program: Command): void {
  const recipe = program
    .command('recipe')
    .description('Make recipes out of graders written for other products');
  const command = recipe
    .command('import')
    .summary('Turn the JSON of an OpenAI grader into a recipe')
    .description(
      'Reads an OpenAI grader (string_check, text_similarity, score_model, multi) and prints the recipe that scores as it does, for ' +
        '--reward, --compat-reward and rows. A score_model needs a judge: it is added to the scorers file, and its messages ' +
        'become a template in the folder of prompts. Kinds that no recipe can be (python, label_model, endpoint) are ' +
        'refused with what to do instead. See docs/graders.md.',
    )
    .argument('<file>', 'grader as JSON')
    .option(
      '--out <file>',
      'write the recipe there instead of printing it; needed for a score_model and a cosine',
    )
    .option(
      '--scorers <file>',
      'scorers file that judges and cosines are added to (default: scorers.yaml beside --out)',
    )
    .option(
      '--prompts <dir>',
      'folder of prompts that the templates are written into (default: prompts beside --out)',
    )
    .option('--model <name>', "model of the judges instead of the grader's own")
    .option('--overwrite', 'replace the recipe, the judges and the templates that are there');
  withJsonOption(command)
    .addHelpText(
      'after',
      '\nJudges are asked at OPENAI_BASE_URL (default: https://api.openai.com/v1); the key stays in the environment.',
    )
    .action((file: string, flags: Flags) => run(file, flags));
}

function run(file: string, flags: Flags): void {
  const report = importOpenAiScorer(file, flags);
  if (flags.json === true) {
    printJson(report);
    return;
  }
  for (const note of report.notes) printNote(`Note: ${note}`);
  if (report.out === undefined) {
    printLine(JSON.stringify(report.recipe));
    return;
  }
  printLine(`Recipe: ${report.out}`);
  if (report.judges.length > 0) {
    printLine(`Scorers: ${report.judges.join(', ')} in ${report.scorers ?? ''}`);
    for (const template of report.templates) printLine(`Template: ${template}`);
  }
  const scorers = report.scorers === undefined ? '' : ` --scorers ${report.scorers}`;
  const prompts = report.templates.length === 0 ? '' : ` --prompts ${report.prompts ?? ''}`;
  printLine('');
  printLine(`  npx groupwise score completions.jsonl --reward @${report.out}${scorers}${prompts}`);
  printLine(`  npx groupwise serve --compat-reward @${report.out}${scorers}${prompts}`);
}
