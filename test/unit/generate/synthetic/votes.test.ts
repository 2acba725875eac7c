// The vote on a label: by the verifier's sense of sameness, and never by an index into a list with gaps.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { tallyAnswers } from '../../../../src/generate/synthetic/votes.ts';
import { pairItem } from '../../../support/stage-world.ts';

const { draft } = pairItem(0, { question: 'What is 6 times 7?', answer: '', answerType: 'number' });

describe('tallyAnswers()', () => {
  const cases: readonly (readonly [string, string, readonly (string | undefined)[], object | undefined])[] = [
    ['most votes win', '', ['Answer: 42', 'Answer: 41', 'Answer: 42'], { answer: '42', votes: 2, voters: 3 }],
    [
      'spellings of one number are one answer',
      '',
      ['Answer: 1,200', 'Answer: 1200', 'Answer: 7'],
      { answer: '1,200', votes: 2, voters: 3 },
    ],
    ['the own answer is a vote', '42', ['Answer: 41', 'Answer: 42'], { answer: '42', votes: 2, voters: 3 }],
    ['a tie goes to the own answer', '42', ['Answer: 41'], { answer: '42', votes: 1, voters: 2 }],
    [
      'replies that nobody can read shift nothing',
      '',
      [undefined, 'I do not know', 'Answer: 5', undefined, 'Answer: 7', 'Answer: 7'],
      { answer: '7', votes: 2, voters: 6, unreadable: 3 },
    ],
    ['nobody answers', '', [undefined, 'I do not know'], undefined],
  ];
  it.each(cases)('%s', (_, answer, completions, expected) => {
    const tally = tallyAnswers({ ...draft, answer }, completions);
    expect(expected === undefined ? tally : { ...tally, ...expected }).toEqual(tally);
    expect(tally === undefined).toBe(expected === undefined);
  });

  it('gives an answer that someone gave, with as many votes as gave it, wherever the unreadable ones stand', () => {
    const vote = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(vote, { minLength: 1, maxLength: 20 }), (votes) => {
        const tally = tallyAnswers(
          draft,
          votes.map((each) => (each === undefined ? 'no idea' : `Answer: ${each}`)),
        );
        const most = Math.max(...[1, 2, 3, 4].map((n) => votes.filter((each) => each === n).length));
        expect(tally?.votes ?? 0).toBe(most);
        expect(votes.filter((each) => each !== undefined && String(each) === tally?.answer)).toHaveLength(
          most,
        );
      }),
    );
  });
});
