// What the command says in a clone in which nothing is installed yet: what to do, and no stack.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const COMMAND = fileURLToPath(new URL('../../bin/groupwise.js', import.meta.url));

let clone: string;

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'groupwise-clone-'));
  mkdirSync(join(clone, 'src'));
  cpSync(COMMAND, join(clone, 'bin', 'groupwise.js'));
  writeFileSync(join(clone, 'package.json'), '{"type":"module"}');
  writeFileSync(join(clone, 'src', 'cli.ts'), "import 'commander';\n");
});

afterEach(() => rmSync(clone, { recursive: true, force: true }));

it('groupwise in a clone without its dependencies says how they are installed', () => {
  const ended = spawnSync(process.execPath, [join(clone, 'bin', 'groupwise.js'), 'serve'], {
    encoding: 'utf8',
  });
  expect(ended.stderr).toBe(
    'Cannot start groupwise: its dependencies are not installed. `npm run setup` in the clone does that\n',
  );
  expect(ended.status).toBe(1);
});
