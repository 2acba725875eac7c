// A document whose rows lie in several splits lets the policy train on what it is tested on. Splits that an import makes are
// by document; those that a source brings are looked at here, where its rows say which document they are of.

import { EnvError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { DatasetWriter, SharedDocuments } from '../../ports/dataset-store.ts';

/** Documents that are shown as examples. */
export const EXAMPLES_MAX = 5;

/**
 * The documents that several splits share.
 *
 * @throws EnvError `failed_precondition` when there are any and they are not allowed
 */
export async function checkSharedDocuments(
  writer: Pick<DatasetWriter, 'sharedDocuments'>,
  { isAllowed }: { readonly isAllowed: boolean },
): Promise<SharedDocuments> {
  const shared = await writer.sharedDocuments(EXAMPLES_MAX);
  if (shared.count === 0 || isAllowed) return shared;
  throw new EnvError(
    'failed_precondition',
    `Cannot import: ${describeShared(shared)}; split by document with --test-share, or keep the splits with --allow-shared-documents`,
  );
}

/** For a message: how many there are, and the first few. */
export function describeShared({ count, examples }: SharedDocuments): string {
  const documents = count === 1 ? '1 document has' : `${count} documents have`;
  const first = examples.map(({ documentId, splits }) => `"${shortened(documentId)}" (${splits.join(', ')})`);
  return `${documents} rows in more than one split: ${first.join(', ')}${count > first.length ? ', …' : ''}`;
}

/** For a dataset's record. */
export function sharedToJson({ count, examples }: SharedDocuments): JsonObject {
  return {
    count,
    examples: examples.map(({ documentId, splits }) => ({ document_id: documentId, splits })),
  };
}

function shortened(documentId: string): string {
  return documentId.length > 100 ? `${documentId.slice(0, 100)}…` : documentId;
}
