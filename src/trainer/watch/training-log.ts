// A training's log: one event a line, as JSON, written when it happens. A training that is taken up again goes on in the same file;
// no step stands in it twice, and a line that a crash cut off goes.

import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

import { EnvError } from '../../core/errors.ts';
import type { TrainingEvent, TrainingWatcher } from '../training-event.ts';
import { TrainingHistory } from './training-history.ts';

const KINDS: ReadonlySet<unknown> = new Set<TrainingEvent['kind']>([
  'start',
  'warm-up',
  'step',
  'evaluation',
  'end',
]);

export interface TrainingLog {
  /** All lives of the training, those before this one among them. */
  readonly history: TrainingHistory;
  /** On disk, as far as the system keeps what a process has written when the process is killed, before it returns. */
  readonly watch: TrainingWatcher;
}

/**
 * Goes on with the log at `path`, or begins it; its folder is there.
 *
 * @throws EnvError `failed_precondition` where the file cannot be read or written, or is no such log
 */
export function openTrainingLog(path: string): TrainingLog {
  const { history, isWhole } = readLog(path);
  if (!isWhole) rewrite(path, history);
  return {
    history,
    watch(event) {
      if (history.add(event)) rewrite(path, history);
      else onDisk(path, () => appendFileSync(path, lineOf(event)));
    },
  };
}

function readLog(path: string): { readonly history: TrainingHistory; readonly isWhole: boolean } {
  const history = new TrainingHistory();
  const text = readText(path);
  const lines = text.split('\n');
  // What stands behind the last line feed was cut off.
  const rest = lines.pop();
  for (const [index, line] of lines.entries()) history.add(eventOf(line, { path, at: index + 1 }));
  return { history, isWhole: rest === '' };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw new EnvError('failed_precondition', `Cannot read the training log "${path}"`, { cause: error });
  }
}

function eventOf(line: string, place: { readonly path: string; readonly at: number }): TrainingEvent {
  const event = parsed(line);
  // Whole lines of ours are what they were when they were written; another file shows by its kinds.
  if (typeof event === 'object' && event !== null && 'kind' in event && KINDS.has(event.kind)) {
    return event as TrainingEvent;
  }
  throw new EnvError(
    'failed_precondition',
    `Cannot go on with the training log "${place.path}": line ${place.at} is no event of a training`,
  );
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function rewrite(path: string, { events }: TrainingHistory): void {
  onDisk(path, () => {
    writeFileSync(`${path}.partial`, events.map(lineOf).join(''), { flush: true });
    renameSync(`${path}.partial`, path);
  });
}

function lineOf(event: TrainingEvent): string {
  return `${JSON.stringify(event)}\n`;
}

function onDisk(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const why = error instanceof Error ? `: ${error.message}` : '';
    throw new EnvError('failed_precondition', `Cannot write the training log "${path}"${why}`, {
      cause: error,
    });
  }
}
