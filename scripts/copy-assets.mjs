// Completes the build: puts what the compiler does not make beside the JavaScript that reads it, so that the package needs
// no development dependency and no network.
import { copyFileSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const redoc = require.resolve('redoc/bundles/redoc.standalone.js');

/** From → to; the licences of what is bundled go with it. */
const assets = [
  [redoc, '../dist/edges/rest/redoc.standalone.js'],
  [`${redoc}.LICENSE.txt`, '../dist/edges/rest/redoc.standalone.js.LICENSE.txt'],
];

for (const [from, to] of assets) {
  if (!existsSync(from))
    throw new Error(`Cannot copy "${from}": it is not there, install the dependencies first`);
  copyFileSync(from, fileURLToPath(new URL(to, import.meta.url)));
}
