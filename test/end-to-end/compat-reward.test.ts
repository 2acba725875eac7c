// A server is not started with a recipe for its dialects that nothing can score, and says which setting was wrong.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLog } from '../../src/adapters/pino-log.ts';
import { startServer } from '../../src/commands/server.ts';
import { readSettings } from '../../src/config.ts';

let data: string;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'groupwise-compat-reward-'));
});

afterEach(() => rmSync(data, { recursive: true, force: true }));

it.each([
  ['a scorer that is not there', 'maths', /^Cannot use --compat-reward: Unknown scorer "maths"/],
  ['broken JSON', '{"scorers"', /--compat-reward/],
  ['a recipe of nothing', '{"scorers": []}', /--compat-reward\.scorers/],
  ['a file that is not there', '@/nowhere/recipe.json', /--compat-reward.*\/nowhere\/recipe\.json/],
])('startServer() refuses --compat-reward with %s by its name', async (_, compatReward, message) => {
  const settings = readSettings({ data, grpc: '127.0.0.1:0', http: '127.0.0.1:0', compatReward }, {});
  await expect(startServer(settings, createLog('silent'))).rejects.toThrow(message);
});
