// Packs what a GPU machine without a network needs into one archive: Node, the ONNX runtime for Linux x64, the locked production
// modules as they are installed here, sources, examples, and the scripts that look whether a device computes as it should.
//
//   npx node scripts/pack-gpu-bundle.ts [--out groupwise-gpu.tar.xz] [--library /usr/lib/x86_64-linux-gnu/libvulkan.so.1]…
//
// The ending of --out says how it is packed: .tar.xz (smallest) or .tar.zst (quickest); `tar` and the packer are the system's.

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NAME = 'groupwise-gpu';
/** Of the runtime's builds, the one that the bundle is for. */
const RUNTIME = join('node_modules', 'onnxruntime-node', 'bin');
const RUNTIME_BUILD = join(RUNTIME, 'napi-v6', 'linux', 'x64');
/** Beside the modules: what commands read, and the scripts that the bundle's README names. */
const OWN = [
  'package.json',
  'LICENSE',
  'src',
  'proto',
  'prompts',
  'examples',
  'bin/groupwise.js',
  'docs/gpu.md',
  'scripts/compare-devices.ts',
  'scripts/make-test-models.ts',
  'scripts/models',
  'scripts/bench',
];

const { values: flags } = parseArgs({
  options: {
    out: { type: 'string', default: `${NAME}.tar.xz` },
    /** Shared libraries that the machine may lack; a driver's own must be the machine's. */
    library: { type: 'string', multiple: true, default: [] },
  },
});
const out = resolve(flags.out);
const packer = out.endsWith('.tar.zst')
  ? ['--use-compress-program=zstd -T0 -12']
  : ['--use-compress-program=xz -T0 -6'];
if (!/\.tar\.(xz|zst)$/.test(out)) throw new Error('--out must end in .tar.xz or .tar.zst');

const stage = mkdtempSync(join(tmpdir(), `${NAME}-`));
try {
  const folder = join(stage, NAME);
  mkdirSync(join(folder, 'lib'), { recursive: true });
  for (const path of [...OWN, ...productionModules()]) copy(path, folder);
  for (const name of ['groupwise', 'node', 'check', 'README.md'])
    copyFileSync(join(ROOT, 'scripts', 'gpu-bundle', name), join(folder, name));
  copyFileSync(realpathSync(process.execPath), join(folder, 'bin', 'node'));
  for (const library of flags.library) copyFileSync(library, join(folder, 'lib', basename(library)));
  const tar = spawnSync(
    'tar',
    [...packer, '-cf', out, '--owner=0', '--group=0', '--sort=name', '-C', stage, NAME],
    {
      stdio: 'inherit',
    },
  );
  if (tar.status !== 0) throw new Error(`Cannot pack "${out}": tar ended with ${tar.status}`);
  const [packed, unpacked] = [statSync(out).size, sizeOf(folder)].map(
    (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`,
  );
  process.stdout.write(`${out}: ${packed}, unpacked ${unpacked}\n`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}

/** Folders of the modules that the lock file has for production, each with those inside it left to their own entries. */
function productionModules(): readonly string[] {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: true; readonly optional?: true }>>;
  };
  const wanted = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  const missing = wanted.filter(([path, { optional }]) => optional !== true && !existsSync(join(ROOT, path)));
  if (missing.length > 0)
    throw new Error(`Cannot pack: ${missing[0]?.[0]} is not installed; run npm run setup`);
  if (!existsSync(join(ROOT, RUNTIME_BUILD)))
    throw new Error(
      `Cannot pack: ${RUNTIME_BUILD} is not there; pack on a machine where onnxruntime-node is installed`,
    );
  return wanted.map(([path]) => path).filter((path) => existsSync(join(ROOT, path)));
}

function copy(path: string, folder: string): void {
  const source = join(ROOT, path);
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(source, target, {
    recursive: true,
    filter: (file) => {
      const inside = relative(ROOT, file);
      // Modules inside a module have entries of their own in the lock file, some of them for development alone.
      if (relative(source, file).split(sep)[0] === 'node_modules') return false;
      if (inside.startsWith(`${RUNTIME}${sep}`))
        return inside.startsWith(RUNTIME_BUILD) || RUNTIME_BUILD.startsWith(inside);
      return !/\.(map|d\.[cm]?ts)$/.test(file);
    },
  });
}

function sizeOf(folder: string): number {
  const du = spawnSync('du', ['--summarize', '--bytes', folder], { encoding: 'utf8' });
  return Number.parseInt(du.stdout, 10);
}
