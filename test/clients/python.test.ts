// The Python package of clients/python: its own tests, against a real `groupwise serve`, its types, and whether its stubs are
// what the proto files make. What is tested is said there.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { preparePython, ROOT, runPython } from '../support/python.ts';

const PACKAGE = join(ROOT, 'clients', 'python');
const LIMIT_MS = 600_000;

const python = await preparePython({
  name: 'python-package',
  packages: ['grpcio', 'protobuf', 'mypy', 'types-grpcio', 'types-protobuf'],
  modules: ['grpc', 'google.protobuf', 'mypy'],
});

// Runs wherever Python 3.10 or later is installed and pip can install, or has installed, the packages.
describe.skipIf(python.missing !== undefined)(
  `the Python package${python.missing === undefined ? '' : ` (skipped: ${python.missing})`}`,
  () => {
    it(
      'passes its own tests',
      async () => {
        const tests = join(PACKAGE, 'tests');
        const args = ['-m', 'unittest', 'discover', '-s', tests, '-t', tests];
        const said = await runPython(python.executable, args, {
          PYTHONPATH: PACKAGE,
          GROUPWISE_NODE: process.execPath,
        });
        expect(said.stderr).toMatch(/Ran [1-9]\d+ tests/);
        expect(said.stderr).toMatch(/^OK/m);
      },
      LIMIT_MS,
    );

    it(
      'is typed throughout',
      async () => {
        const cache = join(python.folder, 'mypy');
        const args = ['-m', 'mypy', '--strict', '--cache-dir', cache, join(PACKAGE, 'groupwise')];
        const { stdout } = await runPython(python.executable, args, { MYPYPATH: PACKAGE });
        expect(stdout).toMatch(/^Success/);
      },
      LIMIT_MS,
    );
  },
);

const generators = await preparePython({
  name: 'python-generators',
  packages: ['--only-binary', ':all:', '-r', join(PACKAGE, 'scripts', 'generators.txt')],
  modules: ['grpc_tools', 'mypy_protobuf'],
});

// Runs wherever Python 3.8 to 3.12 is installed: the pinned generators have no wheels for later ones.
describe.skipIf(generators.missing !== undefined)(
  `stubs of the Python package${generators.missing === undefined ? '' : ` (skipped: ${generators.missing})`}`,
  () => {
    it('are what scripts/generate.sh makes of the proto files', async () => {
      const script = join(PACKAGE, 'scripts', 'generate.sh');
      const said = await runPython('bash', [script, '--check'], {
        GROUPWISE_GENERATORS: generators.folder,
      });
      expect(said).toEqual({ stdout: '', stderr: '' });
    });
  },
);
