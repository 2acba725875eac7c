// The servers that are measured, each a child process on a loopback port of its own: ours, and the baselines beside it.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freeAddress } from '../../src/commands/embedded-server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const CACHE = join(ROOT, '.cache', 'bench');
export const GROUPWISE = join(ROOT, 'bin', 'groupwise.js');

export interface BenchServer {
  readonly pid: number;
  /** HOST:PORT by protocol. */
  readonly grpc?: string;
  readonly http?: string;
  stop(): Promise<void>;
}

/** `groupwise serve` over a fresh data directory that holds the load test's dataset. */
export async function startGroupwise(nodeFlags: readonly string[]): Promise<BenchServer> {
  const data = mkdtempSync(join(tmpdir(), 'groupwise-bench-'));
  const questions = join(data, 'questions.jsonl');
  runOnce(process.execPath, [GROUPWISE, 'loadtest', '--write-dataset', questions]);
  runOnce(process.execPath, [GROUPWISE, 'import', questions, '--data', data, '--name', 'loadtest']);
  const [grpc, http] = [await freeAddress(), await freeAddress()];
  const serve = ['serve', '--data', data, '--grpc', grpc, '--http', http, '--log-level', 'warn'];
  const server = await start(process.execPath, [...nodeFlags, GROUPWISE, ...serve], [grpc, http]);
  return {
    ...server,
    grpc,
    http,
    async stop() {
      await server.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

export async function startGrpcEcho(nodeFlags: readonly string[], isLean: boolean): Promise<BenchServer> {
  const grpc = await freeAddress();
  const script = join(ROOT, 'scripts', 'bench', 'grpc-echo.ts');
  const args = [...nodeFlags, script, ...(isLean ? ['--lean'] : []), grpc];
  return { ...(await start(process.execPath, args, [grpc])), grpc };
}

export async function startHttpEcho(nodeFlags: readonly string[]): Promise<BenchServer> {
  const http = await freeAddress();
  const script = join(ROOT, 'scripts', 'bench', 'http-echo.ts');
  return { ...(await start(process.execPath, [...nodeFlags, script, http], [http])), http };
}

/** FastAPI on uvicorn, one process as the others, in a virtual environment that is made at the first run. */
export async function startFastApi(): Promise<BenchServer> {
  const venv = join(CACHE, 'venv');
  if (!existsSync(join(venv, 'bin', 'uvicorn'))) {
    mkdirSync(CACHE, { recursive: true });
    runOnce('python3', ['-m', 'venv', venv]);
    runOnce(join(venv, 'bin', 'pip'), ['install', '--quiet', 'fastapi', 'uvicorn[standard]']);
  }
  const http = await freeAddress();
  const [, port = ''] = http.split(':');
  const app = ['--app-dir', join(ROOT, 'scripts', 'bench'), 'get_reward:app'];
  const quiet = ['--no-access-log', '--log-level', 'warning'];
  return { ...(await start(join(venv, 'bin', 'uvicorn'), [...app, '--port', port, ...quiet], [http])), http };
}

/** Processor seconds that a process has used so far, all threads together (Linux). */
export function cpuSeconds(pid: number): number {
  const ticksPerSecond = 100;
  // Fields 14 and 15 of proc(5), counted after the command name, which may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

async function start(
  command: string,
  args: readonly string[],
  addresses: readonly string[],
): Promise<BenchServer> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (child.pid === undefined) throw new Error(`Cannot start ${command}`);
  for (const address of addresses) await waitUntilOpen(child, address);
  return { pid: child.pid, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function waitUntilOpen(child: ChildProcess, address: string): Promise<void> {
  const [host = '', port = ''] = address.split(':');
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`The server ended with status ${child.exitCode}`);
    const socket = connect(Number(port), host);
    const isOpen = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      sleep(1_000).then(() => false),
    ]);
    socket.destroy();
    if (isOpen) return;
    await sleep(100);
  }
  throw new Error(`The server at ${address} did not come up`);
}

function runOnce(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with status ${status}`);
}
