// The documents of a generation run: files and folders of the command line or of the recipe, each with its options, as one stream.

import { openDocuments } from '../../adapters/documents.ts';
import type { DocumentOptions, SourceConfig } from '../../core/generation-recipe.ts';
import type { DocumentSource, SourceDocument } from '../../ports/document-source.ts';

/**
 * All documents in the order of their sources, or the first `limit`. Sources that follow each other with the same options are
 * read as one, so that no file among them is read twice.
 *
 * @throws EnvError that names the path at fault
 */
export function openSources(sources: readonly SourceConfig[], limit = Infinity): DocumentSource {
  const opened = together(sources).map(({ paths, options }) => openDocuments(paths, options));
  return {
    bytesTotal: opened.reduce((sum, source) => sum + source.bytesTotal, 0),
    bytesRead: () => opened.reduce((sum, source) => sum + source.bytesRead(), 0),
    documents: () => firstOf(opened, limit),
  };
}

async function* firstOf(sources: readonly DocumentSource[], limit: number): AsyncGenerator<SourceDocument> {
  let count = 0;
  for (const source of sources) {
    if (count >= limit) return;
    for await (const document of source.documents()) {
      yield document;
      count += 1;
      if (count >= limit) return;
    }
  }
}

function together(
  sources: readonly SourceConfig[],
): readonly { readonly paths: readonly string[]; readonly options: DocumentOptions }[] {
  const groups: { readonly key: string; readonly paths: string[]; readonly options: DocumentOptions }[] = [];
  for (const { path, ...options } of sources) {
    const key = JSON.stringify(options);
    const last = groups.at(-1);
    if (last?.key === key) last.paths.push(path);
    else groups.push({ key, paths: [path], options });
  }
  return groups;
}
