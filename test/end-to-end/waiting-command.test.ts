// A command that only waits, for a server that asked it to come back later, is not at its end.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { startOpenAiServer } from '../support/openai-server.ts';

const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));

describe('groupwise score', () => {
  it(
    'waits as long as a judge asks it to, with no connection open, and then scores',
    { timeout: 60_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'groupwise-waiting-'));
      const api = await startOpenAiServer((_, index) =>
        index === 0
          ? { kind: 'status', status: 429, headers: { 'retry-after': '1', connection: 'close' } }
          : { kind: 'reply', text: '{"reasoning": "so it is", "verdict": "equivalent"}' },
      );
      try {
        const rows = join(folder, 'rows.jsonl');
        writeFileSync(
          rows,
          '{"question":"Where?","ground_truth":"Paris","completion":"in the city of light"}\n',
        );
        const args = [COMMAND, 'score', rows, '--reward', 'judge', '--data', join(folder, 'data'), '--json'];
        const env = {
          ...process.env,
          OPENAI_BASE_URL: api.url,
          OPENAI_API_KEY: 'key',
          GROUPWISE_JUDGE_MODEL: 'judge',
        };
        const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
        let said = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
        const [status]: unknown[] = await once(child, 'close');
        expect(status).toBe(0);
        expect(JSON.parse(said)).toMatchObject({ completions: 1, scored: 1 });
        expect(api.log).toHaveLength(2);
      } finally {
        await api.close();
        rmSync(folder, { recursive: true });
      }
    },
  );
});
