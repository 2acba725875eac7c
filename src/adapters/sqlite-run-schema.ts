// The tables of the run store and every statement it uses. Migrations are append-only: a published one never changes.

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    opened TEXT NOT NULL,
    progress TEXT NOT NULL
  ) STRICT;
  CREATE TABLE open_group (
    run INTEGER NOT NULL REFERENCES run (number),
    sequence INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (run, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE member_outcome (
    run INTEGER NOT NULL REFERENCES run (number),
    sequence INTEGER NOT NULL,
    lease INTEGER NOT NULL,
    member INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (run, sequence, lease, member)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE taken (
    run INTEGER NOT NULL REFERENCES run (number),
    sequence INTEGER NOT NULL,
    lease INTEGER NOT NULL,
    first_member INTEGER NOT NULL,
    members TEXT NOT NULL,
    PRIMARY KEY (run, sequence, lease, first_member)
  ) STRICT;
  -- place: run << 40 | sequence, so that no second tree is needed. said: what its members wrote, when all of it came in with
  -- the group's end; otherwise it is in taken.
  CREATE TABLE ended_group (
    place INTEGER PRIMARY KEY,
    result TEXT NOT NULL,
    said TEXT
  ) STRICT;
  CREATE TABLE batch_owed (
    run INTEGER NOT NULL REFERENCES run (number),
    batch_id TEXT NOT NULL,
    owed INTEGER NOT NULL,
    PRIMARY KEY (run, batch_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE issued_pair (
    run INTEGER NOT NULL REFERENCES run (number),
    sequence INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    passes INTEGER,
    trials INTEGER,
    is_retired INTEGER NOT NULL,
    PRIMARY KEY (run, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE training_step (
    run INTEGER NOT NULL REFERENCES run (number),
    number INTEGER NOT NULL,
    step TEXT NOT NULL,
    PRIMARY KEY (run, number)
  ) STRICT, WITHOUT ROWID;
  `,
];

export const SQL = {
  insertRun: 'INSERT INTO run (run_id, opened, progress) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  findRun: 'SELECT number, opened, progress FROM run WHERE run_id = ?',
  listRuns: 'SELECT number, opened, progress FROM run ORDER BY number',
  withOpenGroups:
    'SELECT run_id FROM run WHERE EXISTS (SELECT 1 FROM open_group WHERE run = number) ORDER BY number',
  openGroups: 'SELECT state FROM open_group WHERE run = ? ORDER BY sequence',
  openTaken: `SELECT sequence, lease, members FROM taken WHERE run = ?1
    AND sequence IN (SELECT sequence FROM open_group WHERE run = ?1) ORDER BY sequence, lease, first_member`,
  outcomes: 'SELECT sequence, lease, member, outcome FROM member_outcome WHERE run = ?',
  batches: 'SELECT batch_id, owed FROM batch_owed WHERE run = ?',
  issued:
    'SELECT sequence, ordinal, passes, trials, is_retired FROM issued_pair WHERE run = ? ORDER BY sequence',
  ended: 'SELECT result, said FROM ended_group WHERE place = (?1 << 40 | ?2)',
  taken:
    'SELECT sequence, lease, members FROM taken WHERE run = ? AND sequence = ? ORDER BY lease, first_member',
  steps: 'SELECT step FROM training_step WHERE run = ? AND number > ? ORDER BY number LIMIT ?',
  putProgress: 'UPDATE run SET progress = ? WHERE number = ?',
  putOpen: 'INSERT OR REPLACE INTO open_group VALUES (?, ?, ?)',
  putTaken: 'INSERT OR REPLACE INTO taken VALUES (?, ?, ?, ?, ?)',
  putOutcome: 'INSERT OR REPLACE INTO member_outcome VALUES (?, ?, ?, ?, ?)',
  putEnded: 'INSERT OR REPLACE INTO ended_group VALUES (?1 << 40 | ?2, ?3, ?4)',
  dropOpen: 'DELETE FROM open_group WHERE run = ? AND sequence = ?',
  dropOutcomes: 'DELETE FROM member_outcome WHERE run = ? AND sequence = ?',
  putBatch: 'INSERT OR REPLACE INTO batch_owed VALUES (?, ?, ?)',
  dropBatch: 'DELETE FROM batch_owed WHERE run = ? AND batch_id = ?',
  putIssued: 'INSERT OR REPLACE INTO issued_pair VALUES (?, ?, ?, ?, ?, ?)',
  putStep: 'INSERT OR REPLACE INTO training_step VALUES (?, ?, ?)',
} as const;
