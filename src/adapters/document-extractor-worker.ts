// Entry point of the thread that takes the text out of HTML and PDF: one document in, its text or what is wrong with it out.
// Work at import time is its purpose.

import { parentPort } from 'node:worker_threads';

import type { ExtractionTask } from './document-extractor.ts';
import type { DocumentText, Unreadable } from './document-text.ts';
import { htmlDocument } from './html-document.ts';
import { pdfDocument } from './pdf-document.ts';

parentPort?.on('message', (task: ExtractionTask) => {
  void read(task).then((document) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    parentPort?.postMessage(document);
    return document;
  });
});

async function read(task: ExtractionTask): Promise<DocumentText | Unreadable> {
  try {
    return task.format === 'html' ? htmlDocument(task.html) : await pdfDocument(task.bytes);
  } catch (error) {
    // Whatever a foreign file does to a library is said of that file: the other documents go on.
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'unreadable', reason: 'damaged', detail: `cannot be read: ${why}` };
  }
}
