// The report of the experiment as a document: what was compared, the curves with their intervals, all points, and what it does not
// show. It says what came out, whichever arm is ahead.

import type { ReportDocument, ReportLines, ReportTable } from '../../core/report-document.ts';
import type { Comparison, CurvePoint, Difference, GradeName, Interval } from './comparison.ts';
import type { SeedRecord } from './experiment.ts';
import { type Arm, ARMS, type ExperimentPlan } from './plan.ts';

export const ARM_NAMES: Readonly<Record<Arm, string>> = {
  reinforcement: 'reinforcement on the questions',
  pretraining: 'pretraining, each text once',
  'pretraining-repeated': 'pretraining, texts repeated to equal compute',
};

export interface ReportFacts {
  readonly plan: ExperimentPlan;
  readonly records: readonly SeedRecord[];
  readonly comparison: Comparison;
  readonly model: string;
  readonly parameters: number;
  readonly device: string;
  readonly seconds: number;
}

const TERA = 1e12;

export function experimentReport(facts: ReportFacts): ReportDocument {
  const { comparison, plan } = facts;
  const last = (arm: Arm): CurvePoint | undefined => comparison.curves[arm].at(-1);
  return {
    title: 'Data efficiency: reinforcement on generated questions against pretraining on their documents',
    blocks: [
      {
        kind: 'text',
        text:
          'For each seed one tiny model, one set of documents, one base. All arms learn from the same documents in the same order: by next-token loss on their text, or by ' +
          'GRPO on the questions that were generated from them. Graded on questions of held-out documents, greedily. Shaded: 95 % intervals of the mean over seeds (Student), cut at 0 and 1.',
      },
      { kind: 'facts', facts: factsOf(facts) },
      { kind: 'heading', text: 'At equal source tokens' },
      {
        kind: 'text',
        text: 'Source tokens are those of the documents that an arm has read or answered questions of, each once. Where a curve rises straight up, documents are used again.',
      },
      ...passCurves(comparison, 'source_tokens', plan),
      { kind: 'heading', text: 'At equal compute' },
      {
        kind: 'text',
        text: 'Floating-point operations: 2·N for a token that is read or drawn, 4·N more where it is learned from, N all weights. Grading, the warm-up and the server are charged to nobody.',
      },
      ...passCurves(comparison, 'flops', plan),
      { kind: 'heading', text: 'What pretraining learns in its own form' },
      {
        kind: 'text',
        text: 'Held-out documents are continued where their sum stands: the same knowledge, asked for in the words of the texts.',
      },
      linesOf(comparison, 'stated', 'flops', 'share of sums that are written behind their text'),
      { kind: 'heading', text: 'Differences' },
      differencesTable(comparison.differences),
      { kind: 'heading', text: 'All points' },
      ...ARMS.map((arm) => pointsTable(comparison, arm)),
      { kind: 'heading', text: 'What this does not show' },
      {
        kind: 'list',
        title: '',
        entries: [
          'Anything about language models of useful size: this one has no knowledge to bring out, and its task is sums of two numbers.',
          'What reading is worth by itself: the questions have the form of the test, the texts have not. A part of each difference is practice in that form, of which the warm-up again gives a little.',
          `What reading teaches a model that learns to add from texts: the arm that read the longest writes ${shown(last('pretraining-repeated')?.stated)} of held-out sums behind their own text.`,
          'What the questions cost: a rule made them. With a language model, the making of questions is compute, too.',
          'The best that either arm can do: learning rates and batches were chosen by hand, once.',
        ],
      },
    ],
  };
}

