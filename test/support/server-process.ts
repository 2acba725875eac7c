// `groupwise serve` as a process of its own, so that a test can kill it.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));

export class ServerProcess {
  /** HOST:PORT of the gRPC door. */
  readonly grpc: string;
  /** HOST:PORT of the REST door. */
  readonly http: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, doors: { readonly grpc: string; readonly http: string }) {
    this.#child = child;
    this.grpc = doors.grpc;
    this.http = doors.http;
  }

  /** Resolves when the server says where it listens. */
  static async start(dataDir: string, ...more: readonly string[]): Promise<ServerProcess> {
    const child = spawn(
      process.execPath,
      [COMMAND, 'serve', '--json', '--log-level', 'warn', '--data', dataDir].concat(
        ['--grpc', '127.0.0.1:0'],
        ['--http', '127.0.0.1:0'],
        more,
      ),
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = once(child, 'exit').then(() => {
      throw new Error('The server ended before it listened');
    });
    const lines = createInterface({ input: child.stdout });
    const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
    ended.catch(() => {
      // From now on it may end when it likes.
    });
    return new ServerProcess(child, JSON.parse(line) as { grpc: string; http: string });
  }

  /** `kill -9`: no handler runs, nothing is flushed. */
  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
