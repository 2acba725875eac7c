// Prints what a cascade saves against judging every completion, for docs/judges.md:
//
//   node scripts/measure-cascade.ts FILE
//
// FILE: lines with question, ground_truth and completions that have text and is_correct.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecipeReport } from '../src/commands/judge/evaluation-report.ts';
import { callsOf, measureCascade } from './cascade/measure.ts';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Usage: node scripts/measure-cascade.ts FILE');
const folder = mkdtempSync(join(tmpdir(), 'groupwise-cascade-'));
try {
  const figures = await measureCascade({ file, folder });
  const { completions, paraphrased, contradictions, killedEvery, killedCascade } = figures;
  say(`${completions} completions, half of them said another way: ${JSON.stringify(paraphrased)}`);
  say(`${contradictions} answers that the labels call both right and wrong`);
  describe('judging every completion', figures.every);
  describe('math, and the judge where it cannot tell', figures.cascade);
  describe('the same again', figures.second);
  for (const [name, killed] of Object.entries({ 'judge alone': killedEvery, cascade: killedCascade })) {
    const { calls, kept, callsAfter, repeated } = killed;
    say(
      `killed in the middle, ${name}: ${calls} calls, ${kept} verdicts kept; then ${callsAfter} calls, ${repeated} of them repeated`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function describe(name: string, recipe: RecipeReport): void {
  const [judge] = recipe.judges;
  const { agreement, false_positives: wrongly, false_negatives: missed, seconds } = recipe;
  say(
    `${name}: ${callsOf(recipe)} calls, ${percent(judge?.avoided_share)} avoided (${JSON.stringify({ ...judge?.decided_by, same_answer: judge?.same_answer, known: judge?.known, refused: judge?.refused })}), ` +
      `agreement ${percent(agreement?.share)}, ${wrongly} rewarded wrongly, ${missed} missed, ` +
      `unscorable ${JSON.stringify(recipe.unscorable)}, $${judge?.cost_usd?.toFixed(4) ?? '?'}, ${seconds.toFixed(1)} s`,
  );
}

function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? 'none' : `${(100 * share).toFixed(2)} %`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