function factsOf({
  plan,
  records,
  comparison,
  model,
  parameters,
  device,
  seconds,
}: ReportFacts): readonly (readonly [string, string])[] {
  const bases = records.map(({ base }) => `${base.updates} (${base.accuracy.toFixed(3)})`).join(', ');
  return [
    ['seeds', comparison.seeds.join(', ')],
    ['model', `${model}; N = ${parameters.toLocaleString('en-US')}`],
    [
      'documents',
      `${plan.warmUpDocuments} for the base, ${plan.sourceDocuments} source, ${plan.heldOutDocuments} held out; no sum in two of them`,
    ],
    ['base', `updates until a share of ${plan.warmUpTarget} was right (measured share): ${bases}`],
    [
      'reinforcement',
      `${plan.passes} × all questions, ${plan.promptsPerStep} prompts × ${plan.groupSize} completions a step, ${plan.updates} updates, learning rate ${plan.learningRate}`,
    ],
    [
      'pretraining',
      `${plan.documentsPerStep} texts an update, learning rate ${plan.pretrainingLearningRate}`,
    ],
    ['computed on', `${device}, ${seconds.toFixed(0)} s for all arms`],
  ];
}

/** Both grades of pass@1, along what an arm has used. */
function passCurves(
  comparison: Comparison,
  x: 'source_tokens' | 'flops',
  { refreshSteps }: ExperimentPlan,
): readonly ReportLines[] {
  return [
    linesOf(comparison, 'pass', x, 'pass@1 as the policy is'),
    linesOf(comparison, 'pass_refreshed', x, `pass@1 after ${refreshSteps} updates of the warm-up again`),
  ];
}

function linesOf(
  { curves }: Comparison,
  grade: GradeName,
  x: 'source_tokens' | 'flops',
  y: string,
): ReportLines {
  const scaled = (point: CurvePoint): number =>
    x === 'flops' ? Number((point.flops / TERA).toPrecision(4)) : Math.round(point.source_tokens);
  return {
    kind: 'lines',
    title: y.slice(0, 1).toUpperCase() + y.slice(1),
    x: x === 'flops' ? 'teraFLOP' : 'source tokens',
    y: grade === 'stated' ? 'share' : 'pass@1',
    series: ARMS.map((arm) => ({
      name: ARM_NAMES[arm],
      points: curves[arm].map((point) => [scaled(point), rounded(point[grade].mean)]),
      band: curves[arm].flatMap((point) => {
        const { low, high } = point[grade];
        return low === undefined || high === undefined
          ? []
          : [[scaled(point), rounded(low), rounded(high)] as const];
      }),
    })),
  };
}

function differencesTable(differences: readonly Difference[]): ReportTable {
  return {
    kind: 'table',
    title: 'Reinforcement minus pretraining, seed by seed',
    columns: [
      { name: 'at', align: 'left' },
      { name: 'against', align: 'left' },
      { name: 'graded', align: 'left' },
      { name: 'difference of pass@1 [95 %]', align: 'right' },
    ],
    rows: differences.map(({ at, over, grade, difference }) => [
      at === 'end' ? 'the end' : 'the end of the first pass',
      ARM_NAMES[over],
      grade === 'pass' ? 'as it is' : 'after the warm-up again',
      shown(difference),
    ]),
  };
}

const POINT_COLUMNS = [
  'documents',
  'source tokens',
  'teraFLOP',
  'updates',
  'pass@1 [95 %]',
  'after warm-up [95 %]',
  'continued [95 %]',
].map((name) => ({ name, align: 'right' as const }));

function pointsTable({ curves }: Comparison, arm: Arm): ReportTable {
  return {
    kind: 'table',
    title: ARM_NAMES[arm],
    columns: POINT_COLUMNS,
    // An arm that is through with its documents stays where it is.
    rows: distinct(curves[arm]).map((point) => [
      counted(point.documents),
      counted(point.source_tokens),
      (point.flops / TERA).toPrecision(3),
      counted(point.updates),
      shown(point.pass),
      shown(point.pass_refreshed),
      shown(point.stated),
    ]),
  };
}

function distinct(points: readonly CurvePoint[]): readonly CurvePoint[] {
  return points.filter(({ updates }, index) => index === 0 || updates !== points[index - 1]?.updates);
}

function rounded(share: number): number {
  return Number(share.toFixed(4));
}

function counted(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `0.412 [0.380, 0.444]`; the mean alone where there is no interval. */
export function shown(interval: Interval | undefined): string {
  if (interval === undefined) return 'none';
  const { mean, low, high } = interval;
  return low === undefined || high === undefined
    ? mean.toFixed(3)
    : `${mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}
