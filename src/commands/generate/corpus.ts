// The corpus that stages retrieve passages from, indexed once: a file below the data directory that is found again as long as the
// corpus is the same.

import { createHash } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findDocumentFiles } from '../../adapters/document-files.ts';
import { SqlitePassageIndex } from '../../adapters/sqlite-passage-index.ts';
import type { Passage } from '../../core/document.ts';
import type { SourceConfig } from '../../core/generation-recipe.ts';
import type { PassageIndex } from '../../ports/passage-index.ts';
import { formatCount } from '../options.ts';
import { openSources } from './sources.ts';

const BATCH_PASSAGES = 500;
/** Changes when what is indexed of a passage changes. */
const INDEX_FORMAT = 1;
const NAME_CHARS = 16;

/**
 * The index of these sources; made now where there is none that is complete. `say`: told of what takes long.
 *
 * @throws EnvError that names the path at fault, or the signal's reason
 */
export async function openCorpus(
  sources: readonly SourceConfig[],
  {
    dataDir,
    say,
    signal,
  }: { readonly dataDir: string; readonly say: (text: string) => void; readonly signal: AbortSignal },
): Promise<PassageIndex> {
  const signature = signatureOf(sources);
  const path = join(dataDir, 'generate', `corpus-${signature.slice(0, NAME_CHARS)}.db`);
  const known = new SqlitePassageIndex(path);
  if (known.signature === signature) return known;
  await known.close();
  // Of a process that was ended while it made it.
  for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
  const index = new SqlitePassageIndex(path);
  try {
    say('Indexing the corpus; this is done once');
    await fill(index, sources, signal);
    index.sign(signature);
    say(`Indexed ${formatCount(await index.count())} passages`);
    return index;
  } catch (error) {
    await index.close();
    throw error;
  }
}

async function fill(
  index: PassageIndex,
  sources: readonly SourceConfig[],
  signal: AbortSignal,
): Promise<void> {
  let batch: Passage[] = [];
  for await (const document of openSources(sources).documents()) {
    signal.throwIfAborted();
    // Who cannot be read cannot be retrieved; generation from documents reports them, a corpus is for what is found.
    if (document.kind === 'broken') continue;
    batch.push(...document.passages);
    if (batch.length < BATCH_PASSAGES) continue;
    await index.add(batch);
    batch = [];
  }
  await index.add(batch);
}

/** Of all files by path, size and time of change, and of how they are read. */
function signatureOf(sources: readonly SourceConfig[]): string {
  const parts = sources.map(({ path, ...options }) => [
    options,
    findDocumentFiles([path]).entries.map((entry) =>
      entry.kind === 'file' ? [entry.path, entry.bytes, statSync(entry.path).mtimeMs] : [entry.source],
    ),
  ]);
  return createHash('sha256')
    .update(JSON.stringify([INDEX_FORMAT, parts]))
    .digest('hex');
}
