// What a person sees of a training at one moment, as lines of text that fit into a terminal. Pure: a history in, lines out.

import type { ShownCompletion, TrainingStepDone } from '../training-event.ts';
import { cellsOf, cut, fitted, oneLine, sparkline } from './terminal-text.ts';
import type { TrainingHistory } from './training-history.ts';
import { duration, earned, figure, percent, smallFigure, whole } from './wording.ts';

const SHOWN = 2;
const NAME_CELLS = 15;
const VALUE_CELLS = 9;
const BAR_CELLS = 30;
const SPARK_CELLS_MAX = 60;
/** Steps whose pace tells how long the rest will take. */
const PACE_STEPS = 20;

/** Lines of at most `columns` cells, in the order of showing. */
export function panelLines(history: TrainingHistory, columns: number): readonly string[] {
  const step = history.steps.at(-1);
  const lines = [
    headLine(history),
    ...(step === undefined ? warmUpLines(history, columns) : stepLines(history, step, columns)),
    ...evaluationLines(history),
    ...(step?.shown ?? []).slice(0, SHOWN).map((shown) => completionLine(shown, columns)),
  ];
  return lines.map((line) => cut(line, columns));
}

function headLine({ start }: TrainingHistory): string {
  if (start === undefined) return 'training';
  const { policy, device, dataset, estimator, seed } = start;
  return oneLine(`${policy} · ${device} · ${dataset} · ${estimator} · seed ${seed}`);
}

function warmUpLines({ warmUp }: TrainingHistory, columns: number): readonly string[] {
  const last = warmUp.at(-1);
  if (last === undefined) return ['preparing'];
  const accuracy = warmUp.findLast((each) => each.accuracy !== undefined)?.accuracy;
  const losses = warmUp.map(({ loss }) => loss);
  return [
    `warm-up step ${whole(last.step)}, until ${percent(last.target)} of sampled completions are right: ${percent(accuracy)}`,
    curveLine('loss', losses, { columns, low: 0, high: Math.max(...losses) }),
  ];
}

function stepLines(history: TrainingHistory, step: TrainingStepDone, columns: number): readonly string[] {
  const all = history.steps.map(({ metrics }) => metrics);
  const { metrics } = step;
  const unit = { columns, low: 0, high: 1 };
  const rewards = all.map((each) => each.mean_reward);
  return [
    progressLine(history, step),
    // Rewards of a recipe with penalties may leave [0, 1].
    curveLine('reward', rewards, { columns, low: Math.min(0, ...rewards), high: Math.max(1, ...rewards) }),
    curveLine(
      'pass rate',
      all.map((each) => each.pass_rate),
      unit,
    ),
    curveLine(
      'zero variance',
      all.map((each) => each.zero_variance_share),
      unit,
    ),
    [
      `entropy ${figure(metrics.entropy)}`,
      ...(metrics.kl === undefined ? [] : [`KL ${smallFigure(metrics.kl)}`]),
      `loss ${smallFigure(metrics.loss)}`,
      `gradient ${smallFigure(metrics.grad_norm)}`,
      `clipped ${percent(metrics.clipped_share)}`,
      ...(metrics.drift > 0 ? [`drift ${figure(metrics.drift, 1)}`] : []),
      ...(metrics.unscorable > 0 ? [`unscorable ${whole(metrics.unscorable)}`] : []),
      ...(step.skipped === undefined ? [] : [`no update: ${oneLine(step.skipped)}`]),
    ].join('  '),
    `${whole(metrics.tokens_per_s)} tokens/s  sampling ${figure(metrics.sample_s, 2)} s  scoring ${figure(metrics.score_s, 2)} s  training ${figure(metrics.train_s, 2)} s`,
  ];
}

function progressLine({ start, end, steps }: TrainingHistory, step: TrainingStepDone): string {
  const total = start?.steps ?? step.step;
  const share = total > 0 ? Math.min(1, step.step / total) : 1;
  const filled = Math.round(share * BAR_CELLS);
  const bar = '━'.repeat(filled) + '╌'.repeat(BAR_CELLS - filled);
  const left = end === undefined ? `${duration(secondsLeft(steps, total))} left` : 'done';
  return `step ${whole(step.step)}/${whole(total)} ${bar} ${percent(share)}  ${duration(step.wall_s)} gone, ${left}`;
}

/** By the pace of the last steps; undefined before there is one. */
function secondsLeft(steps: readonly TrainingStepDone[], total: number): number | undefined {
  const [first, last] = [steps.at(-1 - Math.min(PACE_STEPS, steps.length - 1)), steps.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  const pace = (last.wall_s - first.wall_s) / (last.step - first.step);
  return pace * Math.max(0, total - last.step);
}

function curveLine(
  name: string,
  values: readonly number[],
  { columns, low, high }: { readonly columns: number; readonly low: number; readonly high: number },
): string {
  const cells = Math.max(0, Math.min(SPARK_CELLS_MAX, columns - NAME_CELLS - VALUE_CELLS));
  const value = fitted(figure(values.at(-1)), VALUE_CELLS);
  return `${fitted(name, NAME_CELLS)}${value}${sparkline(values, { cells, low, high })}`;
}

function evaluationLines({ evaluations }: TrainingHistory): readonly string[] {
  const [first, last] = [evaluations[0], evaluations.at(-1)];
  return (first === last ? [first] : [first, last]).flatMap((each) =>
    each === undefined
      ? []
      : [
          oneLine(
            `${each.when} on ${each.split}: pass@1 ${figure(each.pass_at_1)} (${figure(each.low)} to ${figure(each.high)}), ${each.greedy ? 'greedy' : 'sampled'}, ${whole(each.questions)} questions`,
          ),
        ],
  );
}

/** The prompt gives way first: what is looked for is the completion and what it earned. */
function completionLine({ prompt, completion, outcome }: ShownCompletion, columns: number): string {
  const reward = fitted(earned(outcome), 5);
  const [asked, said] = [oneLine(prompt), oneLine(completion)];
  const room = columns - cellsOf(reward) - 5;
  const askedRoom = Math.max(Math.floor(room / 2), room - cellsOf(said));
  return `${reward}  ${cut(asked, askedRoom)} → ${said === '' ? '(empty)' : said}`;
}
