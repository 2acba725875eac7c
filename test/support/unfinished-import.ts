// A child process that is in the middle of an import until it is killed: node unfinished-import.ts DATA_DIR. Prints one line
// when it has written more than fits the page cache, then waits; it never commits, and ends by itself after a minute.

import { SqliteDatasetStore } from '../../src/adapters/sqlite-dataset-store.ts';
import { numberedPairs } from './pairs.ts';

const store = new SqliteDatasetStore({ dataDir: process.argv[2] ?? '', now: () => 0 });
const writer = await store.create(
  {
    name: 'fruit',
    description: '',
    reward: undefined,
    provenance: { source: '', license: '', generator: '' },
  },
  { replace: false },
);
const filler = 'x'.repeat(20_000);
for (let from = 0; from < 5_000; from += 100) await writer.add(numberedPairs(100, { persona: filler }, from));
process.stdout.write('under way\n');
setTimeout(() => process.exit(1), 60_000);
