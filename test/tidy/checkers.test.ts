// Shows that each tidy rule can fail: small sources that break one rule each, and neighbours that break none.

import { describe, expect, it } from 'vitest';
import { checkLinks, checkNamedFiles, headingsOf } from './check-docs.ts';
import { checkLayers } from './check-layers.ts';
import { checkLock } from './check-lock.ts';
import { checkModule } from './check-modules.ts';
import { checkLength, checkOpening, checkPythonOpening, checkText, LINES_MAX } from './check-text.ts';
import { LAYERS, PACKAGE_PLACES } from './layers.ts';

const CORE = 'export const one = 1;';
const files = {
  'src/core/one.ts': CORE,
  'src/ports/clock.ts': 'export interface Clock { now(): number }',
  'src/contract/limits.ts': CORE,
  'src/services/board.ts': CORE,
  'src/edges/grpc/server.ts': CORE,
  'src/edges/rest/app.ts': CORE,
  'src/client/env-client.ts': CORE,
};

function rulesOf(sources: Record<string, string>): readonly string[] {
  return checkLayers(new Map(Object.entries({ ...files, ...sources }))).map((violation) => violation.rule);
}

function moduleRulesOf(text: string, file = 'src/core/x.ts'): readonly string[] {
  return checkModule(file, text).map((violation) => violation.rule);
}

function textRulesOf(file: string, text: string): readonly string[] {
  return checkText(file, text).map((violation) => violation.rule);
}

