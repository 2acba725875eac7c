// A generation run as a process of its own, so that a test can kill it: toy stages over made-up documents, journal and spool in a
// data directory. The pairs are in OUT, whole or not at all.
//
//   node generation-process.ts DATA_DIR SERVER_URL DOCUMENTS OUT

import { createWriteStream, renameSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { SqliteItemSpool } from '../../src/adapters/sqlite-item-spool.ts';
import { SqliteReplyJournal } from '../../src/adapters/sqlite-reply-journal.ts';
import { factDocuments, KILLED_MODEL, modelAt, toyRun } from './generation-world.ts';

const [dataDir = '', url = '', documents = '', out = ''] = process.argv.slice(2);
const journal = new SqliteReplyJournal(dataDir);
const spool = new SqliteItemSpool(join(dataDir, 'scratch.sqlite'));
const run = toyRun({
  models: new Map([['teacher', modelAt([url], KILLED_MODEL)]]),
  documents: factDocuments(Number(documents)),
  journal,
  spool,
});
// The clock's timers keep no process alive, and a run that only waits to ask again has nothing else.
const hold = setInterval(() => {}, 60_000);
const report = await run.run();
const file = createWriteStream(`${out}.partial`);
for await (const pair of run.pairs()) file.write(`${JSON.stringify(pair)}\n`);
file.end();
await finished(file);
if (report.state === 'finished' && report.unfinished === 0) renameSync(`${out}.partial`, out);
clearInterval(hold);
await spool.close();
await journal.close();
