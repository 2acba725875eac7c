// The price of rewards on real completions: how often a cascade asks its judge, against judging every completion, and what a
// process that is killed in the middle pays twice. The judge is a real server on loopback that knows the labels.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { callsOf, measureCascade } from '../../scripts/cascade/measure.ts';

// 660 questions of GSM8K with four completions each by real models.
const DATA = fileURLToPath(new URL('../../../shared/data/gsm8k/completions.jsonl', import.meta.url));

// Runs wherever the data set is laid beside the repository.
describe.skipIf(!existsSync(DATA))('groupwise judge evaluate on GSM8K (../shared/data/gsm8k)', () => {
  it('avoids 95 % of the judge calls at 99.5 % agreement, repeats none in a second pass and none after kill -9', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'groupwise-cascade-'));
    try {
      const { completions, contradictions, every, cascade, second, killedEvery, killedCascade } =
        await measureCascade({ file: DATA, folder });
      expect({ completions, contradictions }).toEqual({ completions: 5_280, contradictions: 0 });
      // The judge that is always asked says what the labels say, so agreement with one is agreement with the other.
      expect(every).toMatchObject({ agreement: { share: 1 }, unscorable: {} });
      const [judge] = cascade.judges;
      expect(callsOf(cascade)).toBeGreaterThan(0);
      expect(callsOf(cascade)).toBe(judge?.asked);
      expect(1 - callsOf(cascade) / completions).toBeGreaterThanOrEqual(0.95);
      expect(cascade.agreement?.share).toBeGreaterThanOrEqual(0.995);
      expect(cascade).toMatchObject({ false_positives: 0, unscorable: {} });
      expect(callsOf(second)).toBe(0);
      const verdictsOf = ({ agreement, false_negatives: missed }: typeof cascade) => ({ agreement, missed });
      expect(verdictsOf(second)).toEqual(verdictsOf(cascade));
      for (const { calls, kept, repeated, report } of [killedEvery, killedCascade]) {
        // Something was kept, something was left to ask, and nothing that was kept was asked for again.
        expect(kept).toBeGreaterThan(calls / 2);
        expect(callsOf(report)).toBeGreaterThan(0);
        expect(repeated).toBe(0);
      }
      expect(verdictsOf(killedEvery.report)).toEqual(verdictsOf(every));
      expect(verdictsOf(killedCascade.report)).toEqual(verdictsOf(cascade));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 300_000);
});