describe('checkLayers()', () => {
  it('checkLayers() finds nothing in sources that keep the table', () => {
    expect(
      rulesOf({
        'src/core/two.ts': "import { createHash } from 'node:crypto'; import { one } from './one.ts';",
        'src/services/score.ts': "import type { Clock } from '../ports/clock.ts'; import '../core/one.ts';",
        'src/edges/rest/two.ts': "import { Hono } from 'hono/tiny'; import '../../services/board.ts';",
        'src/commands/serve.ts': "await import('../edges/grpc/server.ts');",
        'src/adapters/quiet.ts':
          '// import { one } from "../services/board.ts"\nconst text = "import \'../client/x.ts\'";',
      }),
    ).toEqual([]);
  });

  it.each([
    ['a static import', "import { one } from '../services/board.ts';"],
    ['an import of types', "import type { One } from '../services/board.ts';"],
    ['an import for its effect', "import '../services/board.ts';"],
    ['a re-export', "export { one } from '../services/board.ts';"],
    ['a re-export of types', "export type { One } from '../services/board.ts';"],
    ['a re-export of all', "export * from '../services/board.ts';"],
    ['a dynamic import', "export const load = () => import('../services/board.ts');"],
    ['an import inside of a type', "export type One = import('../services/board.ts').One;"],
    ['a require', "export const load = () => require('../services/board.ts');"],
  ])('checkLayers() finds %s from a layer that may not', (_, source) => {
    expect(rulesOf({ 'src/core/bad.ts': source })).toEqual(['layer-import']);
  });

  it.each([
    ['src/core/bad.ts', '../ports/clock.ts'],
    ['src/ports/bad.ts', '../contract/limits.ts'],
    ['src/contract/bad.ts', '../ports/clock.ts'],
    ['src/services/bad.ts', '../contract/limits.ts'],
    ['src/adapters/bad.ts', '../services/board.ts'],
    ['src/edges/grpc/bad.ts', '../rest/app.ts'],
    ['src/edges/rest/bad.ts', '../grpc/server.ts'],
    ['src/edges/compat/bad.ts', '../rest/app.ts'],
    ['src/edges/rest/bad.ts', '../../ports/clock.ts'],
    ['src/client/bad.ts', '../services/board.ts'],
    ['src/client/bad.ts', '../edges/grpc/server.ts'],
    ['src/loadtest/bad.ts', '../services/board.ts'],
    ['src/trainer/bad.ts', '../services/board.ts'],
    ['src/generate/bad.ts', '../services/board.ts'],
    ['src/cli.ts', './services/board.ts'],
    ['src/config.ts', './core/one.ts'],
  ])('checkLayers() refuses that %s imports %s', (file, target) => {
    expect(rulesOf({ [file]: `import '${target}';` })).toEqual(['layer-import']);
  });

  it.each([
    ['src/core/bad.ts', 'zod', ['package-import']],
    ['src/core/bad.ts', 'node:fs', ['package-import']],
    ['src/ports/bad.ts', 'node:crypto', ['package-import']],
    ['src/services/bad.ts', 'pino', ['package-import']],
    ['src/contract/bad.ts', 'liquidjs', ['package-import']],
    ['src/client/bad.ts', 'undici', ['package-import']],
    ['src/adapters/bad.ts', '@grpc/grpc-js', ['package-place']],
    ['src/edges/rest/bad.ts', '@grpc/grpc-js/build/src/metadata', ['package-place']],
    ['src/commands/bad.ts', '@grpc/grpc-js', ['package-place']],
    ['src/edges/rest/bad.ts', 'onnxruntime-node', ['package-place']],
    ['src/services/bad.ts', 'node:child_process', ['package-import', 'package-place']],
    ['src/adapters/bad.ts', 'hono', ['package-place']],
  ])('checkLayers() refuses that %s imports %s', (file, name, rules) => {
    expect(rulesOf({ [file]: `import '${name}';` })).toEqual(rules);
  });

  it('checkLayers() refuses two importing files for one package among the adapters', () => {
    const source = "import { pino } from 'pino';";
    expect(rulesOf({ 'src/adapters/a.ts': source })).toEqual([]);
    expect(rulesOf({ 'src/adapters/a.ts': source, 'src/adapters/b.ts': source })).toEqual(['package-shared']);
  });

  it('checkLayers() refuses a file in no layer, an import that leads nowhere and one that is computed', () => {
    expect(rulesOf({ 'src/utils/bad.ts': '' })).toEqual(['layer-unknown']);
    expect(rulesOf({ 'src/core/bad.ts': "import './none.ts';" })).toEqual(['import-missing']);
    expect(rulesOf({ 'src/core/bad.ts': "import './one';" })).toEqual(['import-missing']);
    expect(rulesOf({ 'src/core/bad.ts': 'export const load = (name: string) => import(name);' })).toEqual([
      'import-computed',
    ]);
  });

  it('checkLayers() reports a cycle once, with its files', () => {
    const sources = new Map([
      ['src/core/a.ts', "import './b.ts';"],
      ['src/core/b.ts', "import { type C } from './c.ts';"],
      ['src/core/c.ts', "export * from './a.ts';"],
      ['src/core/d.ts', "import './a.ts'; import type { E } from './e.ts';"],
      ['src/core/e.ts', "import './d.ts';"],
    ]);
    expect(checkLayers(sources)).toEqual([
      {
        file: 'src/core/a.ts',
        rule: 'import-cycle',
        detail: 'src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts',
      },
    ]);
  });

  it('LAYERS and PACKAGE_PLACES give a reason for every row', () => {
    expect([...LAYERS, ...PACKAGE_PLACES].filter((row) => row.because.length < 15)).toEqual([]);
    const names = new Set(LAYERS.map((layer) => layer.name));
    expect(
      LAYERS.flatMap((layer) => layer.mayImport).filter((name) => name !== '*' && !names.has(name)),
    ).toEqual([]);
  });
});

