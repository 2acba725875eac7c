// Real Redis and PostgreSQL servers for tests, each with a folder and a port of its own. Where the programs are not installed
// (Debian: redis-server, postgresql) there is none, and the tests that need it are skipped.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DatabaseServer {
  readonly url: string;
  readonly process: ChildProcess;
  /** As a machine that is switched off. */
  kill(): Promise<void>;
  /** Starts again on the same data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

const REDIS = 'redis-server';
const POSTGRES_FOLDERS = '/usr/lib/postgresql';
const START_MS = 30_000;

export function hasRedis(): boolean {
  return ['/usr/bin', '/usr/local/bin'].some((folder) => existsSync(join(folder, REDIS)));
}

export function hasPostgres(): boolean {
  return postgresPrograms() !== undefined;
}

export async function startRedis(): Promise<DatabaseServer> {
  const folder = mkdtempSync(join(tmpdir(), 'groupwise-redis-'));
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const persistence = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  return DatabaseProcess.start({
    url: `redis://127.0.0.1:${port}`,
    folder,
    port,
    run: () => spawn(REDIS, [...options, ...persistence], { stdio: 'ignore' }),
  });
}

/** PostgreSQL refuses to run as root: then it runs as the user `postgres`. */
export async function startPostgres(): Promise<DatabaseServer> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'groupwise-postgres-'));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) execFileSync('chown', ['postgres', folder]);
  chmodSync(folder, 0o700);
  const command = (program: string, args: readonly string[]): readonly [string, string[]] => {
    const path = join(programs, program);
    return isRoot
      ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', path, ...args]]
      : [path, [...args]];
  };
  const [initialise, initialiseArgs] = command('initdb', [
    '-D',
    folder,
    '-U',
    'groupwise',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--no-sync',
  ]);
  execFileSync(initialise, initialiseArgs, { stdio: 'ignore', cwd: '/' });
  // Chosen at the last moment: making the database takes a second, in which another test could be given the same port.
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
  const [server, serverArgs] = command('postgres', [
    '-D',
    folder,
    ...settings.flatMap((each) => ['-c', each]),
  ]);
  return DatabaseProcess.start({
    url: `postgres://groupwise@127.0.0.1:${port}/postgres`,
    folder,
    port,
    run: () => spawn(server, serverArgs, { stdio: 'ignore', cwd: '/' }),
  });
}

/** Ends all connections of a PostgreSQL server, as an administrator does. */
export function cutConnections(url: string): void {
  const others = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()';
  execFileSync(join(postgresPrograms() ?? '', 'psql'), [url, '-c', others], { stdio: 'ignore' });
}

interface DatabaseProcessOptions {
  readonly url: string;
  readonly folder: string;
  readonly port: number;
  run(): ChildProcess;
}

class DatabaseProcess implements DatabaseServer {
  readonly #options: DatabaseProcessOptions;
  #process: ChildProcess;

  constructor(options: DatabaseProcessOptions) {
    this.#options = options;
    this.#process = options.run();
  }

  static async start(options: DatabaseProcessOptions): Promise<DatabaseProcess> {
    const server = new DatabaseProcess(options);
    await server.#isReady();
    return server;
  }

  get url(): string {
    return this.#options.url;
  }

  get process(): ChildProcess {
    return this.#process;
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async restart(): Promise<void> {
    this.#process = this.#options.run();
    await this.#isReady();
  }

  async remove(): Promise<void> {
    // For PostgreSQL SIGQUIT ends the processes of its connections as well.
    await this.#end(this.url.startsWith('postgres') ? 'SIGQUIT' : 'SIGKILL');
    rmSync(this.#options.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill(signal);
    await ended;
  }

  /** Waits until it takes connections, and then for what a connection needs besides. */
  async #isReady(): Promise<void> {
    const until = Date.now() + START_MS;
    while (!(await this.#answers())) {
      if (Date.now() > until) throw new Error(`The database server at ${this.url} does not start`);
      await sleep(50);
      // One that was killed leaves processes and shared memory that are gone a moment later; until then the next one refuses.
      if (this.#process.exitCode !== null) this.#process = this.#options.run();
    }
  }

  async #answers(): Promise<boolean> {
    const programs = postgresPrograms();
    if (this.url.startsWith('postgres') && programs !== undefined) {
      try {
        execFileSync(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(this.#options.port)]);
        return true;
      } catch {
        // It says by its exit status that the server is not ready yet.
        return false;
      }
    }
    return takesConnections(this.#options.port);
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** The folder of the newest version's programs. */
function postgresPrograms(): string | undefined {
  if (!existsSync(POSTGRES_FOLDERS)) return undefined;
  return readdirSync(POSTGRES_FOLDERS)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(POSTGRES_FOLDERS, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
