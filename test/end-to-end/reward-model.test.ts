import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { hasOnnx, ONNX_NOTE } from '../support/onnx-runtime.ts';
import { ServerProcess } from '../support/server-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const parent = mkdtempSync(join(tmpdir(), 'groupwise-check-'));
const folder = join(parent, 'cross-encoder');

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

function run(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], { cwd: ROOT }, (error, out, err) => {
      resolve({ status: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

function check(...args: readonly string[]): Promise<Ended> {
  return run('bin/groupwise.js', 'reward-model', 'check', ...args);
}

beforeAll(async () => {
  const made = await run('scripts/make-test-models.ts', parent);
  if (made.status !== 0) throw new Error(made.err);
});

afterAll(() => {
  rmSync(parent, { recursive: true });
});

// Runs wherever onnxruntime-node is installed and has a build.
describe.skipIf(!hasOnnx)(`groupwise reward-model check${ONNX_NOTE}`, () => {
  it('groupwise reward-model check ends with 0 for a model that gives what it gave when it was made', async () => {
    const { status, out } = await check(folder, '--json', '--tolerance', '1e-5');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ provider: 'cpu', failures: [], texts: 5, passes: true });
  });

  it('groupwise reward-model check warns of a provider that it cannot use, and says which it used', async () => {
    const { status, out, err } = await check(folder, '--provider', 'no-such-provider,cpu');
    expect([status, out]).toEqual([0, expect.stringContaining('on cpu')]);
    expect(err).toContain('Execution provider cannot be used');
  });

  it('groupwise reward-model check ends with 1 when one number of one text is another', async () => {
    const path = join(folder, 'expected.json');
    const whole = readFileSync(path, 'utf8');
    const expected = JSON.parse(whole) as { readonly texts: unknown; readonly logits: number[][] };
    const logits = expected.logits.map((row, index) => row.map((value) => value + (index === 3 ? 0.002 : 0)));
    writeFileSync(path, JSON.stringify({ ...expected, logits }));
    const { status, out } = await check(folder, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ at_text: 3, passes: false });
    expect((await check(folder, '--tolerance', '0.003')).status).toBe(0);
    writeFileSync(path, whole);
  });

  it('groupwise reward-model check says in one line what it cannot use', async () => {
    const missing = await check(join(parent, 'nothing'));
    expect([missing.status, missing.err.trim()]).toEqual([
      1,
      expect.stringMatching(/^Cannot use .* no model\.onnx$/u),
    ]);
    expect((await check(folder, '--provider', 'no-such-provider')).err).toContain('on any provider');
    expect((await check(folder, '--tolerance', 'small')).status).toBe(2);
  });
});

describe.skipIf(!hasOnnx)(`groupwise serve with a reward model${ONNX_NOTE}`, () => {
  it('groupwise serve counts the batches of its reward models in /metrics', async () => {
    const scorers = join(parent, 'scorers.yaml');
    const model = { kind: 'onnx', folder: join(parent, 'regression') };
    writeFileSync(scorers, JSON.stringify({ reward_models: { helpful: model } }));
    const server = await ServerProcess.start(join(parent, 'data'), '--scorers', scorers);
    try {
      const completions = ['4', 'five', '4'].map((text) => ({ text }));
      const group = { prompt: [{ role: 'user', content: '2 + 2?' }], ground_truth: '4', completions };
      const reply = await fetch(`http://${server.http}/v1/score`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ reward: 'helpful', estimator: 'dr_grpo', groups: [group] }),
      });
      expect([reply.status, await reply.text()]).toEqual([200, expect.anything()]);
      const metrics = await (await fetch(`http://${server.http}/metrics`)).text();
      expect(metrics).toContain('\ngroupwise_reward_model_sequences_total{scorer="helpful"} 2\n');
      expect(metrics).toContain('\ngroupwise_reward_model_shared_total{scorer="helpful"} 1\n');
    } finally {
      await server.kill();
    }
  });
});
