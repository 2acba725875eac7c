// What a generation run did, as a report for people: the funnel with its reasons, what it cost, and what the dataset looks like.

import type { ReportBlock, ReportDocument, ReportTable } from '../../core/report-document.ts';
import type { Reasoned, RunReport, StageReport } from '../engine/funnel.ts';
import type { Count, DatasetFigures } from './figures.ts';

export interface RunReportFacts {
  /** Of the dataset. */
  readonly name: string;
  readonly recipe: string;
  readonly run: RunReport;
  /** Of the pairs that came through all stages; undefined where the run did not get there. */
  readonly figures: DatasetFigures | undefined;
  /** Pairs that the dataset has; undefined where none was made. */
  readonly kept: number | undefined;
  /** Pairs that the dataset refused at the end, by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

export function runReportDocument(facts: RunReportFacts): ReportDocument {
  const { name, run, figures, kept } = facts;
  return {
    title: `How the dataset "${name}" was generated`,
    blocks: [
      { kind: 'facts', facts: summary(facts) },
      { kind: 'heading', text: 'What each stage did' },
      funnelTable(run.stages),
      {
        kind: 'bars',
        title: 'Items that went on from each stage',
        unit: 'items',
        bars: run.stages.map((stage) => ({ name: stage.name, value: stage.kept + stage.made })),
      },
      ...dropBlocks(facts),
      ...costBlocks(run, kept ?? run.kept),
      ...(figures === undefined ? [] : figureBlocks(figures)),
    ],
  };
}

function summary({ recipe, run, kept, refused }: RunReportFacts): readonly (readonly [string, string])[] {
  const refusals = Object.values(refused).reduce((sum, count) => sum + count, 0);
  return [
    ['recipe', recipe],
    ['state', run.stopped === undefined ? run.state : `${run.state}: ${run.stopped.detail}`],
    ['documents', whole(run.source.documents)],
    ['passages', whole(run.source.passages)],
    ['pairs written', whole(run.generated)],
    ['pairs kept', whole(kept ?? run.kept)],
    ...(refusals === 0 ? [] : [['refused by the dataset', whole(refusals)] as const]),
    ['items without a reply', whole(run.unfinished)],
    ['calls', whole(run.calls)],
    ['cost', dollars(run.costUsd)],
    ['time', `${(run.elapsedMs / 1000).toFixed(1)} s`],
  ];
}

function funnelTable(stages: readonly StageReport[]): ReportBlock {
  return {
    kind: 'table',
    title: '',
    columns: [
      left('stage'),
      right('in'),
      right('kept'),
      right('made'),
      right('dropped'),
      right('no reply'),
      right('calls'),
      right('from journal'),
      right('cost'),
      right('of it lost'),
    ],
    rows: stages.map((stage) => [
      stage.name,
      whole(stage.in),
      whole(stage.kept),
      whole(stage.made),
      whole(total(stage.dropped)),
      whole(stage.unfinished.count),
      whole(stage.calls),
      whole(stage.cached),
      dollars(stage.costUsd),
      dollars(stage.lostUsd),
    ]),
  };
}

function left(name: string): ReportTable['columns'][number] {
  return { name, align: 'left' };
}

function right(name: string): ReportTable['columns'][number] {
  return { name, align: 'right' };
}

function dropBlocks({ run, refused }: RunReportFacts): readonly ReportBlock[] {
  const dropped = [
    ...run.stages.flatMap((stage) =>
      stage.dropped.map(({ reason, count }) => ({ name: `${stage.name}: ${inWords(reason)}`, value: count })),
    ),
    ...Object.entries(refused).map(([reason, count]) => ({
      name: `dataset: ${inWords(reason)}`,
      value: count,
    })),
  ].toSorted((a, b) => b.value - a.value);
  if (dropped.length === 0 && run.source.broken.length === 0) return [];
  return [
    { kind: 'heading', text: 'What was left out, and why' },
    { kind: 'bars', title: '', unit: 'items', bars: dropped },
    ...run.source.broken.map((reasoned) => examples('documents', reasoned)),
    ...run.stages.flatMap((stage) => stage.dropped.map((reasoned) => examples(stage.name, reasoned))),
  ];
}

function examples(stage: string, { reason, count, examples: shown }: Reasoned): ReportBlock {
  return {
    kind: 'list',
    title: `${stage}: ${inWords(reason)} (${whole(count)})`,
    entries: shown.map(({ item, detail }) => (detail.includes(item) ? detail : `${item}: ${detail}`)),
  };
}

function costBlocks(run: RunReport, kept: number): readonly ReportBlock[] {
  if (run.models.length === 0) return [];
  const used = run.stages.reduce<number | null>(
    (sum, { usedUsd }) => (sum === null || usedUsd === null ? null : sum + usedUsd),
    0,
  );
  return [
    { kind: 'heading', text: 'What it cost' },
    {
      kind: 'table',
      title: '',
      columns: [
        left('model'),
        right('calls'),
        right('prompt tokens'),
        right('completion tokens'),
        right('cost'),
      ],
      rows: run.models.map(({ name, model, calls, promptTokens, completionTokens, costUsd }) => [
        name === model ? name : `${name} (${model})`,
        whole(calls),
        whole(promptTokens),
        whole(completionTokens),
        dollars(costUsd),
      ]),
    },
    {
      kind: 'facts',
      facts: [
        ['all replies that were used, whenever they were bought', dollars(used)],
        ['for each pair that was kept', kept === 0 || used === null ? 'unknown' : dollars(used / kept)],
      ],
    },
  ];
}

function figureBlocks(figures: DatasetFigures): readonly ReportBlock[] {
  const { diversity } = figures;
  return [
    { kind: 'heading', text: 'What the dataset looks like' },
    {
      kind: 'facts',
      facts: [
        ['documents with a pair', whole(figures.documents)],
        ['personas', whole(figures.personas)],
        ['words of a question (median)', String(diversity.medianWords)],
        [
          'distinct words, distinct pairs of words',
          `${rate(diversity.distinct1)}, ${rate(diversity.distinct2)}`,
        ],
        ['similarity to the nearest question (mean Jaccard)', rate(diversity.nearest)],
        ['entropy of domains', `${diversity.domainBits.toFixed(2)} bits`],
        ['measured on', `${whole(diversity.sample)} questions`],
      ],
    },
    ...chart('Answer types', figures.answerTypes),
    ...chart('Domains', figures.domains),
    ...chart('Written by', figures.generators),
    ...chart('How questions begin', diversity.openings),
    ...chart('Pass rates', figures.passRates),
  ];
}

function chart(title: string, counts: readonly Count[]): readonly ReportBlock[] {
  if (counts.length === 0) return [];
  const bars = counts.map(({ name, count }) => ({ name, value: count }));
  return [{ kind: 'bars', title, unit: 'pairs', bars }];
}

function total(reasons: readonly Reasoned[]): number {
  return reasons.reduce((sum, { count }) => sum + count, 0);
}

function inWords(reason: string): string {
  return reason.replaceAll('_', ' ');
}

function whole(count: number): string {
  return count.toLocaleString('en-US');
}

function rate(value: number): string {
  return value.toFixed(3);
}

/** Small sums with the digits that they need. */
function dollars(usd: number | null): string {
  if (usd === null) return 'unknown';
  return usd === 0 || usd >= 1 ? `$${usd.toFixed(2)}` : `$${usd.toPrecision(3)}`;
}