describe('checkModule()', () => {
  it.each([
    'export const NAMES: ReadonlySet<string> = new Set(["a"]);',
    'export const TABLE = { a: 1 } as const; export const LIST = ["a"] as const;',
    'export const none: readonly string[] = []; export const bound: Bound = new Map();',
    'const WORDS = new Set(["a"]); export const has = (word: string) => WORDS.has(word);',
    'export function count() { let n = 0; const seen = new Map(); n += 1; return seen.size + n; }',
    'export class Board { #groups = new Map(); static readonly size = 3; }',
    'import { readFileSync } from "node:fs"; export const read = () => readFileSync("x");',
    'import { fileURLToPath } from "node:url"; const here = fileURLToPath(import.meta.url);',
    'export default function work() {} export type { A } from "./a.ts"; interface Items { a: string }',
    'export const text = "process.env"; // console.log(process.env)',
    'export const request = 1; function resolve(result: string) { return result; }',
  ])('checkModule() finds nothing in %s', (text) => {
    expect(moduleRulesOf(text)).toEqual([]);
  });

  it.each([
    ['let count = 0;', 'top-level-state'],
    ['export let count = 0;', 'top-level-state'],
    ['var count = 0;', 'top-level-state'],
    ['const seen = new Map(); export const see = (key: string) => seen.set(key, 1);', 'top-level-state'],
    ['const list: string[] = []; export const note = (text: string) => list.push(text);', 'top-level-state'],
    [
      'const cache = {} as Record<string, string>; export const f = (a: string) => { cache[a] = a; };',
      'top-level-state',
    ],
    ['const counts = { all: 0 }; export const count = () => { counts.all += 1; };', 'top-level-state'],
    ['const counts = { all: 0 }; export const count = () => counts.all++;', 'top-level-state'],
    ['const table = { a: 1 }; export const forget = () => { delete table.a; };', 'top-level-state'],
    ['export const seen = new Set<string>(["a"]);', 'top-level-state'],
    ['export const seen: Map<string, number> = new Map();', 'top-level-state'],
    ['export const list: string[] = [];', 'top-level-state'],
    ['export const cache: Record<string, string> = {};', 'top-level-state'],
    ['start();', 'import-work'],
    ['if (one) { two(); }', 'import-work'],
    ['for (const a of b) a();', 'import-work'],
    ['const found = await find();', 'import-work'],
    ['import { readFileSync } from "node:fs"; const text = readFileSync("x", "utf8");', 'import-work'],
    ['import * as fs from "node:fs"; const text = JSON.parse(fs.readFileSync("x", "utf8"));', 'import-work'],
    ['import { DatabaseSync } from "node:sqlite"; const db = new DatabaseSync("x");', 'import-work'],
    ['export const port = () => process.env.PORT;', 'environment'],
    ['export const port = () => process["env"]["PORT"];', 'environment'],
    ['import { env } from "node:process"; export const port = () => env.PORT;', 'environment'],
    ['export function handle(req: string) { return req; }', 'name-word'],
    ['export interface Options { cfg: string }', 'name-word'],
    ['export class LeaseManager {}', 'name-word'],
    ['const scoreUtils = 1;', 'name-word'],
    ['export const handle = (goldReq: string) => goldReq;', 'name-word'],
    ['interface IClock { a: string }', 'name-prefix'],
  ])('checkModule() refuses %s', (text, rule) => {
    expect(moduleRulesOf(text)).toEqual([rule]);
  });

  it('checkModule() lets the settings, and nothing else, read the environment', () => {
    expect(moduleRulesOf('export const read = () => process.env;', 'src/config.ts')).toEqual([]);
    expect(moduleRulesOf('export const read = () => process.env;', 'src/commands/serve.ts')).toEqual([
      'environment',
    ]);
  });
});

describe('checkText()', () => {
  it.each([
    ['src/core/x.ts', '// TODO: more', 'leftover-note'],
    ['docs/a.md', 'FIXME', 'leftover-note'],
    ['src/core/x.ts', "console.log('x');", 'leftover-print'],
    ['src/core/x.ts', '  debugger;', 'leftover-print'],
    ['test/unit/x.test.ts', "it.only('x', () => {});", 'leftover-only'],
    ['scripts/x.mjs', "readFile('/work/main/x')", 'machine-path'],
    ['README.md', 'see `/root/x`', 'machine-path'],
    ['docs/a.md', 'cd /home/ada/groupwise', 'machine-path'],
    ['docs/a.md', 'see ../shared/data', 'outside-path'],
    ['src/core/x.ts', '// made in this session', 'word-session'],
    ['CHANGELOG.md', 'Sessions', 'word-session'],
    ['docs/a.md', 'a helper agent wrote it', 'word-agent'],
    ['src/core/x.ts', '// the other helper reads this', 'word-agent'],
    ['docs/a.md', 'Coming soon', 'word-coming-soon'],
    ['src/core/x.ts', '// see issue 12', 'issue-number'],
    ['docs/a.md', 'as Issue #12 asks', 'issue-number'],
  ])('checkText() refuses in %s: %s', (file, text, rule) => {
    expect(textRulesOf(file, text)).toEqual([rule]);
  });

  it.each([
    ['scripts/x.mjs', "console.log('done');"],
    ['test/unit/x.test.ts', "const data = '../shared/data';"],
    ['src/core/x.ts', 'const homework = `https://x.org/work/a`;'],
    ['src/core/x.ts', '// reproduced in google/dotprompt#557'],
    ['test/edges/x.ts', "import { connect } from 'node:http2'; const session = connect();"],
    ['Dockerfile', 'WORKDIR /home/groupwise'],
  ])('checkText() finds nothing in %s: %s', (file, text) => {
    expect(textRulesOf(file, text)).toEqual([]);
  });
});

