// A server of one's own for the length of a command: a child process on free loopback ports, with a data directory that is deleted
// afterwards unless it was given. A process and not a thread, so that the load and the server do not share an event loop. It ends
// with the command, however that ends, and is not hit by its Ctrl-C: the command says when it is not needed any more.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { embeddedEnvironment } from '../config.ts';
import { EnvError } from '../core/errors.ts';

const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));
const START_MS_MAX = 30_000;
const POLL_MS = 50;

export interface EmbeddedServer {
  /** HOST:PORT of the doors. */
  readonly grpc: string;
  readonly http: string;
  /** Drains the server, waits until it has ended and deletes its data, unless they were given. */
  stop(): Promise<void>;
}

export interface EmbeddedServerOptions {
  /** A data directory that stays. Default: one that is deleted with the server. */
  readonly data?: string | undefined;
}

/**
 * Starts `groupwise serve` and resolves when it is ready to serve.
 *
 * @param prepare runs other commands on the data directory before the server takes it
 */
export async function startEmbeddedServer(
  prepare: (data: string, run: (args: readonly string[]) => Promise<void>) => Promise<void>,
  options: EmbeddedServerOptions = {},
): Promise<EmbeddedServer> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'groupwise-')));
  const forget = async (): Promise<void> => {
    if (options.data === undefined) await rm(data, { recursive: true, force: true });
  };
  try {
    await prepare(data, runCommand);
    const [grpc, http] = [await freeAddress(), await freeAddress()];
    const child = spawnCommand([
      'serve',
      '--data',
      data,
      '--grpc',
      grpc,
      '--http',
      http,
      '--log-level',
      'warn',
    ]);
    await waitUntilReady(child, http);
    return { grpc, http, stop: () => stop(child).then(forget) };
  } catch (error) {
    await forget();
    throw error;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
}

/** Standard output is not passed on: it belongs to the command that embeds the server. */
function spawnCommand(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: embeddedEnvironment(),
    // The channel tells the child when this process is gone, also when nothing of it could say so.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // A process group of its own: the terminal's Ctrl-C is for the command.
    detached: true,
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

async function runCommand(args: readonly string[]): Promise<void> {
  const [status]: unknown[] = await once(spawnCommand(args), 'exit');
  if (status !== 0) {
    throw new EnvError(
      'internal',
      `Cannot prepare the server: groupwise ${args[0] ?? ''} ended with ${String(status)}`,
    );
  }
}

async function waitUntilReady(child: ChildProcess, http: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < START_MS_MAX; waitedMs += POLL_MS) {
    if (child.exitCode !== null) {
      throw new EnvError('unavailable', `Cannot start a server: it ended with status ${child.exitCode}`);
    }
    if (await isReady(http)) return;
    await sleep(POLL_MS);
  }
  child.kill('SIGKILL');
  throw new EnvError('unavailable', `Cannot start a server: it was not ready after ${START_MS_MAX / 1000} s`);
}

async function isReady(http: string): Promise<boolean> {
  try {
    const reply = await fetch(`http://${http}/readyz`, { signal: AbortSignal.timeout(1_000) });
    return reply.ok;
  } catch (error) {
    // Not listening yet.
    if (error instanceof Error) return false;
    throw error;
  }
}

/** A loopback address that was free just now. */
export async function freeAddress(): Promise<string> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const bound = probe.address();
  probe.close();
  await once(probe, 'close');
  if (bound === null || typeof bound === 'string') throw new TypeError('A TCP socket has a port');
  return `127.0.0.1:${bound.port}`;
}
