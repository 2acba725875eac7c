// Which split a row belongs to, decided by its document alone: all rows of a document land together, on every machine, in
// any order of import, and whatever else is in the dataset.

import { createHash } from 'node:crypto';

const TWO_TO_48 = 2 ** 48;

/**
 * `test` for a share of all documents, `train` for the rest. Raising the share only moves documents from train to test.
 *
 * @param documentKey the document's id, or the prompt itself where a row has no document
 * @param testShare in [0, 1]
 */
export function splitOf(documentKey: string, testShare: number): 'test' | 'train' {
  const digest = createHash('sha256').update(`split:${documentKey}`).digest();
  return digest.readUIntBE(0, 6) / TWO_TO_48 < testShare ? 'test' : 'train';
}

/** The split that a shard's file name states in Hugging Face's way: `train` for `data/train-00000-of-00002.parquet`. */
export function splitOfFileName(path: string): string | undefined {
  return /(?:^|[/\\])(train|test|validation)-\d{5}-of-\d{5}\.[a-z.]+$/.exec(path)?.[1];
}
