// `groupwise experiment data-efficiency` in seconds: that all arms use the same documents, that tokens and operations are what they are
// said to be, and that a second start does nothing twice. Who learns more is nothing that a model of this size could tell.

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ArmRecord } from '../../src/trainer/experiment/plan.ts';
import { runCommand } from '../support/command-process.ts';
import { EXPERIMENT_PLAN, planFlags } from '../support/experiment-plan.ts';
import { hasOnnx, ONNX_NOTE } from '../support/onnx-runtime.ts';

const ARMS = ['reinforcement', 'pretraining', 'pretraining-repeated'] as const;

let folder = '';
let first: Awaited<ReturnType<typeof experiment>>;

async function experiment(seeds: string, ...more: readonly string[]) {
  const flags = ['--out', folder, '--seeds', seeds, '--device', 'cpu', '--threads', '1', '--json'];
  return runCommand(['experiment', 'data-efficiency', ...flags, ...planFlags(EXPERIMENT_PLAN), ...more]);
}

function armPath(seed: number, arm: (typeof ARMS)[number]): string {
  return join(folder, `seed-${seed}`, `${arm}.json`);
}

function readArm(seed: number, arm: (typeof ARMS)[number]): ArmRecord {
  // What the command has just written.
  return JSON.parse(readFileSync(armPath(seed, arm), 'utf8')) as ArmRecord;
}

/** Bytes of the text of each source document. */
function sourceBytes(seed: number): ReadonlyMap<string, number> {
  const rows = readFileSync(join(folder, 'data', 'documents', `seed-${seed}-source.jsonl`), 'utf8');
  return new Map(
    rows
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly id: string; readonly text: string })
      .map(({ id, text }) => [id, Buffer.byteLength(text)]),
  );
}

describe.skipIf(!hasOnnx)(`groupwise experiment data-efficiency${ONNX_NOTE}`, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'groupwise-experiment-'));
    first = await experiment('1');
  }, 120_000);

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('ends with one line of JSON that has the curves of all arms, and writes what it names', () => {
    expect(first.stderr).toContain('seed 1, pretraining-repeated, point 3');
    expect(first.status).toBe(0);
    const summary = JSON.parse(first.stdout) as {
      readonly curves: Readonly<Record<string, readonly object[]>>;
      readonly files: Readonly<Record<string, string>>;
    };
    for (const arm of ARMS) expect(summary.curves[arm]).toHaveLength(EXPERIMENT_PLAN.points + 1);
    for (const path of Object.values(summary.files)) expect(statSync(path).size).toBeGreaterThan(0);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).not.toContain('<script');
  });

  it('lets all arms use the same documents, each counted once with the end of its text', () => {
    const bytes = sourceBytes(1);
    const { points, order } = readArm(1, 'reinforcement');
    expect(new Set(order)).toEqual(new Set(bytes.keys()));
    expect(points.map(({ documents }) => documents)).toEqual([0, 16, 24, 24]);
    for (const [index, point] of points.entries()) {
      const tokens = order.slice(0, point.documents).reduce((sum, id) => sum + (bytes.get(id) ?? NaN) + 1, 0);
      for (const arm of ARMS) {
        expect(readArm(1, arm).points[index]).toMatchObject({
          documents: point.documents,
          source_tokens: tokens,
        });
      }
    }
  });

  it('charges a text that is read once 6·N for each of its bytes, and one more for each update', () => {
    const { parameters } = JSON.parse(first.stdout) as { readonly parameters: number };
    const bytes = sourceBytes(1);
    const { points, order } = readArm(1, 'pretraining');
    for (const { documents, flops, updates } of points) {
      const read = order.slice(0, documents).reduce((sum, id) => sum + (bytes.get(id) ?? NaN), 0);
      expect(flops).toBe(6 * parameters * (read + updates));
    }
    // Five texts an update: the first 16 take four, the other 8 two.
    expect(points.map(({ updates }) => updates)).toEqual([0, 4, 6, 6]);
  });

  it('charges reinforcement for what is drawn also where nothing is learned from it', () => {
    const { parameters } = JSON.parse(first.stdout) as { readonly parameters: number };
    const { points } = readArm(1, 'reinforcement');
    // Prompts of six tokens, 8 of them a step, 12 steps: no less than reading those once.
    expect(points.at(-1)?.flops).toBeGreaterThanOrEqual(2 * parameters * 12 * 8 * 6);
    for (const [before, after] of points.slice(1).map((point, index) => [points[index], point] as const)) {
      expect(after.flops).toBeGreaterThan(before?.flops ?? NaN);
    }
  });

  it('gives pretraining that repeats as much as reinforcement had, and at most one update more', () => {
    const { points } = readArm(1, 'reinforcement');
    const repeated = readArm(1, 'pretraining-repeated').points;
    const once = readArm(1, 'pretraining').points;
    const { parameters } = JSON.parse(first.stdout) as { readonly parameters: number };
    const longest =
      6 * parameters * (EXPERIMENT_PLAN.documentsPerStep * Math.max(...sourceBytes(1).values()) + 1);
    for (const [index, { flops }] of repeated.entries()) {
      const least = Math.max(points[index]?.flops ?? NaN, once[index]?.flops ?? NaN);
      expect(flops).toBeGreaterThanOrEqual(points[index]?.flops ?? NaN);
      expect(flops).toBeLessThanOrEqual(least + longest);
    }
  });

  it('begins all arms from the same base', () => {
    const [base] = readArm(1, 'reinforcement').points;
    for (const arm of ARMS) expect(readArm(1, arm).points[0]).toEqual({ ...base, flops: 0, updates: 0 });
  });

  it('names --out where the disk refuses it', async () => {
    const file = fileURLToPath(import.meta.url);
    const ended = await runCommand(['experiment', 'data-efficiency', '--out', file]);
    expect(ended).toMatchObject({ status: 1, stderr: expect.stringContaining('(--out)') });
    expect(ended.stderr).not.toContain('Unexpected fault');
  });

  it('runs no arm twice, one that is gone again with the same numbers, and seeds that are added', async () => {
    const kept = statSync(armPath(1, 'reinforcement')).mtimeMs;
    const before = readArm(1, 'pretraining');
    rmSync(armPath(1, 'pretraining'));
    const again = await experiment('1,2');
    expect(again.status).toBe(0);
    expect(again.stderr).not.toContain('seed 1, reinforcement');
    expect(statSync(armPath(1, 'reinforcement')).mtimeMs).toBe(kept);
    expect(readArm(1, 'pretraining').points).toEqual(before.points);
    expect(again.stderr).toContain('seed 2, reinforcement, point 3');
    expect(JSON.parse(again.stdout)).toMatchObject({ seeds: [1, 2] });
    expect(readArm(2, 'reinforcement').order).not.toEqual(readArm(1, 'reinforcement').order);
  }, 120_000);

  it('refuses to go on with other settings, and names them', async () => {
    const refused = await experiment('1', '--passes', '3');
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain('passes was 2 and is 3');
  }, 60_000);

  it('refuses more documents than there are different sums', async () => {
    const refused = await runCommand([
      'experiment',
      'data-efficiency',
      '--out',
      join(folder, 'many'),
      '--source-documents',
      '5000',
    ]);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain('there are 2405');
  }, 60_000);
});
