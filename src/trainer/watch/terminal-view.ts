// A training in the terminal: a panel that is drawn over again where a person looks on, a line now and then where a file or another
// program reads. Nothing is timed: what is shown changes when something happens.

import type { TrainingEvent, TrainingWatcher } from '../training-event.ts';
import { LivePanel, type Screen } from './live-panel.ts';
import { oneLine } from './terminal-text.ts';
import { TrainingHistory } from './training-history.ts';
import { panelLines } from './training-panel.ts';
import { duration, figure, percent, smallFigure, whole } from './wording.ts';

/** Faster than this nobody sees. */
const DRAW_MS = 80;
/** Between two lines where nobody looks on. */
const LINE_MS = 2_000;

export interface TerminalViewOptions {
  readonly screen: Screen & { readonly isTTY?: boolean | undefined };
  /** Milliseconds; monotonic. */
  readonly now: () => number;
  /** What earlier lives of the training told. */
  readonly earlier?: TrainingHistory | undefined;
}

export interface TerminalView {
  readonly watch: TrainingWatcher;
  /** Says something beside the training, such as a warning, without spoiling the panel. */
  readonly say: (text: string) => void;
  /** Shows the last of what happened. Call it however the training ends; can be called twice. */
  readonly stop: () => void;
}

export function openTerminalView(options: TerminalViewOptions): TerminalView {
  return options.screen.isTTY === true ? openPanel(options) : openLines(options);
}

function openPanel({ screen, now, earlier }: TerminalViewOptions): TerminalView {
  const panel = new LivePanel(screen);
  const history = copyOf(earlier);
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isBehind = false;
  const draw = (): void => {
    panel.draw(panelLines(history, panel.columns));
    drawnAt = now();
    isBehind = false;
  };
  return {
    watch(event) {
      history.add(event);
      isBehind = true;
      if (event.kind === 'end' || now() - drawnAt >= DRAW_MS) draw();
    },
    say: (text) => panel.say(oneLine(text), panelLines(history, panel.columns)),
    stop() {
      if (isBehind) draw();
      panel.leave();
    },
  };
}

function openLines({ screen, now }: TerminalViewOptions): TerminalView {
  let saidAt = Number.NEGATIVE_INFINITY;
  let steps = 0;
  let unsaid: string | undefined;
  const put = (line: string): void => {
    screen.write(`${oneLine(line)}\n`);
    saidAt = now();
    unsaid = undefined;
  };
  const flush = (): void => {
    if (unsaid !== undefined) put(unsaid);
  };
  return {
    watch(event) {
      if (event.kind === 'start') ({ steps } = event);
      const line = lineOf(event, steps);
      const isOneOfMany = event.kind === 'step' || event.kind === 'warm-up';
      if (isOneOfMany && now() - saidAt < LINE_MS) {
        unsaid = line;
        return;
      }
      // The last of many is the one that is looked for.
      if (!isOneOfMany) flush();
      put(line);
    },
    say: put,
    stop: flush,
  };
}

function lineOf(event: TrainingEvent, steps: number): string {
  switch (event.kind) {
    case 'start':
      return `${event.resumed_at === 0 ? 'training' : `going on after step ${event.resumed_at} with`} ${event.policy} on ${event.device}: ${event.dataset}, ${event.estimator}, seed ${event.seed}, run ${event.run_id}`;
    case 'warm-up':
      return `warm-up ${event.step}: loss ${figure(event.loss)}${event.accuracy === undefined ? '' : `, right ${percent(event.accuracy)} of ${percent(event.target)}`}`;
    case 'step': {
      const { metrics, skipped } = event;
      const kl = metrics.kl === undefined ? '' : ` KL ${smallFigure(metrics.kl)}`;
      const why = skipped === undefined ? '' : ` no update: ${skipped}`;
      return `step ${event.step}/${steps}: reward ${figure(metrics.mean_reward)} pass rate ${figure(metrics.pass_rate)} zero variance ${percent(metrics.zero_variance_share)} entropy ${figure(metrics.entropy)}${kl} loss ${smallFigure(metrics.loss)} ${whole(metrics.tokens_per_s)} tokens/s ${duration(event.wall_s)}${why}`;
    }
    case 'evaluation':
      return `${event.when} on ${event.split}: pass@1 ${figure(event.pass_at_1)} (${figure(event.low)} to ${figure(event.high)}) ${event.greedy ? 'greedy' : 'sampled'}, ${whole(event.questions)} questions`;
    case 'end':
      return `${event.stopped === undefined ? 'done' : `stopped, ${event.stopped}`}: reward ${figure(event.first_reward)} → ${figure(event.final_reward)} in ${whole(event.steps)} steps, ${duration(event.wall_s)}, ${whole(event.tokens_per_s)} tokens/s on ${event.device}`;
  }
}

function copyOf(earlier: TrainingHistory | undefined): TrainingHistory {
  const history = new TrainingHistory();
  for (const event of earlier?.events ?? []) history.add(event);
  return history;
}
