// Runs in SQLite. Open groups are small rows that come and go; results and handed-in texts are only ever added, in the order
// in which groups end, so a commit costs the same however long the run is.
//
// WAL with synchronous = NORMAL: what is committed survives the death of the process at any moment. When the machine itself
// loses power the last commits may be gone, but never half of one.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { RunId } from '../core/ids.ts';
import type {
  BatchOwed,
  EndedGroup,
  IssuedPair,
  MemberOutcome,
  OpenState,
  RunChanges,
  RunStore,
  StoredRun,
  TakenCompletions,
} from '../ports/run-store.ts';
import type { TrainingStep } from '../core/calls.ts';
import {
  endedOf,
  endedRow,
  groupOf,
  groupRow,
  saidRow,
  takenOf,
  takenRow,
  takenWith,
  type EndedRow,
  type GroupRow,
  type TakenRow,
} from './run-rows.ts';
import { MIGRATIONS, SQL } from './sqlite-run-schema.ts';
import { inTransaction, migrate } from './sqlite.ts';

/** Pages of the write-ahead log between two checkpoints: fewer syncs than the usual 1,000, still a small file. */
const CHECKPOINT_PAGES = 4_000;

type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>;

export class SqliteRunStore implements RunStore {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #numbers = new Map<RunId, number>();

