// A client in Python, generated from the proto files with none of our code: what a trainer would write. Needs Python 3 and
// pip's packages, which it installs once into .cache/python.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preparePython, ROOT, runPython } from '../support/python.ts';
import { REAL_DATASET, type RealServer, startRealServer } from '../support/real-server.ts';

const { folder, executable, missing } = await preparePython({
  name: 'python',
  packages: ['grpcio-tools', 'grpcio-health-checking', 'grpcio-reflection'],
  modules: ['grpc_tools', 'grpc_health', 'grpc_reflection'],
});
const GENERATED = join(folder, 'groupwise-client');

async function generate(): Promise<void> {
  mkdirSync(GENERATED, { recursive: true });
  const files = ['types', 'rewards', 'environment'].map((name) => `groupwise/v1/${name}.proto`);
  const out = [`--python_out=${GENERATED}`, `--grpc_python_out=${GENERATED}`];
  await runPython(executable, ['-m', 'grpc_tools.protoc', `-I${join(ROOT, 'proto')}`, ...out, ...files]);
}

// Runs wherever Python 3 is installed and pip can install, or has installed, the packages.
describe.skipIf(missing !== undefined)(
  `a generated Python client${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    let server: RealServer;
    let seen: Record<string, unknown>;

    beforeAll(async () => {
      await generate();
      server = await startRealServer();
      const script = join(ROOT, 'test', 'fixtures', 'python', 'client.py');
      const { stdout } = await runPython(executable, [script, server.running.grpc, REAL_DATASET], {
        PYTHONPATH: GENERATED,
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
