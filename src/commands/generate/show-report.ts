// What a generation run did, for people: the funnel stage by stage with reasons, what it cost, and the dataset it made.

import type { Reasoned, RunReport, StageReport } from '../../generate/engine/funnel.ts';
import { formatCount, formatCounts, printLine, printNote } from '../options.ts';
import type { GenerationResult } from './run-generation.ts';
import { allDropped } from './report-json.ts';
import { costText, formatUsd } from './show-plan.ts';

const REASONS_MAX = 6;

export function showReport({ report, made, control }: GenerationResult): void {
  const { source } = report;
  // A recipe that begins with a task reads none.
  if (source.bytesTotal > 0 || source.documents > 0) {
    printNote(
      `Read ${formatCount(source.documents)} documents, ${formatCount(source.passages)} passages${reasonsText('; not readable', source.broken)}`,
    );
  }
  for (const stage of report.stages) printNote(stageText(stage));
  printNote(`  asked ${askedText(report)}`);
  if (made === undefined) return;
  const { info, checked } = made;
  for (const [reason, count] of Object.entries(checked.rejected)) {
    const first = checked.examples.find((example) => example.reason === reason)?.detail ?? '';
    printNote(`  left out at the end: ${reason} ${formatCount(count)} (${first})`);
  }
  const dropped = Object.values(allDropped(report, checked)).reduce((sum, count) => sum + count, 0);
  printLine(`Dataset "${info.name}", version ${info.version}`);
  printLine(`  rows          ${formatCount(checked.rowsAdded)} (${formatCount(dropped)} dropped on the way)`);
  printLine(`  splits        ${formatCounts(info.splits)}`);
  printLine(`  answer types  ${formatCounts(info.answerTypes)}`);
  if (report.costUsd !== null && report.costUsd > 0 && checked.rowsAdded > 0) {
    printLine(`  cost a row    ${formatUsd(report.costUsd / checked.rowsAdded)}`);
  }
  printLine(`  took          ${(report.elapsedMs / 1000).toFixed(1)} s`);
  if (control !== undefined)
    printLine(`Control "${control.name}", version ${control.version}: ${formatCounts(control.splits)}`);
}

function stageText({ name, in: came, kept, made, dropped, unfinished }: StageReport): string {
  const parts = [
    `${formatCount(came)} in`,
    ...(kept > 0 ? [`${formatCount(kept)} kept`] : []),
    ...(made > 0 ? [`${formatCount(made)} made`] : []),
    ...(unfinished.count > 0 ? [`${formatCount(unfinished.count)} unfinished`] : []),
  ];
  return `  ${name}: ${parts.join(', ')}${reasonsText('; dropped', dropped)}`;
}

function reasonsText(what: string, reasons: readonly Reasoned[]): string {
  if (reasons.length === 0) return '';
  const named = formatCounts(
    reasons.slice(0, REASONS_MAX).map(({ reason, count }) => ({ name: reason, count })),
  );
  return `${what}: ${named}${reasons.length > REASONS_MAX ? ', …' : ''}`;
}

function askedText({ stages, calls, costUsd }: RunReport): string {
  const cached = stages.reduce((sum, stage) => sum + stage.cached, 0);
  if (calls === 0 && cached === 0) return 'no model';
  const kept = cached === 0 ? '' : `, ${formatCount(cached)} replies were there already`;
  return `${formatCount(calls)} calls, ${costText(costUsd)}${kept}`;
}
