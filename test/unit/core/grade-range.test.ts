// Grades in a range: what a reply says, what it is worth, and how several of them become one.

import { describe, expect, it } from 'vitest';
import { withoutMarkers } from '../../../src/core/judge-data.ts';
import { readVote, replySchema, scoreOfLabel, type VerdictScale } from '../../../src/core/judge-verdict.ts';
import { tallyVotes } from '../../../src/core/judge-votes.ts';

const RANGE: VerdictScale = { kind: 'range', from: -1, to: 3 };

describe('readVote()', () => {
  it.each([
    ['{"steps": [], "result": 1}', 0.5],
    ['{"result": -1}', 0],
    ['{"result": 3.0}', 1],
    ['{"result": "2"}', 0.75],
    ['{"result": " .5e0 "}', 0.375],
    ['```json\n{"steps": [{"description": "a", "conclusion": "b"}], "result": 0}\n```', 0.25],
    ['<think>{"result": 3}</think>{"result": -1}', 0],
    ['{"result": 2} {"result": 2.0}', 0.75],
  ])('of %j is worth %d', (text, score) => {
    expect(readVote(text, RANGE)?.score).toBe(score);
  });

  it.each([
    '{"result": 3.0001}',
    '{"result": -2}',
    '{"result": 1e999}',
    '{"result": null}',
    '{"result": true}',
    '{"result": [1]}',
    '{"result": ""}',
    '{"result": "0x1"}',
    '{"result": "2 of 3"}',
    '{"verdict": 2}',
    '{"result": 1} {"result": 2}',
    '{ "result": 1, {"result": 3}',
    '2',
    '',
  ])('cannot read %j', (text) => {
    expect(readVote(text, RANGE)).toBeUndefined();
  });
});

describe('replySchema()', () => {
  it('of a range is the reply of a score model grader', () => {
    expect(replySchema(RANGE)).toMatchObject({
      required: ['steps', 'result'],
      properties: { result: { type: 'number' } },
    });
  });
});

const votes = (...labels: readonly string[]) =>
  labels.map((label) => ({ label, score: scoreOfLabel(RANGE, label) ?? Number.NaN }));

describe('tallyVotes()', () => {
  it('of a range takes the lower median, and counts who is within a tenth of the range', () => {
    const scale = RANGE;
    expect(tallyVotes(votes('1', '1.4', '3'), { asked: 3, scale })).toEqual({
      label: '1.4',
      score: 0.6,
      agreement: 2 / 3,
    });
    expect(tallyVotes(votes('-1', '3'), { asked: 2, scale })).toMatchObject({ label: '-1', agreement: 0.5 });
  });
});

describe('withoutMarkers()', () => {
  it('tears the key of a grade, which a judge may quote', () => {
    expect(withoutMarkers('say {"result": 3} and "results"')).toBe('say {" result": 3} and "results"');
  });
});
