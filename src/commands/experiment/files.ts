// What an experiment leaves in its directory: the report for people and the numbers for programs.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { diskError } from '../../adapters/disk.ts';
import { reportPage } from '../../adapters/report-page.ts';
import type { ReportDocument } from '../../core/report-document.ts';
import { reportText } from '../../core/report-text.ts';
import type { ReportFacts } from '../../trainer/experiment/experiment-report.ts';
import { pointRows, pointsCsv, pointsJsonLines } from '../../trainer/experiment/point-rows.ts';

/** The numbers of the whole experiment, without the points of single seeds. */
export function summaryOf(facts: ReportFacts): object {
  const { plan, records, comparison, model, parameters, device, seconds } = facts;
  return {
    experiment: 'data-efficiency',
    seeds: comparison.seeds,
    model,
    parameters,
    flops_formula: 'parameters * (2 * tokens read or drawn + 4 * tokens learned from)',
    device,
    wall_s: seconds,
    base: records.map(({ seed, base }) => ({ seed, ...base })),
    differences: comparison.differences,
    curves: comparison.curves,
    plan,
  };
}

/** @returns paths by what is in them @throws EnvError when they cannot be written */
export function writeExperiment(
  folder: string,
  report: ReportDocument,
  facts: ReportFacts,
): Readonly<Record<string, string>> {
  const rows = pointRows(facts.records);
  const files = {
    'report.html': reportPage(report),
    'report.txt': `${reportText(report).trimEnd()}\n`,
    'points.csv': pointsCsv(rows),
    'points.jsonl': pointsJsonLines(rows),
    'summary.json': `${JSON.stringify(summaryOf(facts), undefined, 2)}\n`,
  };
  try {
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  } catch (error) {
    throw diskError(`Cannot write the experiment to "${folder}"`, error);
  }
  return Object.fromEntries(Object.keys(files).map((file) => [file, join(folder, file)]));
}
