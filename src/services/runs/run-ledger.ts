// What of one run is not on disk yet. Groups are written as they are when the commit begins, not change by change: a group
// that was leased, handed in and completed within one turn is written once. What fails to be written stays here.

import type { TrainingStep } from '../../core/calls.ts';
import type {
  BatchOwed,
  EndedGroup,
  IssuedPair,
  RunChanges,
  RunProgress,
  TakenCompletions,
} from '../../ports/run-store.ts';
import type { HeldGroup, Member } from './held-group.ts';

interface ScoredMember {
  readonly held: HeldGroup;
  readonly leaseNumber: number;
  readonly member: Member;
}

interface Unwritten {
  readonly open: Set<HeldGroup>;
  readonly ended: Map<number, HeldGroup>;
  readonly taken: TakenCompletions[];
  readonly scored: ScoredMember[];
  /** Members that were taken in and now wait for the rest of their group. */
  waiting: number;
  readonly batches: BatchOwed[];
  readonly issued: IssuedPair[];
  readonly trainingSteps: TrainingStep[];
  /** To be called when all this is on disk. */
  readonly callbacks: (() => void)[];
}

function nothing(): Unwritten {
  return {
    open: new Set(),
    ended: new Map(),
    taken: [],
    scored: [],
    waiting: 0,
    batches: [],
    issued: [],
    trainingSteps: [],
    callbacks: [],
  };
}

export class RunLedger {
  readonly #mark: () => void;
  #unwritten = nothing();
  #writing: Unwritten | undefined;
  /** Changes that are only in the run's progress. */
  #isTouched = false;

  /** @param mark tells the commit queue that there is something to write. */
  constructor(mark: () => void) {
    this.#mark = mark;
  }

  /** Something in the run's progress changed. */
  touch(): void {
    this.#isTouched = true;
    this.#mark();
  }

  get isEmpty(): boolean {
    const { open, ended, taken, scored, waiting, callbacks } = this.#unwritten;
    const isEmpty = open.size + ended.size + taken.length + scored.length + waiting + callbacks.length === 0;
    return isEmpty && this.#writing === undefined && !this.#isTouched;
  }

  groupChanged(held: HeldGroup): void {
    this.#unwritten.open.add(held);
    this.#mark();
  }

  groupEnded(held: HeldGroup): void {
    this.#unwritten.open.delete(held);
    this.#unwritten.ended.set(held.state.sequence, held);
    this.#mark();
  }

  taken(completions: TakenCompletions): void {
    this.#unwritten.taken.push(completions);
    this.#mark();
  }

  scored(scored: ScoredMember): void {
    this.#unwritten.scored.push(scored);
    this.#mark();
  }

  /** Members were taken in that are not scored before the rest of their group is in. */
  waiting(count: number): void {
    this.#unwritten.waiting += count;
    this.#mark();
  }

  batchesOwed(batches: readonly BatchOwed[]): void {
    if (batches.length === 0) return;
    this.#unwritten.batches.push(...batches);
    this.#mark();
  }

  issued(pair: IssuedPair): void {
    this.#unwritten.issued.push(pair);
    this.#mark();
  }

  trainingStep(step: TrainingStep): void {
    this.#unwritten.trainingSteps.push(step);
    this.#mark();
  }

  /** Calls `callback` when all that has changed so far is on disk. */
  afterCommit(callback: () => void): void {
    this.#unwritten.callbacks.push(callback);
    this.#mark();
  }

  /** A group that has ended but is not yet found in the store. */
  findEnded(sequence: number): HeldGroup | undefined {
    return this.#unwritten.ended.get(sequence) ?? this.#writing?.ended.get(sequence);
  }

  /** All changes so far, as one piece to write. */
  collect(run: Pick<RunChanges, 'runId'> & { readonly progress: RunProgress }): RunChanges {
    const writing = this.#unwritten;
    this.#writing = writing;
    this.#unwritten = nothing();
    this.#isTouched = false;
    return {
      runId: run.runId,
      progress: run.progress,
      open: Array.from(writing.open, (held) => held.state),
      taken: writing.taken,
      outcomes: writing.scored.flatMap(({ held, leaseNumber, member }) =>
        held.ended === undefined && member.outcome !== undefined
          ? [
              {
                sequence: held.state.sequence,
                leaseNumber,
                memberIndex: member.completion.memberIndex,
                outcome: member.outcome,
              },
            ]
          : [],
      ),
      ended: endedOf(writing),
      batches: writing.batches,
      issued: writing.issued,
      trainingSteps: writing.trainingSteps,
    };
  }

  /** The collected changes are on disk. Returns how many completions in them nothing is done with now: scored or waiting. */
  committed(): number {
    const written = this.#writing ?? nothing();
    this.#writing = undefined;
    for (const callback of written.callbacks) callback();
    return written.scored.length + written.waiting;
  }

  /** The collected changes are not on disk: they come before the newer ones. */
  failed(): void {
    const failed = this.#writing ?? nothing();
    const newer = this.#unwritten;
    this.#writing = undefined;
    for (const [sequence, held] of newer.ended) failed.ended.set(sequence, held);
    for (const held of newer.open) failed.open.add(held);
    for (const held of failed.ended.values()) failed.open.delete(held);
    failed.taken.push(...newer.taken);
    failed.scored.push(...newer.scored);
    failed.waiting += newer.waiting;
    failed.batches.push(...newer.batches);
    failed.issued.push(...newer.issued);
    failed.trainingSteps.push(...newer.trainingSteps);
    failed.callbacks.push(...newer.callbacks);
    this.#unwritten = failed;
    this.#isTouched = true;
  }
}

function endedOf(writing: Unwritten): readonly EndedGroup[] {
  return Array.from(writing.ended.values(), (held) => held.ended).filter((ended) => ended !== undefined);
}
