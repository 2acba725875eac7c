// A client in Python, generated from the proto files with none of our code: what a trainer would write. Needs Python 3 and
// pip's packages, which it installs once into .cache/python.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REAL_DATASET, type RealServer, startRealServer } from '../support/real-server.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const VENV = join(ROOT, '.cache', 'python');
const PYTHON = join(VENV, 'bin', 'python');
const GENERATED = join(VENV, 'groupwise-client');
const PACKAGES = ['grpcio-tools', 'grpcio-health-checking', 'grpcio-reflection'];

/** Why the client cannot be made here, or undefined when it is there. */
async function prepare(): Promise<string | undefined> {
  try {
    if (!existsSync(PYTHON)) await run('python3', ['-m', 'venv', VENV]);
    if (!(await canImport()))
      await run(PYTHON, ['-m', 'pip', 'install', '--quiet', ...PACKAGES], { timeout: 300_000 });
    mkdirSync(GENERATED, { recursive: true });
    const proto = join(ROOT, 'proto');
    const files = ['types', 'rewards', 'environment'].map((name) => `groupwise/v1/${name}.proto`);
    const out = [`--python_out=${GENERATED}`, `--grpc_python_out=${GENERATED}`];
    await run(PYTHON, ['-m', 'grpc_tools.protoc', `-I${proto}`, ...out, ...files]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? 'no reason') : String(error);
  }
}

async function canImport(): Promise<boolean> {
  try {
    await run(PYTHON, ['-c', 'import grpc_tools, grpc_health, grpc_reflection']);
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

const missing = await prepare();

// Runs wherever Python 3 is installed and pip can install, or has installed, the packages.
describe.skipIf(missing !== undefined)(
  `a generated Python client${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let server: RealServer;
    let seen: Record<string, unknown>;

    beforeAll(async () => {
      server = await startRealServer();
      const script = join(ROOT, 'test', 'fixtures', 'python', 'client.py');
      const { stdout } = await run(PYTHON, [script, server.running.grpc, REAL_DATASET], {
        env: { ...process.env, PYTHONPATH: GENERATED },
        timeout: 120_000,
      });
      seen = JSON.parse(stdout) as Record<string, unknown>;
    }, 180_000);

    afterAll(() => server?.stop());

    it('reads health and reflection', () => {
      expect(seen['health']).toBe(1);
      expect(seen['services']).toEqual(
        expect.arrayContaining(['groupwise.v1.Environment', 'groupwise.v1.Rewards']),
      );
    });

    it('opens a run, leases groups and submits their completions', () => {
      expect(seen['run']).toMatchObject({ state: 'RUN_STATE_OPEN', group_size: 2, seed: 7 });
      expect(seen['leased']).toHaveLength(2);
      const submitted = seen['submitted'] as { state: string; completions: unknown[]; estimator: unknown }[];
      for (const result of submitted) {
        expect(result).toMatchObject({ state: 'GROUP_STATE_COMPLETED', estimator: { name: 'grpo:verl' } });
        expect(result.completions).toHaveLength(2);
      }
      expect(seen['outcomes']).toEqual(['reward', 'reward', 'reward', 'reward']);
    });

    it('streams: rollout, and scores with a refusal in between', () => {
      expect(seen['streamed']).toBeGreaterThanOrEqual(5);
      expect(seen['scored']).toEqual([[1, 0], 'groups[0].ground_truth', [1]]);
    });

    it('is refused by canonical codes, with the field in the metadata', () => {
      expect(seen['refusal']).toEqual(['NOT_FOUND', expect.stringMatching(/nobody/)]);
      expect(seen['field']).toBe('group_size');
    });

    it('sees no ground truth', () => {
      const text = JSON.stringify(seen);
      for (const secret of server.secrets.filter(({ length }) => length > 5))
        expect(text).not.toContain(secret);
    });
  },
);
