// An evaluation in words: recipes side by side, then what each scorer, place and judge had to do with it.

import { formatCount, formatCounts } from '../options.ts';
import type { JudgeUseReport, LatencyReport, MeasureReport, RecipeReport } from './evaluation-report.ts';

export interface EvaluationReport {
  readonly file: string;
  readonly threshold: number;
  readonly groups: number;
  readonly completions: number;
  readonly labelled: number;
  readonly labelled_right: number;
  readonly rejected: number;
  readonly rejections: readonly { readonly at: string; readonly reason: string }[];
  readonly recipes: readonly RecipeReport[];
}

/** Places shown of one recipe; all of them are in the JSON. */
const PLACES_SHOWN = 12;

export function describeEvaluation(report: EvaluationReport): readonly string[] {
  const { completions, labelled, labelled_right: right } = report;
  const lines = [
    `completions   ${formatCount(completions)} in ${formatCount(report.groups)} groups, ${formatCount(labelled)} labelled, ${formatCount(right)} of them right`,
  ];
  for (const recipe of report.recipes) lines.push('', ...describeRecipe(recipe));
  if (report.rejected > 0) {
    lines.push('', `rejected      ${formatCount(report.rejected)} lines`);
    for (const { at, reason } of report.rejections) lines.push(`  ${at}: ${reason}`);
  }
  return lines;
}

function describeRecipe(recipe: RecipeReport): readonly string[] {
  const lines = [
    recipe.name,
    `  confusion   right: ${formatCount(recipe.true_positives)} rewarded, ${formatCount(recipe.false_negatives)} missed; ` +
      `wrong: ${formatCount(recipe.true_negatives)} not rewarded, ${formatCount(recipe.false_positives)} rewarded`,
    `  accuracy    ${interval(recipe.accuracy)}`,
    `  precision   ${interval(recipe.precision)}`,
    `  recall      ${interval(recipe.recall)}`,
    `  agreement   ${interval(recipe.agreement)}, kappa ${recipe.kappa?.toFixed(4) ?? 'none'}`,
    `  unscorable  ${countsOf(recipe.unscorable) || 'none'}`,
    `  took        ${recipe.seconds.toFixed(2)} s`,
  ];
  if (recipe.with_first !== null) {
    const { agreement, compared } = recipe.with_first;
    lines.push(`  with first  ${interval(agreement)} of ${formatCount(compared)} completions`);
  }
  for (const use of recipe.judges) lines.push(...describeJudge(use));
  if (recipe.scorers.length > 0) lines.push(`  ${HEADER}`);
  for (const scorer of recipe.scorers) {
    const replaced = scorer.replaced === 0 ? '' : `, ${formatCount(scorer.replaced)} replaced`;
    lines.push(`  ${row(scorer.scorer, scorer)}  ${latency(scorer.latency_ms)}${replaced}`);
  }
  for (const place of recipe.places.slice(0, PLACES_SHOWN)) {
    lines.push(`  ${row(`${place.answer_type} ${place.domain}`.trim(), place)}`);
  }
  const more = recipe.places.length - PLACES_SHOWN;
  if (more > 0) lines.push(`  and ${formatCount(more)} other places (--json has them)`);
  return lines;
}

function describeJudge(use: JudgeUseReport): readonly string[] {
  const deciders = countsOf(use.decided_by);
  const avoided = [
    ...(deciders === '' ? [] : [`decided by ${deciders}`]),
    `same answer ${formatCount(use.same_answer)}`,
    `known ${formatCount(use.known)}`,
    `refused ${formatCount(use.refused)}`,
    `no answer ${formatCount(use.no_answer)}`,
  ];
  const cost = use.cost_usd === null ? 'at an unknown price' : `for ${use.cost_usd.toFixed(6)} US dollars`;
  return [
    `  ${use.judge} asked ${formatCount(use.asked)} of ${formatCount(use.completions)} times: ${percent(use.avoided_share ?? 0)} avoided ` +
      `(${avoided.join(', ')}); ${formatCount(use.questions)} different questions`,
    `  ${use.judge} sent ${formatCount(use.calls)} calls ${cost}, ${formatCount(use.prompt_tokens)} + ${formatCount(use.completion_tokens)} tokens`,
  ];
}

const HEADER = `${'scorer or place'.padEnd(24)}${'labelled'.padStart(9)}${'accuracy'.padStart(10)}${'precision'.padStart(11)}${'recall'.padStart(10)}${'kappa'.padStart(8)}`;

function row(name: string, measure: MeasureReport): string {
  const { labelled, accuracy, precision, recall, kappa } = measure;
  const cells = [accuracy, precision, recall].map((each) => (each === null ? '-' : percent(each.share)));
  const [first = '', second = '', third = ''] = cells;
  return (
    name.padEnd(24) +
    formatCount(labelled).padStart(9) +
    first.padStart(10) +
    second.padStart(11) +
    third.padStart(10) +
    (kappa?.toFixed(3) ?? '-').padStart(8)
  );
}

function latency(report: LatencyReport | null): string {
  if (report === null) return 'not asked';
  const [p50, p90, p99] = [report.p50, report.p90, report.p99].map((ms) => ms.toFixed(ms < 10 ? 3 : 0));
  return `p50 ${p50} p90 ${p90} p99 ${p99} ms`;
}

function countsOf(counts: Readonly<Record<string, number>>): string {
  return formatCounts(Object.entries(counts).map(([name, count]) => ({ name, count })));
}

function interval(share: MeasureReport['accuracy']): string {
  if (share === null) return 'none';
  return `${percent(share.share)} (${percent(share.low)} to ${percent(share.high)})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
