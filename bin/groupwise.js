#!/usr/bin/env node
// The `groupwise` command: TypeScript as it is in a clone, the built JavaScript in the published package.
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`Cannot start groupwise: it needs Node 24 or later, this is ${process.version}\n`);
  process.exit(1);
}
// Whoever reads our output (`head`, a pager) may have seen enough.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
// V8 comes to allocate the buffers of messages among its old objects, where they wait for a slow collection: without that,
// tails are shorter (docs/performance.md has the figures). Must come before any module of ours is loaded.
setFlagsFromString('--no-allocation-site-pretenuring');

const source = new URL('../src/cli.ts', import.meta.url);
const built = new URL('../dist/cli.js', import.meta.url);
const { main } = await import((existsSync(source) ? source : built).href);
await main(process.argv);
