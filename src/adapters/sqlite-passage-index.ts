// Retrieval by SQLite's full-text search: BM25 over stemmed words without diacritics. A file of its own, made once for a corpus
// and found again as long as the corpus is the same.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

import type { Passage } from '../core/document.ts';
import { EnvError } from '../core/errors.ts';
import type { PassageIndex, RankedPassage } from '../ports/passage-index.ts';
import { diskError } from './disk.ts';
import { inTransaction, migrate } from './sqlite.ts';

const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE passage (id INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;
  CREATE VIRTUAL TABLE passage_words USING fts5(
    text, content = '', tokenize = 'porter unicode61 remove_diacritics 2'
  );
  CREATE TABLE corpus (signature TEXT NOT NULL) STRICT;
  `,
];

const SQL = {
  add: 'INSERT INTO passage (json) VALUES (?)',
  addWords: 'INSERT INTO passage_words (rowid, text) VALUES (?, ?)',
  // FTS5's rank is lower where the match is better.
  search: `
    SELECT passage.json AS json, -found.rank AS score
    FROM (SELECT rowid, rank FROM passage_words WHERE passage_words MATCH ? ORDER BY rank, rowid LIMIT ?) AS found
    JOIN passage ON passage.id = found.rowid
    ORDER BY found.rank, found.rowid`,
  count: 'SELECT count(*) AS count FROM passage',
  signature: 'SELECT signature FROM corpus',
  sign: 'INSERT INTO corpus VALUES (?)',
} as const;

export class SqlitePassageIndex implements PassageIndex {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #search: StatementSync;

  /** @param path of the file, or `:memory:`. Throws `EnvError` when it cannot be used. */
  constructor(path: string) {
    this.#path = path;
    try {
      if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
      this.#database = new DatabaseSync(path);
      // It can be made again: speed counts more here than a power failure.
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
      migrate(this.#database, 'passages', MIGRATIONS);
      this.#search = this.#database.prepare(SQL.search);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new EnvError('failed_precondition', `Cannot open the index "${path}": ${why}`, { cause: error });
    }
  }

  /** What the index was completely made from; undefined while it is not complete. */
  get signature(): string | undefined {
    const signature = this.#database.prepare(SQL.signature).get()?.['signature'];
    return typeof signature === 'string' ? signature : undefined;
  }

  /** Says that all of the corpus is in. */
  sign(signature: string): void {
    this.#database.prepare(SQL.sign).run(signature);
  }

  async add(passages: readonly Passage[]): Promise<void> {
    const [row, words] = [this.#database.prepare(SQL.add), this.#database.prepare(SQL.addWords)];
    try {
      inTransaction(this.#database, () => {
        for (const passage of passages) {
          const { lastInsertRowid } = row.run(JSON.stringify(passage));
          words.run(lastInsertRowid, `${passage.title ?? ''}\n${passage.text}`);
        }
      });
    } catch (error) {
      throw diskError(`Cannot write the index "${this.#path}"`, error);
    }
  }

  async search(words: readonly string[], limit: number): Promise<readonly RankedPassage[]> {
    const query = words
      .filter((word) => /[\p{L}\p{N}]/u.test(word))
      // A quoted string is a phrase to FTS5, whatever is in it.
      .map((word) => `"${word.replaceAll('"', '""').replaceAll('\0', ' ')}"`)
      .join(' OR ');
    if (query === '') return [];
    return this.#search.all(query, limit).map((row) => ({
      // Written by `add`.
      passage: JSON.parse(String(row['json'])) as Passage,
      score: Number(row['score']),
    }));
  }

  async count(): Promise<number> {
    return Number(this.#database.prepare(SQL.count).get()?.['count'] ?? 0);
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}
