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
import type { Group } from '../core/group.ts';
import type { TrainingStep } from '../core/calls.ts';
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
      groups: sql.openGroups.all(run).map((row) => fromText<Group>(row['state'])),
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
    return row && fromText<EndedGroup>(row['result']);
  }

  async takenCompletions(runId: RunId, sequence: number): Promise<readonly TakenCompletions[]> {
    return this.#sql.taken.all(this.#number(runId), sequence).map(takenCompletions);
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
    for (const group of changes.open) sql.putOpen.run(run, group.sequence, toText(group));
    for (const { sequence, leaseNumber, members } of changes.taken) {
      const first = members[0]?.completion.memberIndex ?? 0;
      sql.putTaken.run(run, sequence, leaseNumber, first, toText(members));
    }
    for (const { sequence, leaseNumber, memberIndex, outcome } of changes.outcomes) {
      sql.putOutcome.run(run, sequence, leaseNumber, memberIndex, toText(outcome));
    }
    for (const ended of changes.ended) {
      const { sequence } = ended.group;
      sql.putEnded.run(run, sequence, toText(ended));
      sql.dropOpen.run(run, sequence);
      sql.dropOutcomes.run(run, sequence);
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
    members: fromText<TakenCompletions['members']>(row['members']),
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
