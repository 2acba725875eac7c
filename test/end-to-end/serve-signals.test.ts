// How `groupwise serve` ends when it is told to: a real process with a call in flight, as only a process has signals.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-signals-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('groupwise serve', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'groupwise serve waits for the call in flight after one %s, and ends as by the signal itself after another',
    async (signal) => {
      const doors = ['--grpc', '127.0.0.1:0', '--http', '127.0.0.1:0', '--drain-ms', '600000'];
      const child = spawn(process.execPath, [COMMAND, 'serve', '--json', '--data', folder, ...doors], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      try {
        const closed = once(child, 'close');
        const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
        // What the command writes.
        const { http } = JSON.parse(line) as { readonly http: string };
        const [host, port] = http.split(':');
        // Announces more than it ever sends.
        const headers = { 'content-type': 'application/json', 'content-length': 9, expect: '100-continue' };
        const call = request({ host, port, path: '/v1/score', method: 'POST', headers });
        call.on('error', () => {
          // The server ends without an answer.
        });
        call.flushHeaders();
        await once(call, 'continue');
        let said = '';
        const stopping = new Promise<void>((resolve) => {
          child.stderr.setEncoding('utf8').on('data', (text: string) => {
            said += text;
            if (said.includes('Stopping: no new calls')) resolve();
          });
        });
        child.kill(signal);
        await stopping;
        child.kill(signal);
        expect(await closed).toEqual([null, signal]);
        call.destroy();
      } finally {
        child.kill('SIGKILL');
      }
    },
  );
});
