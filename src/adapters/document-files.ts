// Which files hold documents: those named, and all below a named folder, in an order that is the same on every machine. It
// looks at names and sizes only.

import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

import { EnvError, invalidArgument } from '../core/errors.ts';
import { diskError } from './disk.ts';

export type DocumentFormat = 'text' | 'markdown' | 'html' | 'pdf' | 'rows';

export interface DocumentFile {
  readonly kind: 'file';
  readonly path: string;
  /** For people, and the same wherever the folder lies: its path from the folder that was named. */
  readonly source: string;
  readonly format: DocumentFormat;
  readonly bytes: number;
  /** Named by itself, not found in a folder: then what is wrong with the whole of it is an error. */
  readonly isNamed: boolean;
}

/** What a folder has and does not let be read: a link to nothing, a folder of someone else's. */
export interface UnreadableEntry {
  readonly kind: 'unreadable';
  readonly source: string;
  readonly detail: string;
}

export interface DocumentFiles {
  readonly entries: readonly (DocumentFile | UnreadableEntry)[];
  /** Files in folders that are no documents, by the ends of their names: `.png` → 12. */
  readonly skipped: Readonly<Record<string, number>>;
}

const FORMATS: Readonly<Record<string, DocumentFormat>> = {
  txt: 'text',
  text: 'text',
  md: 'markdown',
  markdown: 'markdown',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  pdf: 'pdf',
  jsonl: 'rows',
  ndjson: 'rows',
  json: 'rows',
  parquet: 'rows',
};
const NAMES =
  '.txt, .md, .html, .pdf, .jsonl, .ndjson, .json (each also with .gz or .zst) or .parquet, or is a folder of such files';

/**
 * The files of `paths`, each once, whatever links lead to it. Hidden entries are passed over.
 *
 * @throws EnvError `not_found` for a path where nothing is, `invalid_argument` for a file of no known format and a folder
 *   without documents
 */
export function findDocumentFiles(paths: readonly string[]): DocumentFiles {
  const walk = new Walk();
  for (const path of paths) walk.take(path);
  return { entries: walk.entries, skipped: Object.fromEntries(walk.skipped) };
}

class Walk {
  readonly entries: (DocumentFile | UnreadableEntry)[] = [];
  readonly skipped = new Map<string, number>();
  /** Real paths of files and folders, so that none is read twice and no loop of links is followed. */
  readonly #seen = new Set<string>();

  take(path: string): void {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) {
      throw new EnvError('not_found', `Cannot read "${path}": there is no such file or folder`);
    }
    const realPath = realpathSync(path);
    if (stats.isDirectory()) {
      const before = this.entries.length;
      const isNew = !this.#seen.has(realPath);
      this.#folder(realPath, basename(realPath), path);
      if (isNew && this.entries.length === before) {
        throw invalidArgument(
          'source',
          `Cannot read "${path}": no document is in it; a document is named ${NAMES}`,
        );
      }
      return;
    }
    const format = formatOf(path);
    if (format === undefined) {
      throw invalidArgument('source', `Cannot read "${path}": a document is named ${NAMES}`);
    }
    this.#file({ path, realPath, source: basename(path), format, bytes: stats.size, isNamed: true });
  }

  #folder(realPath: string, source: string, path: string): void {
    if (this.#seen.has(realPath)) return;
    this.#seen.add(realPath);
    let names: readonly string[];
    try {
      // By code unit: a locale would sort differently on another machine.
      names = readdirSync(realPath).toSorted();
    } catch (error) {
      this.#unreadable(source, error);
      return;
    }
    for (const name of names) {
      if (!name.startsWith('.')) this.#entry(join(path, name), join(realPath, name), `${source}/${name}`);
    }
  }

  #entry(path: string, linkPath: string, source: string): void {
    try {
      const stats = statSync(linkPath);
      const realPath = realpathSync(linkPath);
      if (stats.isDirectory()) {
        this.#folder(realPath, source, path);
        return;
      }
      const format = formatOf(linkPath);
      if (stats.isFile() && format !== undefined) {
        this.#file({ path, realPath, source, format, bytes: stats.size, isNamed: false });
        return;
      }
      const end = /\.[^./]*$/u.exec(source)?.[0].toLowerCase() ?? basename(source);
      this.skipped.set(end, (this.skipped.get(end) ?? 0) + 1);
    } catch (error) {
      this.#unreadable(source, error);
    }
  }

  #file({ realPath, ...file }: Omit<DocumentFile, 'kind'> & { readonly realPath: string }): void {
    if (this.#seen.has(realPath)) return;
    this.#seen.add(realPath);
    this.entries.push({ kind: 'file', ...file });
  }

  /** One entry that the disk refuses must not end the reading of all others. */
  #unreadable(source: string, error: unknown): void {
    const refusal = diskError('Cannot be read', error);
    if (!(refusal instanceof EnvError)) throw error;
    this.entries.push({ kind: 'unreadable', source, detail: refusal.message });
  }
}

function formatOf(path: string): DocumentFormat | undefined {
  const [, extension = '', compression] =
    /\.([a-z]+)(\.gz|\.zst)?$/u.exec(basename(path).toLowerCase()) ?? [];
  // Parquet is compressed inside, and read from its end.
  return extension === 'parquet' && compression !== undefined ? undefined : FORMATS[extension];
}
