// GSM8K (arXiv 2110.14168): `answer` is a worked solution whose last line is "#### " and the final answer.

import { missing, questionCell, textCell } from './cells.ts';
import { type Layout, leftovers, RowRejected } from './layout.ts';

const MARKER = '####';

export const gsm8kLayout: Layout = {
  name: 'gsm8k',
  summary: 'question, answer (a worked solution, then "####" and the final answer)',
  matches: (row) =>
    row['question'] !== undefined && typeof row['answer'] === 'string' && row['answer'].includes(MARKER),
  read(row) {
    const solution = textCell(row, 'answer');
    if (solution === undefined) throw missing('answer', row['answer']);
    const at = solution.lastIndexOf(MARKER);
    if (at < 0) throw new RowRejected('unusable_ground_truth', `column "answer" has no "${MARKER}"`);
    const answer = solution.slice(at + MARKER.length).trim();
    if (answer === '')
      throw new RowRejected('empty_ground_truth', `nothing follows "${MARKER}" in column "answer"`);
    return {
      question: questionCell(row, 'question'),
      groundTruth: { answer, aliases: [] },
      provenance: {
        extra: leftovers(row, ['question', 'answer'], { solution: solution.slice(0, at).trimEnd() }),
      },
    };
  },
};
