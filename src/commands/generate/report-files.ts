// The report of a run as files: text for a terminal, JSON for programs, one HTML page with charts that needs nothing else.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskError } from '../../adapters/disk.ts';
import { reportPage } from '../../adapters/report-page.ts';
import { reportText } from '../../core/report-text.ts';
import { runReportDocument } from '../../generate/report/run-report-document.ts';
import type { GenerationResult } from './run-generation.ts';

/** Writes `report.txt`, `report.json` and `report.html` into a folder; the folder's path is returned. */
export function writeReport(
  folder: string,
  {
    name,
    recipe,
    result,
  }: { readonly name: string; readonly recipe: string; readonly result: GenerationResult },
): string {
  const { report, made } = result;
  const refused = made?.checked.rejected ?? {};
  const document = runReportDocument({
    name,
    recipe,
    run: report,
    figures: made?.figures,
    kept: made?.checked.rowsAdded,
    refused,
  });
  const facts = {
    name,
    version: made?.info.version ?? null,
    recipe,
    ...report,
    stopped: report.stopped ?? null,
    kept: made?.checked.rowsAdded ?? report.kept,
    refused,
    figures: made?.figures ?? null,
  };
  const files = {
    'report.txt': `${reportText(document).trimEnd()}\n`,
    'report.json': `${JSON.stringify(inSnakeCase(facts), undefined, 2)}\n`,
    'report.html': reportPage(document),
  };
  try {
    mkdirSync(folder, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  } catch (error) {
    throw diskError(`Cannot write the report to "${folder}"`, error);
  }
  return folder;
}

/** Keys as they are in all our JSON. Reasons are keys too, and have that form already. */
function inSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSnakeCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`),
      inSnakeCase(member),
    ]),
  );
}
