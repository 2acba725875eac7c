// Makes a fresh clone ready: installs the locked dependencies, the pinned Node 24 among them. It runs on whatever Node
// npm has, so it is plain JavaScript, and it does nothing when the installation already matches the lock file.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));
const lock = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.groupwise-lock');
const node = join(root, 'node_modules', 'node', 'bin', 'node');

function isCurrent() {
  return (
    existsSync(node) &&
    existsSync(installed) &&
    readFileSync(lock, 'utf8') === readFileSync(installed, 'utf8')
  );
}

if (!isCurrent()) {
  process.stderr.write('Installing the locked dependencies (once, about half a minute) …\n');
  const install = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    // onnxruntime-node would fetch some hundred megabytes for CUDA, and fail without a network. docs/gpu.md says how to get them.
    env: { ONNXRUNTIME_NODE_INSTALL: 'skip', ...process.env },
  });
  if (install.status !== 0) process.exit(install.status ?? 1);
  if (!existsSync(node)) {
    process.stderr.write(
      'Cannot find the pinned Node after the installation: run `npm ci --foreground-scripts` to see why\n',
    );
    process.exit(1);
  }
  copyFileSync(lock, installed);
}
