// Money: a generation run is killed without warning, again and again, and started again. The dataset is that of a run that nobody
// disturbed, byte by byte, and no reply that reached the disk is bought twice: the whole command, with the stages of Webscale-RL
// over real chapters.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { generationModel, identityOf, unreliable } from '../support/generation-model.ts';
import { killAgainAndAgain, runUntil, startNumbering } from '../support/kill-again.ts';
import type { Behaviour, ChatBody } from '../support/openai-server.ts';
import { PROSE_HANDLERS } from '../support/prose-model.ts';

/** In CI fewer; `GROUPWISE_KILL_ROUNDS=20` for the whole proof. */
const KILLS = Number(process.env['GROUPWISE_KILL_ROUNDS'] ?? 3);
const AT_ONCE = 8;
const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));
const RECIPE = fileURLToPath(new URL('../../examples/recipes/webscale-rl.yaml', import.meta.url));
const CHAPTERS = fileURLToPath(new URL('../../../shared/data/documents/physics', import.meta.url));
const hasChapters = existsSync(CHAPTERS);
if (!hasChapters) process.stderr.write(`Skipped: the chapters of ${CHAPTERS} are not there\n`);

const folder = mkdtempSync(join(tmpdir(), 'groupwise-generation-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The command over the first chapters, with a model at `url`. */
function argsFor(dataDir: string, url: string): readonly string[] {
  // Completion tokens cost nothing, since the server numbers its replies by them.
  const model = `{ model: test-teacher, endpoints: [{ base_url: "${url}" }], price: { input: 1, output: 0 }, concurrency_max: ${AT_ONCE}, attempt_timeout_ms: 300, attempts_max: 40 }`;
  const recipe = `${dataDir}.yaml`;
  writeFileSync(recipe, `models:\n  teacher: ${model}\n${readFileSync(RECIPE, 'utf8')}`);
  const made = ['--recipe', recipe, '--name', 'physics', '--data', dataDir, '--yes'];
  return [COMMAND, 'generate', CHAPTERS, '--limit', '14', ...made];
}

async function rowsOf(dataDir: string): Promise<string> {
  const out = `${dataDir}.jsonl`;
  const args = ['physics', '--data', dataDir, '--format', 'jsonl', '--out', out];
  await runUntil([COMMAND, 'dataset', 'export', ...args], () => false);
  return readFileSync(out, 'utf8');
}

describe.each<[string, (body: ChatBody) => Behaviour, number]>([
  ['behaves', generationModel(PROSE_HANDLERS), 5],
  ['fails in 30 % of its calls', unreliable(generationModel(PROSE_HANDLERS), { seed: 6 }), 6],
])('groupwise generate at a server that %s', (_, behave, seed) => {
  it.skipIf(!hasChapters)(
    `GenerationRun makes the same dataset, killed ${KILLS} times, and asks nothing twice that reached the disk`,
    async () => {
      const [calm, server] = [await startNumbering(behave), await startNumbering(behave)];
      const [calmDir, dataDir] = ['calm', 'killed'].map((kind) => join(folder, `${seed}-${kind}`)) as [
        string,
        string,
      ];
      for (const each of [calmDir, dataDir]) mkdirSync(each);
      try {
        expect(await runUntil(argsFor(calmDir, calm.url), () => false)).toBe(0);
        const runs = await killAgainAndAgain(argsFor(dataDir, server.url), {
          server,
          dataDir,
          kills: KILLS,
          callsInAll: calm.log.length,
          seed,
        });
        const text = await rowsOf(dataDir);
        expect(text.split('\n').length).toBeGreaterThan(25);
        expect(text).toBe(await rowsOf(calmDir));
        expect(runs.repeated).toEqual([]);
        const distinct = new Set(runs.answered);
        expect(new Set(runs.kept)).toEqual(distinct);
        expect(runs.kept).toHaveLength(distinct.size);
        // Each of the others was under way, or on its way to the disk, at one of the kills.
        expect(runs.answered.length - distinct.size).toBeLessThanOrEqual(KILLS * AT_ONCE);
        const asked = calm.log.filter(({ billed }) => billed !== undefined);
        expect(distinct).toEqual(new Set(asked.map(({ body }) => identityOf(body))));
      } finally {
        await Promise.all([calm.close(), server.close()]);
      }
    },
    600_000,
  );
});