  /** @param database a connection for this store alone; the caller closes it. */
  constructor(database: DatabaseSync) {
    database.exec(`PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    migrate(database, 'runs', MIGRATIONS);
    this.#database = database;
    this.#sql = prepareAll(database);
  }

  async create(run: StoredRun): Promise<boolean> {
    const { progress, ...opened } = run;
    return this.#sql.insertRun.run(run.runId, toText(opened), toText(progress)).changes === 1;
  }

  async find(runId: RunId): Promise<StoredRun | undefined> {
    const row = this.#sql.findRun.get(runId);
    return row && storedRun(row);
  }

  async list(): Promise<readonly StoredRun[]> {
    return this.#sql.listRuns.all().map(storedRun);
  }

  async withOpenGroups(): Promise<readonly RunId[]> {
    return this.#sql.withOpenGroups.all().map((row) => textOf(row['run_id']) as RunId);
  }

  async openState(runId: RunId): Promise<OpenState> {
    const run = this.#number(runId);
    const sql = this.#sql;
    return {
      groups: sql.openGroups.all(run).map((row) => groupOf(fromText<GroupRow>(row['state']))),
      taken: sql.openTaken.all(run).map(takenCompletions),
      outcomes: sql.outcomes.all(run).map(memberOutcome),
      batches: sql.batches.all(run).map((row) => batchOwed(row)),
    };
  }

  async issuedPairs(runId: RunId): Promise<readonly IssuedPair[]> {
    return this.#sql.issued.all(this.#number(runId)).map(issuedPair);
  }

  async endedGroup(runId: RunId, sequence: number): Promise<EndedGroup | undefined> {
    const row = this.#sql.ended.get(this.#number(runId), sequence);
    return row && endedOf(fromText<EndedRow>(row['result']));
  }

  async takenCompletions(runId: RunId, sequence: number): Promise<readonly TakenCompletions[]> {
    const run = this.#number(runId);
    const apart = this.#sql.taken.all(run, sequence).map(takenCompletions);
    const row = this.#sql.ended.get(run, sequence);
    if (row === undefined || row['said'] === null) return apart;
    const together = takenWith(endedOf(fromText<EndedRow>(row['result'])), fromText(row['said']));
    return [...apart, together].toSorted((a, b) => a.leaseNumber - b.leaseNumber);
  }

  async trainingSteps(
    runId: RunId,
    { afterNumber, limit }: { readonly afterNumber: number | undefined; readonly limit: number },
  ): Promise<readonly TrainingStep[]> {
    const rows = this.#sql.steps.all(this.#number(runId), afterNumber ?? -1, limit);
    return rows.map((row) => fromText<TrainingStep>(row['step']));
  }

  async commit(changes: readonly RunChanges[]): Promise<void> {
    inTransaction(this.#database, () => {
      for (const each of changes) this.#write(each);
    });
  }

  #write(changes: RunChanges): void {
    const sql = this.#sql;
    const run = this.#number(changes.runId);
    for (const group of changes.open) sql.putOpen.run(run, group.sequence, toText(groupRow(group)));
    this.#writeEnded(run, changes);
    for (const { sequence, leaseNumber, memberIndex, outcome } of changes.outcomes) {
      sql.putOutcome.run(run, sequence, leaseNumber, memberIndex, toText(outcome));
    }
    for (const { batchId, owed } of changes.batches) {
      if (owed === 0) sql.dropBatch.run(run, batchId);
      else sql.putBatch.run(run, batchId, owed);
    }
    for (const { sequence, ordinal, observation, isRetired } of changes.issued) {
      const { passes = null, trials = null } = observation ?? {};
      sql.putIssued.run(run, sequence, ordinal, passes, trials, Number(isRetired));
    }
    for (const step of changes.trainingSteps) sql.putStep.run(run, step.number, toText(step));
    sql.putProgress.run(toText(changes.progress), run);
  }

  /** What was handed in and what came of it: in one row where both come in one commit, as they do when scoring is quick. */
  #writeEnded(run: number, { taken, ended }: RunChanges): void {
    const sql = this.#sql;
    const ends = new Map(ended.map((each) => [each.group.sequence, each]));
    const said = new Map<number, string>();
    for (const each of taken) {
      const { sequence, leaseNumber, members } = each;
      const end = ends.get(sequence);
      const row = end && saidRow(end, each);
      const first = members[0]?.completion.memberIndex ?? 0;
      if (row) said.set(sequence, toText(row));
      else sql.putTaken.run(run, sequence, leaseNumber, first, toText(takenRow(members)));
    }
    for (const [sequence, end] of ends) {
      const together = said.get(sequence);
      sql.putEnded.run(run, sequence, toText(endedRow(end)), together ?? null);
      sql.dropOpen.run(run, sequence);
      // A group that came back whole under its first lease has nothing else on disk.
      if (together === undefined || end.group.leasesMade > 1) sql.dropOutcomes.run(run, sequence);
    }
  }

  #number(runId: RunId): number {
    let number = this.#numbers.get(runId);
    if (number === undefined) {
      number = Number(this.#sql.findRun.get(runId)?.['number']);
      if (!Number.isSafeInteger(number)) throw new Error(`Run ${runId} is not in the store`);
      this.#numbers.set(runId, number);
    }
    return number;
  }
}

type Row = Readonly<Record<string, SQLInputValue>>;

function prepareAll(database: DatabaseSync): Statements {
  const entries = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]);
  return Object.fromEntries(entries) as Statements;
}

function storedRun(row: Row): StoredRun {
  const opened = fromText<Omit<StoredRun, 'progress'>>(row['opened']);
  return { ...opened, progress: fromText<StoredRun['progress']>(row['progress']) };
}

function takenCompletions(row: Row): TakenCompletions {
  return {
    sequence: Number(row['sequence']),
    leaseNumber: Number(row['lease']),
    members: takenOf(fromText<TakenRow>(row['members'])),
  };
}

function memberOutcome(row: Row): MemberOutcome {
  return {
    sequence: Number(row['sequence']),
    leaseNumber: Number(row['lease']),
    memberIndex: Number(row['member']),
    outcome: fromText<MemberOutcome['outcome']>(row['outcome']),
  };
}

function batchOwed(row: Row): BatchOwed {
  return { batchId: textOf(row['batch_id']) as BatchOwed['batchId'], owed: Number(row['owed']) };
}

function issuedPair(row: Row): IssuedPair {
  const { sequence, ordinal, passes, trials, is_retired: isRetired } = row;
  return {
    sequence: Number(sequence),
    ordinal: Number(ordinal),
    observation: trials === null ? undefined : { passes: Number(passes), trials: Number(trials) },
    isRetired: isRetired === 1,
  };
}

/** Absent fields are left out, and come back as absent. */
function toText(value: object): string {
  return JSON.stringify(value);
}

/** What this store wrote itself, under migrations that keep it readable. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- says what is in the column
function fromText<Value>(text: SQLInputValue | undefined): Value {
  return JSON.parse(textOf(text)) as Value;
}

function textOf(value: SQLInputValue | undefined): string {
  if (typeof value !== 'string') throw new TypeError('Cannot read the run store: a column is not text');
  return value;
}
