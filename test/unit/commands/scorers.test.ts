// What is wrong with a scorers file that reads well is only seen when its scorers are opened; the error must still say where to look.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../../../src/adapters/system-clock.ts';
import { openScorers } from '../../../src/commands/scorers.ts';

const NO_LOG = { info: () => {}, warn: () => {}, error: () => {} };
const JUDGE = "model: m, endpoints: [{base_url: 'http://127.0.0.1:1/v1'}]";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-scorers-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('openScorers()', () => {
  it.each([
    ['a template that is not there', `judges: {main: {${JUDGE}, template: none}}`, 'judges.main.template'],
    ['a budget without a price', `judges: {main: {${JUDGE}, budget_usd: 1}}`, 'judges.main.price'],
    [
      'a key that the environment lacks',
      `judges: {main: {model: m, endpoints: [{base_url: 'http://x/v1', api_key_env: GROUPWISE_NO_SUCH_KEY}]}}`,
      'judges.main: Cannot use GROUPWISE_NO_SUCH_KEY',
    ],
    [
      'a folder without a model',
      'reward_models: {quality: {kind: onnx, folder: none}}',
      'reward_models.quality',
    ],
    [
      'a served model without a calibration',
      "reward_models: {served: {kind: tei_rerank, url: 'http://x'}}",
      'reward_models.served.calibration',
    ],
    ['an unknown kind of cache', `judges: {main: {${JUDGE}}}\ncache: mysql://x`, 'cache'],
    ['an audit by nobody', `judges: {main: {${JUDGE}}}\naudit: {judge: other}`, 'audit.judge'],
    [
      'an audit by a judge that compares completions',
      `judges: {main: {${JUDGE}, template: pairwise}}\naudit: {judge: main}`,
      'audit.judge',
    ],
  ])('openScorers() refuses %s and names the file and the key', async (_, yaml, key) => {
    const file = join(folder, 'scorers.yaml');
    writeFileSync(file, yaml);
    const settings = {
      scorers: file,
      data: folder,
      judgeModel: undefined,
      judgeUrl: 'http://127.0.0.1:1/v1',
      prompts: undefined,
    };
    const verifiers = { find: () => undefined, names: () => [] };
    await expect(openScorers(settings, verifiers, { clock: new SystemClock(), log: NO_LOG })).rejects.toThrow(
      `Cannot use the scorers in "${file}": ${key}`,
    );
  });
});
