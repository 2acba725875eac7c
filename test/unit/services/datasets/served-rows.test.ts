import { describe, expect, it } from 'vitest';
import { loadPromptFiles } from '../../../../src/adapters/prompt-files.ts';
import { ServedRows } from '../../../../src/services/datasets/served-rows.ts';
import { FixedDataset } from '../../../support/fixed-dataset.ts';
import { numberedPairs, pairWith } from '../../../support/pairs.ts';

const CHOICE = pairWith({
  question: 'Which way?',
  answerType: 'choice',
  choices: ['left', 'right'],
  split: 'test',
});
const PAIRS = [...numberedPairs(5), CHOICE];
const rows = new ServedRows({ datasets: new FixedDataset('numbers', PAIRS), templates: loadPromptFiles() });

describe('ServedRows.open()', () => {
  it('ServedRows.open() gives the prompts at the places asked for, in that order, and no ground truth', async () => {
    const split = await rows.open('numbers', 'train');
    expect(split.count).toBe(5);
    const served = await split.rowsAt([3, 0, 3]);
    expect(served).toEqual(
      [3, 0, 3].map((ordinal) => ({
        ordinal,
        pairId: PAIRS[ordinal]?.pairId,
        prompt: [{ role: 'user', content: `Question ${ordinal}` }],
      })),
    );
  });

  it('ServedRows.open() words a question as runs do by default: with its choices', async () => {
    const [row] = await (await rows.open('numbers', 'test')).rowsAt([0]);
    expect(row?.prompt.map(({ content }) => content).join()).toMatch(/left[\s\S]*right/u);
  });

  it.each([
    ['a dataset', 'letters', 'train', 'dataset'],
    ['a split', 'numbers', 'validation', 'split'],
  ])(
    'ServedRows.open() refuses %s that is not there and names the field',
    async (_, dataset, split, field) => {
      await expect(rows.open(dataset, split)).rejects.toMatchObject({ code: 'not_found', field });
    },
  );
});
