// The plan of a generation run, for people: what goes in, which stages, what they will likely ask and cost.

import { basename } from 'node:path';
import type { InputSize, RunForecast, StageForecast } from '../../generate/engine/estimate.ts';
import { formatCount, printNote } from '../options.ts';
import type { Preparation } from './prepare.ts';

export interface Forecast {
  readonly input: InputSize;
  readonly run: RunForecast;
}

export function showPlan(
  { recipe, recipePath, task, documents, stages, budgetUsd }: Preparation,
  forecast: Forecast | undefined,
): void {
  printNote(
    `Recipe "${recipe.name}" (${basename(recipePath)})${recipe.description === '' ? '' : `: ${recipe.description}`}`,
  );
  if (task !== undefined) printNote(`  task       ${task.name}`);
  if (documents !== undefined) printNote(`  documents  ${inputText(documents.bytesTotal, forecast?.input)}`);
  for (const { name, model, endpoints } of recipe.models) {
    const where = endpoints.map(({ baseUrl }) => baseUrl).join(', ');
    printNote(`  model      ${name}: ${model}${where === '' ? '' : ` at ${where}`}`);
  }
  printNote(
    `  budget     ${budgetUsd === undefined ? 'none' : `${formatUsd(budgetUsd)} for this start of the command`}`,
  );
  if (forecast === undefined) {
    printNote(
      `  stages     ${stages.map(({ name }) => name).join(' → ')}; no model is asked, so nothing is spent`,
    );
    return;
  }
  const rows = [HEADINGS, ...forecast.run.stages.map(stageRow)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    printNote(
      `  ${row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`.trimEnd(),
    );
  }
  const { pairs, calls, promptTokens, completionTokens, costUsd } = forecast.run;
  printNote(
    `  Estimate: ${about(calls)} calls, ${about(promptTokens)} tokens in, ${about(completionTokens)} out, ${costText(costUsd)}; ${about(pairs)} pairs`,
  );
}

const HEADINGS: readonly string[] = ['stage', 'model', 'items', 'calls', 'tokens in', 'tokens out', 'cost'];

function stageRow({
  name,
  model,
  items,
  calls,
  promptTokens,
  completionTokens,
  costUsd,
}: StageForecast): readonly string[] {
  if (calls === 0) return [name, '', about(items), '', '', '', ''];
  const cost = costUsd === null ? 'unknown' : formatUsd(costUsd);
  return [name, model ?? '', about(items), about(calls), about(promptTokens), about(completionTokens), cost];
}

function inputText(bytesTotal: number, input: InputSize | undefined): string {
  const size = `${formatCount(Math.ceil(bytesTotal / 1024))} KiB`;
  if (input === undefined) return size;
  const counts = `${formatCount(input.documents)} in ${formatCount(input.passages)} passages`;
  return `${input.isCounted ? '' : 'about '}${counts}, ${size}`;
}

/** For an estimate: digits that mean something. */
function about(count: number): string {
  return formatCount(count < 1_000 ? Math.round(count) : Number(count.toPrecision(3)));
}

export function costText(costUsd: number | null): string {
  return costUsd === null ? 'cost unknown (a model without a known price)' : formatUsd(costUsd);
}

/** Small sums with the digits that they need. */
export function formatUsd(usd: number): string {
  if (usd === 0) return '$0';
  return `$${usd.toFixed(usd >= 1 ? 2 : Math.min(20, 1 - Math.floor(Math.log10(usd))))}`;
}
