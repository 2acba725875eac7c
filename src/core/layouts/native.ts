// Our own export read back. The id is made anew from the prompt, so a file cannot claim another row's.

import { groundTruthCell, labelCell, presentColumn, questionCell, textListCell } from './cells.ts';
import { answerTypeCell, passRateCell, provenanceCell, rewardCell, splitCell } from './fields.ts';
import { type Layout, leftovers } from './layout.ts';

const COLUMNS = [
  'pair_id',
  'question',
  'messages',
  'choices',
  'ground_truth',
  'aliases',
  'answer_type',
  'reward',
  'domain',
  'persona',
  'pass_rate',
  'split',
  'provenance',
] as const;

export const nativeLayout: Layout = {
  name: 'native',
  summary: COLUMNS.join(', '),
  matches: (row) =>
    presentColumn(row, ['question', 'messages']) !== undefined && row['ground_truth'] !== undefined,
  read(row) {
    const { answer, aliases } = groundTruthCell(row, 'ground_truth');
    const provenance = provenanceCell(row, 'provenance');
    return {
      question: questionCell(row, presentColumn(row, ['messages', 'question']) ?? 'question'),
      groundTruth: { answer, aliases: [...aliases, ...(textListCell(row, 'aliases') ?? [])] },
      answerType: answerTypeCell(row, 'answer_type'),
      choices: textListCell(row, 'choices'),
      reward: rewardCell(row, 'reward'),
      domain: labelCell(row, 'domain'),
      persona: labelCell(row, 'persona'),
      passRate: passRateCell(row, 'pass_rate'),
      split: splitCell(row, 'split'),
      provenance: { ...provenance, extra: leftovers(row, COLUMNS, provenance.extra) },
    };
  },
};
