// Who watches a training: a person at the terminal and, with a folder, a log and a report that go on when the training does.

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { diskError } from '../../adapters/disk.ts';
import { reportPage } from '../../adapters/report-page.ts';
import type { TrainingWatcher } from '../../trainer/training-event.ts';
import { openTerminalView } from '../../trainer/watch/terminal-view.ts';
import { openTrainingLog, type TrainingLog } from '../../trainer/watch/training-log.ts';
import { trainingReport } from '../../trainer/watch/training-report.ts';

export interface Watchers {
  readonly tell: TrainingWatcher;
  /** Says something beside the training. */
  readonly say: (text: string) => void;
  /** Shows the last of what happened and writes the report, however the training ended. */
  close(): Promise<void>;
}

export const LOG_FILE = 'training.jsonl';
export const REPORT_FILE = 'report.html';

export async function openWatchers(out: string | undefined): Promise<Watchers> {
  let log: TrainingLog | undefined;
  if (out !== undefined) {
    await mkdir(out, { recursive: true });
    log = openTrainingLog(join(out, LOG_FILE));
  }
  const view = openTerminalView({
    screen: process.stderr,
    now: () => performance.now(),
    earlier: log?.history,
  });
  return {
    tell: (event) => {
      log?.watch(event);
      view.watch(event);
    },
    say: view.say,
    async close() {
      view.stop();
      if (out !== undefined && log !== undefined) await writeReport(join(out, REPORT_FILE), log);
    },
  };
}

async function writeReport(path: string, { history }: TrainingLog): Promise<void> {
  try {
    await writeFile(`${path}.partial`, reportPage(trainingReport(history)));
    await rename(`${path}.partial`, path);
  } catch (error) {
    throw diskError(`Cannot write "${path}"`, error);
  }
}