describe('checkLength() and checkOpening()', () => {
  it('checkLength() refuses a long file, and an exception that is not needed', () => {
    const long = 'x\n'.repeat(LINES_MAX + 1);
    expect(checkLength('src/a.ts', 'x\n'.repeat(LINES_MAX), {})).toEqual([]);
    expect(checkLength('src/a.ts', long, {})).toHaveLength(1);
    expect(checkLength('src/a.ts', long, { 'src/a.ts': 'one table' })).toEqual([]);
    expect(checkLength('src/a.ts', 'x', { 'src/a.ts': 'one table' })).toHaveLength(1);
  });

  it('checkOpening() refuses a file that does not say why it exists', () => {
    expect(checkOpening('src/a.ts', '// Why this file exists, and what it must not do at all.\nx;')).toEqual(
      [],
    );
    expect(
      checkOpening('src/a.ts', "import './b.ts';\n// Why this file exists, and what it must not do."),
    ).toHaveLength(1);
    expect(checkOpening('src/a.ts', '// Types.\nx;')).toHaveLength(1);
  });

  it('checkPythonOpening() refuses a module whose docstring does not say why it exists', () => {
    const docstring = '"""Why this module exists,\nand what it must not do."""\n';
    expect(checkPythonOpening('a.py', docstring)).toEqual([]);
    expect(checkPythonOpening('a.py', `#!/usr/bin/env python3\n${docstring}import b\n`)).toEqual([]);
    for (const text of [
      '',
      `import b\n${docstring}`,
      '"""Types."""\nx = """of the module and more words"""\n',
    ]) {
      expect(checkPythonOpening('a.py', text)).toHaveLength(1);
    }
  });
});

describe('checkLinks() and checkNamedFiles()', () => {
  const documents = new Map([
    [
      'README.md',
      '# Groupwise\n\n## Quick start: now!\n\n[a](docs/a.md) [b](docs/a.md#the-end) [c](#quick-start-now)',
    ],
    [
      'docs/a.md',
      '# A\n\n## The end\n\n[home](../README.md) [web](https://example.org)\n\n```\n[x](none.md)\n```',
    ],
  ]);
  const exists = (path: string) =>
    documents.has(path) || path === 'src/core/errors.ts' || path === 'src/core';

  it('checkLinks() finds nothing where all links lead somewhere', () => {
    expect(checkLinks(documents, exists)).toEqual([]);
  });

  it.each(['[x](none.md)', '[x](docs/b.md)', '[x](docs/a.md#none)', '[x](#none)', '![x](docs/shot.png)'])(
    'checkLinks() refuses %s',
    (link) => {
      expect(checkLinks(new Map([...documents, ['CHANGELOG.md', link]]), exists)).toHaveLength(1);
    },
  );

  it('checkNamedFiles() refuses a path that does not exist', () => {
    expect(
      checkNamedFiles(
        'ARCHITECTURE.md',
        '`src/core/errors.ts`, `core/errors.ts`, `src/core/`, `npm test`, `a/b`',
        exists,
      ),
    ).toEqual([]);
    expect(checkNamedFiles('ARCHITECTURE.md', '`src/core/none.ts`', exists)).toHaveLength(1);
    expect(checkNamedFiles('ARCHITECTURE.md', '`none.ts`', exists)).toHaveLength(1);
    expect(checkNamedFiles('ARCHITECTURE.md', '`src/none/`', exists)).toHaveLength(1);
  });

  it('headingsOf() names headings as GitHub does', () => {
    expect(headingsOf('# A `b` & c\n## Same\n## Same')).toEqual(new Set(['a-b--c', 'same', 'same-1']));
  });
});

describe('checkLock()', () => {
  const packages = {
    '': { optionalDependencies: { d: '1.0.0' } },
    'node_modules/a': { optionalDependencies: { 'a-linux': '1.0.0', b: '1.0.0' } },
    'node_modules/a/node_modules/a-linux': {},
    'node_modules/b': {},
    'node_modules/d': {},
  };

  it('checkLock() finds nothing where every optional dependency has an entry', () => {
    expect(checkLock({ packages })).toEqual([]);
  });

  it.each(['node_modules/a/node_modules/a-linux', 'node_modules/b', 'node_modules/d'])(
    'checkLock() refuses a lock file without %s',
    (path) => {
      const kept = Object.entries(packages).filter(([key]) => key !== path);
      expect(checkLock({ packages: Object.fromEntries(kept) })).toHaveLength(1);
    },
  );
});
