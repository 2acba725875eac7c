// What a client is told of a run, loaded or only stored: one rule for when it is exhausted.

import type { BooksRecord } from '../../core/accounting.ts';
import type { RunInfo } from '../../core/calls.ts';
import type { RunProgress, StoredRun } from '../../ports/run-store.ts';

/** How far the run has come, as whoever holds it knows it. */
export interface RunState extends Pick<RunProgress, 'isClosed' | 'isDrawn' | 'policyVersion'> {
  readonly groups: Readonly<BooksRecord['groups']>;
}

export function runInfo(
  { runId, settings, datasetVersion, createdAt, groupsTotal }: Omit<StoredRun, 'progress'>,
  { isClosed, isDrawn, policyVersion, groups }: RunState,
): RunInfo {
  const isExhausted = isDrawn && groups.issued === groups.completed + groups.quarantined;
  return {
    ...settings,
    runId,
    state: isClosed ? 'closed' : isExhausted ? 'exhausted' : 'open',
    datasetVersion,
    createdAt,
    groupsTotal,
    groupsCompleted: groups.completed,
    policyVersion,
  };
}

/** Of a run that is not loaded. */
export function infoOfStored(run: StoredRun): RunInfo {
  return runInfo(run, { ...run.progress, groups: run.progress.books.groups });
}
