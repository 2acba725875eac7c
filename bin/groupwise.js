#!/usr/bin/env node
// The `groupwise` command: TypeScript as it is in a clone, the built JavaScript in the published package.
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

const source = new URL('../src/cli.ts', import.meta.url);
const isClone = existsSync(source);

if (Number(process.versions.node.split('.')[0]) < 24) {
  const hint = isClone ? '. `npm run setup` installs it, and `npx groupwise` takes it then' : '';
  refuse(`it needs Node 24 or later, this is ${process.version}${hint}`);
}
if (isClone && !existsSync(new URL('../node_modules', import.meta.url))) {
  refuse('its dependencies are not installed. `npm run setup` in the clone does that');
}
// Whoever reads our output (`head`, a pager) may have seen enough.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
// V8 comes to allocate the buffers of messages among its old objects, where they wait for a slow collection: without that,
// tails are shorter (docs/performance.md has the figures). Must come before any module of ours is loaded.
setFlagsFromString('--no-allocation-site-pretenuring');

const built = new URL('../dist/cli.js', import.meta.url);
const { main } = await import((isClone ? source : built).href);
await main(process.argv);

function refuse(why) {
  process.stderr.write(`Cannot start groupwise: ${why}\n`);
  process.exit(1);
}
