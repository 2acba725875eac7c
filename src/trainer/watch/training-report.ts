// The report of a training as a document: what it was, what it reached, the curves, and what the policy wrote on the way. How it looks is
// for whoever shows it.

import type { ReportBlock, ReportDocument } from '../../core/report-document.ts';
import type { EvaluationDone, TrainingStepDone } from '../training-event.ts';
import { oneLine } from './terminal-text.ts';
import { trainingCurves } from './training-curves.ts';
import type { TrainingHistory } from './training-history.ts';
import { duration, earned, figure, percent, whole } from './wording.ts';

/** Steps that completions are shown of. */
const STEPS_SHOWN = 12;
/** Of a prompt or completion. */
const CHARS_SHOWN = 400;

export function trainingReport(history: TrainingHistory): ReportDocument {
  const { start, steps } = history;
  return {
    title: `Training on ${start?.dataset ?? 'an unknown dataset'}`,
    blocks: [
      ...summaryBlocks(history),
      ...evaluationBlocks(history.evaluations),
      { kind: 'heading', text: 'Curves' },
      { kind: 'grid', charts: trainingCurves(history) },
      ...completionBlocks(steps),
      ...settingsBlocks(history),
    ],
  };
}

function summaryBlocks({ start, end, steps }: TrainingHistory): readonly ReportBlock[] {
  const last = steps.at(-1);
  const stopped = end?.stopped === undefined ? [] : [['stopped', end.stopped] as const];
  const reached =
    end === undefined
      ? [['state', 'not finished'] as const]
      : [
          [
            'mean reward',
            `${figure(end.first_reward)} in the first step, ${figure(end.final_reward)} in the last tenth`,
          ] as const,
          ['speed', `${whole(end.tokens_per_s)} tokens per second`] as const,
        ];
  const facts = [
    ['policy', start?.policy ?? '–'] as const,
    ['device', start?.device ?? '–'] as const,
    ['dataset', start?.dataset ?? '–'] as const,
    ['estimator', start?.estimator ?? '–'] as const,
    ['run', start?.run_id ?? '–'] as const,
    ['seed', start === undefined ? '–' : String(start.seed)] as const,
    ['steps', `${whole(last?.step ?? 0)} of ${whole(start?.steps ?? 0)}`] as const,
    ['time', duration(end?.wall_s ?? last?.wall_s)] as const,
    ...reached,
    ...stopped,
  ];
  return [{ kind: 'facts', facts }];
}

/** Before and after beside each other: a rise that the policy would have had anyway is none. */
function evaluationBlocks(evaluations: readonly EvaluationDone[]): readonly ReportBlock[] {
  if (evaluations.length === 0) return [];
  return [
    { kind: 'heading', text: 'Evaluation' },
    {
      kind: 'table',
      title: '',
      columns: [
        { name: 'when', align: 'left' },
        { name: 'step', align: 'right' },
        { name: 'split', align: 'left' },
        { name: 'completions', align: 'left' },
        { name: 'questions', align: 'right' },
        { name: 'pass@1', align: 'right' },
        { name: '95 % interval', align: 'right' },
      ],
      rows: evaluations.map((each) => [
        each.when,
        whole(each.step),
        each.split,
        each.greedy ? 'greedy' : 'sampled',
        whole(each.questions),
        figure(each.pass_at_1),
        `${figure(each.low)} to ${figure(each.high)}`,
      ]),
    },
  ];
}

function completionBlocks(steps: readonly TrainingStepDone[]): readonly ReportBlock[] {
  const told = steps.filter(({ shown }) => shown.length > 0);
  if (told.length === 0) return [];
  return [
    { kind: 'heading', text: 'Completions over time' },
    {
      kind: 'table',
      title: '',
      columns: [
        { name: 'step', align: 'right' },
        { name: 'prompt', align: 'left' },
        { name: 'completion', align: 'left' },
        { name: 'reward', align: 'right' },
        { name: 'advantage', align: 'right' },
      ],
      rows: spread(told, STEPS_SHOWN).flatMap(({ step, shown }) =>
        shown.map((each) => [
          whole(step),
          excerpt(each.prompt),
          excerpt(each.completion),
          earned(each.outcome),
          figure(each.advantage, 2),
        ]),
      ),
    },
  ];
}

/** The first, the last, and others between them at equal distances. */
function spread<Value>(values: readonly Value[], count: number): readonly Value[] {
  if (values.length <= count) return values;
  return Array.from(
    { length: count },
    (_, index) => values[Math.round((index * (values.length - 1)) / (count - 1))],
  ).flatMap((each) => (each === undefined ? [] : [each]));
}

function excerpt(text: string): string {
  const line = oneLine(text);
  return line.length > CHARS_SHOWN ? `${line.slice(0, CHARS_SHOWN).toWellFormed()}…` : line;
}

function settingsBlocks({ start, warmUp }: TrainingHistory): readonly ReportBlock[] {
  if (start === undefined) return [];
  const accuracy = warmUp.findLast((each) => each.accuracy !== undefined);
  const warmed =
    accuracy === undefined
      ? []
      : [
          [
            'warm-up ended after',
            `${whole(accuracy.step)} steps, ${percent(accuracy.accuracy)} right`,
          ] as const,
        ];
  const facts = Object.entries(start.settings).map(([name, value]) => [name, String(value)] as const);
  return [
    { kind: 'heading', text: 'Settings' },
    { kind: 'facts', facts: [...warmed, ...facts] },
  ];
}
