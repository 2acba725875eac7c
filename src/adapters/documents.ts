// Opens documents to generate from: files and folders of text, Markdown, HTML, PDF, JSON lines and Parquet, plain or compressed,
// as one stream of passages in a fixed order. It puts the readers together; the formats are theirs.

import { isJsonObject } from '../core/canonical-json.ts';
import { invalidArgument } from '../core/errors.ts';
import { documentIdOf } from '../core/document-id.ts';
import { splitPassages } from '../core/passages.ts';
import type { DocumentSource, SourceDocument } from '../ports/document-source.ts';
import { readDocumentBytes } from './document-bytes.ts';
import { DocumentExtractor } from './document-extractor.ts';
import { type DocumentFile, findDocumentFiles } from './document-files.ts';
import {
  decodeText,
  type DocumentText,
  markdownDocument,
  plainDocument,
  type Unreadable,
} from './document-text.ts';
import { columnsOf, type DocumentColumns, rowDocument } from './row-documents.ts';
import { openRowFile } from './row-files.ts';

/** Long enough for several questions and their context, short enough to be read whole. */
export const PASSAGE_BYTES_DEFAULT = 8_000;
const MIB = 1024 * 1024;
/** Largest document by format, unpacked. The tree of an HTML page takes some thirty times its size. */
const BYTES_MAX = { text: 64 * MIB, markdown: 64 * MIB, html: 16 * MIB, pdf: 256 * MIB } as const;

export interface DocumentOptions {
  /** Most bytes of a passage, in UTF-8. Default 8,000. */
  readonly passageBytesMax?: number | undefined;
  /** Column of rows that holds the text. Default `text`. */
  readonly textColumn?: string | undefined;
  /** Default `title`. */
  readonly titleColumn?: string | undefined;
  /** Default `license` (or `licence`). */
  readonly licenseColumn?: string | undefined;
  /** Column whose values are the ids of documents; default: none, an id is made from the text. */
  readonly idColumn?: string | undefined;
  /** License of documents that state none. */
  readonly license?: string | undefined;
}

export interface OpenDocuments extends DocumentSource {
  /** Files to be read. */
  readonly filesTotal: number;
  /** Files in the folders that are no documents, by the ends of their names: `.png` → 12. */
  readonly skipped: Readonly<Record<string, number>>;
}

/**
 * The documents of files and folders, in the order of `paths` and within a folder by name. Sizes are looked up now; what is
 * in the files is read by `documents()`, one document at a time.
 *
 * @throws EnvError `not_found` for a path where nothing is; `invalid_argument` for a file of no known format, a folder
 *   without documents and a size in which no passage fits. `documents()` throws `data_loss` when a file of rows is damaged
 *   and `invalid_argument` when a file that was named has no column of text; the columns are listed.
 */
export function openDocuments(paths: readonly string[], options: DocumentOptions = {}): OpenDocuments {
  const passageBytesMax = options.passageBytesMax ?? PASSAGE_BYTES_DEFAULT;
  // Refuses a size that cannot be, before anything is read.
  splitPassages('', passageBytesMax);
  if (paths.length === 0)
    throw invalidArgument('source', 'Cannot read documents: no file or folder is named');
  const { entries, skipped } = findDocumentFiles(paths);
  const files = entries.filter((entry) => entry.kind === 'file');
  const progress: Progress = { done: 0, current: () => 0 };
  return {
    filesTotal: files.length,
    skipped,
    bytesTotal: files.reduce((sum, file) => sum + file.bytes, 0),
    bytesRead: () => progress.done + progress.current(),
    async *documents() {
      progress.done = 0;
      const reader = new Reader({ ...options, passageBytesMax }, progress);
      try {
        for (const entry of entries) {
          if (entry.kind === 'unreadable') {
            yield { kind: 'broken', source: entry.source, reason: 'unreadable', detail: entry.detail };
            continue;
          }
          yield* reader.documentsOf(entry);
          progress.current = () => 0;
          progress.done += entry.bytes;
        }
      } finally {
        await reader.close();
      }
    },
  };
}

interface Progress {
  done: number;
  /** Bytes of the file that is being read. */
  current: () => number;
}

/** One reading of all files. */
class Reader {
  readonly #options: DocumentOptions & { readonly passageBytesMax: number };
  readonly #progress: Progress;
  readonly #columns: DocumentColumns;
  readonly #extractor = new DocumentExtractor();

  constructor(options: DocumentOptions & { readonly passageBytesMax: number }, progress: Progress) {
    this.#options = options;
    this.#progress = progress;
    this.#columns = {
      text: options.textColumn ?? 'text',
      title: options.titleColumn ?? 'title',
      license: options.licenseColumn ?? 'license',
      id: options.idColumn,
    };
  }

  async *documentsOf(file: DocumentFile): AsyncGenerator<SourceDocument> {
    if (file.format === 'rows') yield* this.#rows(file);
    else yield this.#document(file.source, await this.#text(file, file.format));
  }

  close(): Promise<void> {
    return this.#extractor.close();
  }

  async #text(file: DocumentFile, format: keyof typeof BYTES_MAX): Promise<DocumentText | Unreadable> {
    const bytes = await readDocumentBytes(file.path, {
      bytesMax: BYTES_MAX[format],
      onBytes: (bytesRead) => {
        this.#progress.current = () => bytesRead;
      },
    });
    if (!Buffer.isBuffer(bytes)) return bytes;
    if (format === 'pdf') return await this.#extractor.extract({ format, bytes });
    const text = decodeText(bytes);
    if (typeof text !== 'string') return text;
    if (format === 'html') return await this.#extractor.extract({ format, html: text });
    return format === 'markdown' ? markdownDocument(text) : plainDocument(text);
  }

  async *#rows(file: DocumentFile): AsyncGenerator<SourceDocument> {
    // An empty file of rows that a folder holds is one more broken document; named, it is a mistake.
    if (file.bytes === 0 && !file.isNamed) {
      yield { kind: 'broken', source: file.source, reason: 'empty', detail: 'has no rows' };
      return;
    }
    const rows = openRowFile(file.path);
    this.#progress.current = () => rows.bytesRead();
    let isFirst = true;
    for await (const batch of rows.batches()) {
      for (const row of batch) {
        if (isFirst && row.kind === 'row' && isJsonObject(row.row)) {
          isFirst = false;
          const missing = this.#columns.text in row.row ? undefined : columnsOf(row.row);
          if (missing !== undefined) {
            const detail = `has no column "${this.#columns.text}" to take the text from; ${missing} (text_column says which it is)`;
            if (file.isNamed)
              throw invalidArgument('text_column', `Cannot read "${file.path}": it ${detail}`);
            yield { kind: 'broken', source: file.source, reason: 'no_text_column', detail };
            return;
          }
        }
        const { id, document } = rowDocument(row, this.#columns);
        yield this.#document(`${file.source}:${row.at}`, document, id);
      }
    }
  }

  #document(source: string, document: DocumentText | Unreadable, id?: string): SourceDocument {
    if (document.kind === 'unreadable') {
      return { kind: 'broken', source, reason: document.reason, detail: document.detail };
    }
    const { text, title } = document;
    const shared = {
      documentId: id ?? documentIdOf(text),
      source,
      title,
      license: document.license ?? this.#options.license,
    };
    const passages = splitPassages(text, this.#options.passageBytesMax)
      // A long run of blank lines can be a passage of its own.
      .filter((passage) => passage.text.trim() !== '')
      .map((passage) => ({ ...shared, ...passage }));
    return { kind: 'document', passages };
  }
}
