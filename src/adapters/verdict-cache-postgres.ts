// Verdicts in PostgreSQL, shared by any number of servers, through keyv's official adapter. The pool of connections is our own:
// the adapter's is one for the whole process, and ends the process when an idle connection is cut.

import { KeyvPostgres } from '@keyv/postgres';
import pg from 'pg';

import type { KeyvStore } from './verdict-cache-keyv.ts';

const TABLE = 'groupwise_verdicts';
const CONNECTIONS_MAX = 8;
const CONNECT_MS = 2_000;
const QUERY_MS = 10_000;
/** Rows that a look through all entries takes at a time. */
const PAGE_ROWS = 1_000;
const UNDEFINED_TABLE = '42P01';

class VerdictsInPostgres extends KeyvPostgres {
  #pool: pg.Pool | undefined;

  /** Called by the constructor of the adapter, before this class has fields. */
  override async connect(): Promise<(sql: string, values?: unknown[]) => Promise<Row[]>> {
    await Promise.resolve();
    const pool = new pg.Pool({
      connectionString: this.opts.uri,
      max: CONNECTIONS_MAX,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: QUERY_MS,
      allowExitOnIdle: true,
    });
    // The next query opens another connection; that one ended is no reason to end.
    pool.on('error', () => {});
    this.#pool = pool;
    return async (sql, values) => {
      try {
        return (await pool.query<Row>(sql, values)).rows;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE)) throw error;
        // The database was not there, or empty, when the adapter tried to make its table.
        await pool.query(`CREATE TABLE IF NOT EXISTS ${TABLE} (key VARCHAR(255) PRIMARY KEY, value TEXT)`);
        return (await pool.query<Row>(sql, values)).rows;
      }
    };
  }

  override async disconnect(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.end();
  }
}

type Row = Record<string, unknown>;

/** @param uri `postgres://…`, as libpq takes it. */
export function postgresStore(uri: string): KeyvStore {
  return new VerdictsInPostgres({ uri, table: TABLE, iterationLimit: PAGE_ROWS });
}
