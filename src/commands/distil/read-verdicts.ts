// Which verdicts a distillation is asked for, by its flags, and what became of what was read, in a line.

import { SystemClock } from '../../adapters/system-clock.ts';
import { readSettings } from '../../config.ts';
import { requireDataDir } from '../options.ts';
import type { VerdictSource } from './distillation-report.ts';
import { withJudgeLookup } from './judge-lookup.ts';
import { type JudgedRow, type JudgedRows, rowsOfFile, rowsOfRuns } from './judged-rows.ts';

interface Flags {
  readonly judge?: string;
  readonly run?: readonly string[];
  readonly data?: string;
  readonly scorers?: string;
}

export async function readVerdicts(
  file: string | undefined,
  flags: Flags,
): Promise<{ readonly read: JudgedRows; readonly source: VerdictSource }> {
  const { judge: name, run: runs } = flags;
  if (name === undefined) {
    // Checked: without a judge there is a file.
    const read = await rowsOfFile(file ?? '', undefined);
    return { read, source: { file: file ?? null, runs: null, judge: null } };
  }
  const settings = readSettings({ data: flags.data, scorers: flags.scorers });
  const clock = new SystemClock();
  return withJudgeLookup(name, settings, clock, async (lookUp, { model, template }) => {
    const judge = { name, model, template };
    if (file !== undefined)
      return { read: await rowsOfFile(file, lookUp), source: { file, runs: null, judge } };
    const reading = { dataDir: requireDataDir(flags), prompts: settings.prompts, runIds: runs ?? [], clock };
    return { read: await rowsOfRuns(reading, lookUp), source: { file: null, runs: runs ?? null, judge } };
  });
}

export function readingNote({ counts, rejections }: JudgedRows, rows: readonly JudgedRow[]): string {
  const { completions, noAnswer, unlabelled, noVerdict, undecided, rejected } = counts;
  const lost = Object.entries({ 'no answer': noAnswer, unlabelled, 'no verdict': noVerdict, undecided })
    .filter(([, count]) => count > 0)
    .map(([why, count]) => `, ${why}: ${count}`);
  const refused = rejected === 0 ? '' : `; ${rejected} refused (${rejections.join('; ')})`;
  return `${completions} completions${lost.join('')}: ${rows.length} different verdicts${refused}`;
}
