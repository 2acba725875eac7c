// Rows of the Webscale-RL pipeline (arXiv 2510.06499): a question made from a document of a pretraining corpus. The column
// with the document has three names: one in the published dataset, one in the pipeline's code, one in its README.

import { createHash } from 'node:crypto';

import { groundTruthCell, labelCell, missing, presentColumn, questionCell, textCell } from './cells.ts';
import { type Layout, leftovers } from './layout.ts';

export const DOCUMENT_COLUMNS = ['pretrain_text', 'original_material', 'original_text'] as const;
const COLUMNS = [...DOCUMENT_COLUMNS, 'question', 'answer', 'domain', 'persona'];

export const webscaleRlLayout: Layout = {
  name: 'webscale-rl',
  summary: 'pretrain_text (or original_material, original_text), question, answer, domain, persona',
  matches: (row) =>
    presentColumn(row, DOCUMENT_COLUMNS) !== undefined &&
    row['question'] !== undefined &&
    row['answer'] !== undefined,
  read(row) {
    const column = presentColumn(row, DOCUMENT_COLUMNS);
    const text = column === undefined ? undefined : textCell(row, column);
    if (text === undefined) throw missing(DOCUMENT_COLUMNS[0]);
    return {
      question: questionCell(row, 'question'),
      groundTruth: groundTruthCell(row, 'answer'),
      domain: labelCell(row, 'domain'),
      persona: labelCell(row, 'persona'),
      provenance: {
        // Rows of one document carry its text, not its id: the text is what they have in common.
        // A blank one says nothing, or all rows without a document would be rows of one.
        documentId:
          text.trim() === ''
            ? undefined
            : `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 32)}`,
        extra: leftovers(row, COLUMNS, { [DOCUMENT_COLUMNS[0]]: text }),
      },
    };
  },
};
