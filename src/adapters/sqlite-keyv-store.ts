// A keyv store in a database file of the data directory. What is set within one turn of the event loop is one transaction, and
// each `set` resolves when it is committed: WAL with synchronous = NORMAL, so the death of the process at any moment loses
// nothing. Reads see only what is committed. After a fault the next call opens the file anew.

import { EventEmitter } from 'node:events';

import { SqliteKeyvFile } from './sqlite-keyv-file.ts';
import { inTransaction } from './sqlite.ts';

/** Entries of one transaction: some 10 ms, in which nothing else runs. */
const COMMIT_MAX = 256;
const PAGE_ROWS = 1_000;
/** Expired entries that each commit removes besides. */
const SWEEP_ROWS = 64;

interface Entry {
  readonly key: string;
  readonly value: string;
  readonly expiresAt: number | null;
}

interface Commit {
  readonly entries: Entry[];
  readonly done: PromiseWithResolvers<void>;
}

export class SqliteKeyvStore extends EventEmitter {
  /** keyv looks here for whether a store can be iterated. */
  readonly opts = { dialect: 'sqlite', url: 'sqlite:' };
  /** Set by keyv, which also puts it in front of each key: `namespace:key`. */
  namespace: string | undefined;
  readonly #file: SqliteKeyvFile;
  readonly #now: () => number;
  #commits: Commit[] = [];

  constructor(options: { readonly dataDir: string; readonly now: () => number }) {
    super();
    this.#file = new SqliteKeyvFile(options.dataDir);
    this.#now = options.now;
  }

  async get(key: string): Promise<string | undefined> {
    return (await this.getMany([key]))[0];
  }

  async getMany(keys: readonly string[]): Promise<(string | undefined)[]> {
    return this.#file.use(({ sql }) => {
      const now = this.#now();
      return keys.map((key) => textOf(sql.get.get(key, now)?.['value']));
    });
  }

  async has(key: string): Promise<boolean> {
    return (await this.get(key)) !== undefined;
  }

  async hasMany(keys: readonly string[]): Promise<boolean[]> {
    return (await this.getMany(keys)).map((value) => value !== undefined);
  }

  /** @param ttlMs for good when absent. */
  async set(key: string, value: string, ttlMs?: number): Promise<boolean> {
    await this.#enqueue({ key, value, expiresAt: this.#expiresAt(ttlMs) });
    return true;
  }

  async setMany(
    entries: readonly { readonly key: string; readonly value: string; readonly ttl?: number }[],
  ): Promise<boolean[]> {
    const commits = entries.map(({ key, value, ttl }) =>
      this.#enqueue({ key, value, expiresAt: this.#expiresAt(ttl) }),
    );
    await Promise.all(commits);
    return entries.map(() => true);
  }

  /** Whether it was there. */
  async delete(key: string): Promise<boolean> {
    return this.deleteMany([key]);
  }

  /** Whether any was there. What was set before and is not yet committed is deleted as well. */
  async deleteMany(keys: readonly string[]): Promise<boolean> {
    this.#commitAll();
    return this.#file.use(({ database, sql }) =>
      inTransaction(database, () => {
        let deleted = 0;
        for (const key of keys) deleted += Number(sql.drop.run(key).changes);
        return deleted > 0;
      }),
    );
  }

  /** All entries of the namespace; of the whole store when there is none. */
  async clear(): Promise<void> {
    this.#commitAll();
    const { from, to } = rangeOf(this.namespace);
    this.#file.use(({ sql }) => sql.clear.run(from, to));
  }

  /** Entries `[key, value]`, keys with their namespace, as keyv expects. What is set meanwhile may be among them or not. */
  async *iterator(namespace?: string): AsyncGenerator<[string, string]> {
    const { from, to } = rangeOf(namespace);
    let after = from;
    for (;;) {
      const rows = this.#file.use(({ sql }) => sql.page.all(after, to, this.#now(), PAGE_ROWS));
      for (const row of rows) {
        const [key, value] = [textOf(row['key']), textOf(row['value'])];
        if (key === undefined || value === undefined) continue;
        after = key;
        yield [key, value];
      }
      if (rows.length < PAGE_ROWS) return;
    }
  }

  /** Commits what waits, and closes the file. Nothing can be asked after it. */
  async disconnect(): Promise<void> {
    this.#commitAll();
    this.#file.close();
  }

  #expiresAt(ttlMs: number | undefined): number | null {
    return ttlMs === undefined ? null : Math.floor(this.#now() + ttlMs);
  }

  #enqueue(entry: Entry): Promise<void> {
    let commit = this.#commits.at(-1);
    if (commit === undefined || commit.entries.length >= COMMIT_MAX) {
      commit = { entries: [], done: Promise.withResolvers() };
      this.#commits.push(commit);
      if (this.#commits.length === 1) setImmediate(() => this.#commitNext());
    }
    commit.entries.push(entry);
    return commit.done.promise;
  }

  /** One transaction a turn, so that other work comes between. */
  #commitNext(): void {
    this.#commit(this.#commits.shift());
    if (this.#commits.length > 0) setImmediate(() => this.#commitNext());
  }

  #commitAll(): void {
    for (const commit of this.#commits.splice(0)) this.#commit(commit);
  }

  #commit(commit: Commit | undefined): void {
    if (commit === undefined) return;
    try {
      this.#file.use(({ database, sql }) =>
        inTransaction(database, () => {
          for (const { key, value, expiresAt } of commit.entries) sql.put.run(key, value, expiresAt);
          sql.sweep.run(this.#now(), SWEEP_ROWS);
        }),
      );
      commit.done.resolve();
    } catch (error) {
      commit.done.reject(error);
    }
  }
}

/** Keys of a namespace lie between `namespace:` and `namespace;`, the next character. */
function rangeOf(namespace: string | undefined): { readonly from: string; readonly to: string } {
  return namespace === undefined || namespace === ''
    ? { from: '', to: '\u{10ffff}' }
    : { from: `${namespace}:`, to: `${namespace};` };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
