// Puts the parts of one run together, from what is stored of it. The parts know each other only through what they are handed
// here.

import { statedChoice } from '../../core/advantages/table.ts';
import { Books } from '../../core/accounting.ts';
import type { IssuedPair, OpenState, StoredRun } from '../../ports/run-store.ts';
import { Batches } from './batches.ts';
import { Bookkeeper } from './bookkeeper.ts';
import { GroupBoard } from './group-board.ts';
import { GroupReader } from './group-reader.ts';
import type { ResultContext } from './group-results.ts';
import { GroupScoring } from './group-scoring.ts';
import { LeaseDesk } from './lease-desk.ts';
import { RunAudits } from './run-audits.ts';
import { RunEvents } from './run-events.ts';
import { RunLedger } from './run-ledger.ts';
import type { RunParts, RunSurroundings } from './run-parts.ts';
import { heldGroupsOf } from './run-restore.ts';
import { RunSignals } from './run-signals.ts';
import { SubmitDesk } from './submit-desk.ts';

/** A run as it is stored, with its open groups and, where its sampler needs them, all that were issued. */
export interface StoredState {
  readonly stored: StoredRun;
  readonly open: OpenState;
  readonly issued: readonly IssuedPair[];
}

export interface AssembledRun {
  readonly audits: RunAudits;
  readonly books: Books;
  readonly batches: Batches;
  readonly board: GroupBoard;
  readonly events: RunEvents;
  readonly ledger: RunLedger;
  readonly leases: LeaseDesk;
  readonly reader: GroupReader;
  readonly scoring: GroupScoring;
  readonly signals: RunSignals;
  readonly submits: SubmitDesk;
}

/** @param mark says that the run has something to write. */
export function assembleRun(
  { stored, open, issued }: StoredState,
  parts: RunParts,
  around: RunSurroundings,
  mark: () => void,
): AssembledRun {
  const { runId, settings, progress, groupsTotal } = stored;
  const { estimator, sampler, scorer } = parts;
  const { groupSize, maxDrift } = settings;
  const { clock, log, nonces, limits, store, inFlight, commits } = around;

  const books = new Books(progress.books, around.totals);
  const ledger = new RunLedger(mark);
  const audits = new RunAudits(books, ledger);
  const signals = new RunSignals();
  const events = new RunEvents({
    sequence: progress.eventSequence,
    keptMax: limits.eventsKeptMax,
    startedAt: clock.now(),
  });
  const batches = new Batches({
    isJoint: estimator.scope === 'batch',
    isRefilled: settings.sampling.refill,
    owed: open.batches,
  });
  const results: ResultContext = {
    groupSize,
    estimator: statedChoice(estimator),
    batchOwed: (batchId) => batches.owed(batchId),
  };
  const bookkeeper = new Bookkeeper({
    books,
    batches,
    ledger,
    events,
    sampler,
    signals,
    results,
    clock,
    completeRound: (batchId) => scoring.completeRound(batchId),
    giveUpLost: (held) => scoring.waiting.giveUpLost(held),
  });
  sampler.restore(issued);
  const board = new GroupBoard({
    rules: { ...settings, openGroupsMax: limits.openGroupsPerRunMax },
    sampler,
    nonces,
    position: progress.position,
    isDrawn: progress.isDrawn,
    onChange: (held, moves, now) => bookkeeper.changed(held, moves, now),
  });
  const scoring = new GroupScoring({
    estimator,
    scorer,
    maxDrift,
    books,
    audits,
    ledger,
    batches,
    board,
    sampler,
    inFlight,
    clock,
    log,
    onCompleted: (held) => bookkeeper.ended(held),
    onOwed: () => signals.changed(),
  });
  const reader = new GroupReader({ runId, board, ledger, store, parts });
  const leases = new LeaseDesk({ board, reader, batches, ledger, events, around, groupSize });
  const submits = new SubmitDesk({
    runId,
    groupsTotal,
    groupSize,
    needsLengths: estimator.needsLengths,
    leases,
    reader,
    board,
    scoring,
    books,
    ledger,
    results,
    inFlight,
    commits,
  });

  const restored = heldGroupsOf(open, groupSize);
  board.restore(restored);
  for (const { state } of restored) {
    for (const lease of state.leases) batches.leaseMoved({ lease, from: undefined });
  }
  return { audits, books, batches, board, events, ledger, leases, reader, scoring, signals, submits };
}
