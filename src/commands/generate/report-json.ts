// What became of a run, as JSON: for `--json`, and for the record of the dataset.

import type { JsonObject } from '../../core/json.ts';
import { costSum } from '../../generate/costs.ts';
import type { Reasoned, RunReport, StageReport } from '../../generate/engine/funnel.ts';
import type { ImportReport } from '../../services/datasets/import-report.ts';

/** `checked`: of the last checks, where there was a dataset to be made. What they refused is dropped, like what stages dropped. */
export function reportToJson(report: RunReport, checked: ImportReport | undefined): JsonObject {
  const { source, stages } = report;
  return {
    documents: source.documents,
    passages: source.passages,
    broken: countsOf(source.broken),
    generated: report.generated,
    kept: checked?.rowsAdded ?? report.kept,
    dropped: allDropped(report, checked),
    unfinished: report.unfinished,
    calls: report.calls,
    cached: stages.reduce((sum, { cached }) => sum + cached, 0),
    cost_usd: report.costUsd,
    used_usd: costSum(...stages.map(({ usedUsd }) => usedUsd)),
    stages: stages.map(stageToJson),
    models: report.models.map(({ name, model, calls, promptTokens, completionTokens, costUsd }) => ({
      name,
      model,
      calls,
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      cost_usd: costUsd,
    })),
    seconds: Math.round(report.elapsedMs) / 1000,
  };
}

/** By reason, the most frequent first. */
export function allDropped(
  { dropped }: RunReport,
  checked: ImportReport | undefined,
): Readonly<Record<string, number>> {
  const all = new Map(Object.entries(dropped));
  for (const [reason, count] of Object.entries(checked?.rejected ?? {})) {
    all.set(reason, (all.get(reason) ?? 0) + count);
  }
  return Object.fromEntries([...all].toSorted(([, one], [, other]) => other - one));
}

function stageToJson(stage: StageReport): JsonObject {
  return {
    name: stage.name,
    ...(stage.model === undefined ? {} : { model: stage.model }),
    in: stage.in,
    kept: stage.kept,
    made: stage.made,
    dropped: countsOf(stage.dropped),
    unfinished: stage.unfinished.count,
    calls: stage.calls,
    cached: stage.cached,
    unreadable: stage.unreadable,
    prompt_tokens: stage.promptTokens,
    completion_tokens: stage.completionTokens,
    cost_usd: stage.costUsd,
    used_usd: stage.usedUsd,
  };
}

function countsOf(reasons: readonly Reasoned[]): JsonObject {
  return Object.fromEntries(reasons.map(({ reason, count }) => [reason, count]));
}
