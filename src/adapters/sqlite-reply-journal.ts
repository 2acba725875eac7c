// The journal of paid replies in SQLite: a file of its own, so that it can be kept, copied or deleted apart from datasets. What many
// askings of one turn of the event loop bought goes to disk in one transaction, synced, and only then do they go on.

import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { EnvError } from '../core/errors.ts';
import type { JournalledReply, ReplyJournal } from '../ports/reply-journal.ts';
import { diskError } from './disk.ts';
import { inTransaction, migrate, openDatabase, REPLIES_FILE } from './sqlite.ts';

/** Keys are random: in a table that is ordered by them each new row would touch a page of its own. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE reply (
    key BLOB NOT NULL,
    text TEXT NOT NULL,
    finish_reason TEXT NOT NULL,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    cost_usd REAL,
    model TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX reply_key ON reply (key);
  `,
];

const SQL = {
  find: `SELECT text, finish_reason, prompt_tokens, completion_tokens, cost_usd, model FROM reply WHERE key = ?`,
  add: `INSERT INTO reply VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
} as const;

/** Pages of the write-ahead log between two checkpoints. */
const CHECKPOINT_PAGES = 4_000;

interface Pending {
  readonly key: string;
  readonly reply: JournalledReply;
  readonly done: PromiseWithResolvers<void>;
}

export class SqliteReplyJournal implements ReplyJournal {
  readonly #database: DatabaseSync;
  readonly #find: StatementSync;
  readonly #add: StatementSync;
  #pending: Pending[] = [];
  #isClosed = false;

  /** Throws `EnvError` when the file cannot be used. */
  constructor(dataDir: string) {
    const database = openDatabase(dataDir, REPLIES_FILE);
    try {
      database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      migrate(database, 'replies', MIGRATIONS);
      this.#find = database.prepare(SQL.find);
      this.#add = database.prepare(SQL.add);
    } catch (error) {
      database.close();
      throw error;
    }
    this.#database = database;
  }

  async find(key: string): Promise<JournalledReply | undefined> {
    const row = this.#find.get(Buffer.from(key, 'hex'));
    return row === undefined ? undefined : replyOf(row);
  }

  add(key: string, reply: JournalledReply): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('The reply journal is closed'));
    const done = Promise.withResolvers<void>();
    this.#pending.push({ key, reply, done });
    if (this.#pending.length === 1) setImmediate(() => this.#commit());
    return done.promise;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#commit();
    this.#isClosed = true;
    this.#database.close();
  }

  #commit(): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    try {
      inTransaction(this.#database, () => {
        for (const { key, reply } of pending) this.#write(key, reply);
      });
    } catch (error) {
      const refused = journalError(error);
      for (const { done } of pending) done.reject(refused);
      return;
    }
    for (const { done } of pending) done.resolve();
  }

  #write(key: string, reply: JournalledReply): void {
    const { text, finishReason, promptTokens, completionTokens, costUsd, model } = reply;
    // UTF-8 has no lone surrogates: they are replaced here rather than by chance.
    this.#add.run(
      Buffer.from(key, 'hex'),
      text.toWellFormed(),
      finishReason,
      promptTokens,
      completionTokens,
      costUsd,
      model,
    );
  }
}

function replyOf(row: Readonly<Record<string, unknown>>): JournalledReply {
  const finish = String(row['finish_reason']);
  return {
    text: String(row['text']),
    finishReason: finish === 'stop' || finish === 'length' ? finish : 'other',
    promptTokens: numberOrNull(row['prompt_tokens']),
    completionTokens: numberOrNull(row['completion_tokens']),
    costUsd: numberOrNull(row['cost_usd']),
    model: String(row['model']),
  };
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function journalError(error: unknown): unknown {
  const what = 'Cannot keep a paid reply';
  const refused = diskError(what, error);
  if (refused instanceof EnvError || !(error instanceof Error)) return refused;
  return new EnvError('unavailable', `${what}: ${error.message}`, { cause: error });
}
