// The id of a document: a hash of its text, and of nothing else. The same document has the same id on every machine, under
// any path, in any file format and beside any other documents, so its passages stay in one split whatever is added.

import { createHash } from 'node:crypto';

/** 128 bits of SHA-256 over the text, in hexadecimal. */
export function documentIdOf(text: string): string {
  return createHash('sha256').update('document\0').update(text, 'utf8').digest('hex').slice(0, 32);
}
