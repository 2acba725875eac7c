import { describe, expect, test } from 'vitest';
import type { PairItem } from '../../../../src/generate/item.ts';
import { check } from '../../../../src/generate/stages/check.ts';
import { repair } from '../../../../src/generate/stages/repair.ts';
import { pairFrom } from '../../../support/passages.ts';
import {
  fatesOf,
  pairItem,
  runStage,
  scripted,
  stageTools,
  type Reply,
} from '../../../support/stage-world.ts';

const TEXT = 'The Forth Bridge was opened on 4 March 1890.';
const PAIR = pairFrom(TEXT, {
  question: 'When was the Forth Bridge opened?',
  answer: '4 March 1890',
  answerType: 'date',
  evidence: TEXT,
});
const RIGHT = {
  reasoning: 'It says so.',
  correct: true,
  leaks_answer: false,
  enough_context: true,
  sure: true,
};

interface Call {
  readonly prompt: string;
  readonly sample: number;
  readonly temperature: number | undefined;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What becomes of a pair, and what was asked. */
async function checked(reply: Reply, options: object = {}, item: PairItem = PAIR) {
  const calls: Call[] = [];
  const answers = scripted(reply);
  const ask: typeof answers = (question) => {
    const { prompt, sample = 0, temperature, values } = question;
    calls.push({ prompt, sample, temperature, values });
    return answers(question);
  };
  const outcomes = await runStage(check.prepare(options).stage, [item], stageTools({ ask }));
  return { fate: fatesOf(outcomes)[0], outcome: outcomes[0], item: outcomes[0]?.kept[0], calls };
}

describe('check', () => {
  test('keeps a pair on one sure vote at temperature 0, and books it', async () => {
    const { item, calls } = await checked(() => RIGHT);
    expect(calls).toMatchObject([{ prompt: 'check/pair', sample: 0, temperature: 0 }]);
    expect(item).toEqual({ ...PAIR, costUsd: 0.011, notes: { check: { votes: 1, agreement: 1 } } });
  });

  test.each([
    ['wrong_answer', { correct: false }],
    ['leaks_answer', { leaks_answer: true }],
    ['lacks_context', { enough_context: false }],
    ['wrong_answer', { enough_context: false, leaks_answer: true, correct: false }],
    ['leaks_answer', { enough_context: false, leaks_answer: true }],
  ])('drops as %s a pair with %j', async (reason, fault) => {
    const { fate, outcome } = await checked(() => ({ ...RIGHT, ...fault }), { repair: false });
    expect(fate).toBe(reason);
    expect(outcome?.drops[0]?.detail).toContain('It says so.');
  });

  test.each(['Y', 'probably', null])('lets no pair through on the verdict %j', async (verdict) => {
    expect((await checked(() => ({ ...RIGHT, correct: verdict }))).fate).toBe('unreadable_reply');
  });

  test.each([
    ['two of three say it is right', [true, false, true], 'kept', 2 / 3],
    ['two of three say it is wrong', [true, false, false], 'wrong_answer', undefined],
    ['the first is outvoted', [false, true, true], 'kept', 2 / 3],
  ])('asks again where the first vote is not sure: %s', async (_, votes, expected, agreement) => {
    const { fate, item, calls } = await checked(({ sample }) => ({
      ...RIGHT,
      correct: votes[sample],
      sure: sample > 0,
    }));
    expect(fate).toBe(expected);
    expect(calls.map(({ sample, temperature }) => [sample, temperature])).toEqual([
      [0, 0],
      [1, 0.7],
      [2, 0.7],
    ]);
    expect(item?.notes).toEqual(agreement === undefined ? undefined : { check: { votes: 3, agreement } });
  });

  test('takes a tie, where a vote could not be read, for a fault', async () => {
    const votes = [{ ...RIGHT, sure: false }, undefined, { ...RIGHT, correct: false }];
    expect((await checked(({ sample }) => votes[sample])).fate).toBe('wrong_answer');
  });

  test('asks once where the recipe wants one vote, and refuses an even number', async () => {
    expect((await checked(() => ({ ...RIGHT, sure: false }), { votes: 1 })).calls).toHaveLength(1);
    expect(() => check.prepare({ votes: 2 })).toThrow('odd');
  });

  test('mends missing context by one rewrite, which is checked again', async () => {
    const question = 'On what date was the Forth Bridge in Scotland opened?';
    const { item, calls } = await checked(({ prompt, values }) => {
      if (prompt === 'repair/question') return { possible: true, question };
      return { ...RIGHT, enough_context: values['question'] === question };
    });
    expect(calls.map(({ prompt }) => prompt)).toEqual(['check/pair', 'repair/question', 'check/pair']);
    expect(calls[1]?.values).toMatchObject({ flaw: 'lacks_context', evidence: [TEXT] });
    expect(item).toMatchObject({
      draft: {
        question,
        answer: '4 March 1890',
        evidence: PAIR.draft.evidence,
        written: { prompt: 'repair/question' },
      },
      notes: { repair: { reason: 'lacks_context', before: PAIR.draft.question } },
    });
    expect(item).toHaveProperty('costUsd', expect.closeTo(0.013, 9));
  });

  test('mends nothing where the answer is wrong', async () => {
    const { fate, calls } = await checked(() => ({ ...RIGHT, correct: false, enough_context: false }));
    expect(fate).toBe('wrong_answer');
    expect(calls).toHaveLength(1);
  });

  test.each([
    ['that is not possible', { possible: false, question: '' }, 'lacks_context'],
    ['that changes nothing', { possible: true, question: PAIR.draft.question }, 'lacks_context'],
    ['that nobody can read', 'no', 'lacks_context'],
    ['that leaks', { possible: true, question: 'Did it open on 4 March 1890, or when?' }, 'leaks_answer'],
    ['that is as bad', { possible: true, question: 'When was the big bridge opened?' }, 'lacks_context'],
  ])('drops a pair after a rewrite %s', async (_, rewrite, reason) => {
    const { fate } = await checked(({ prompt }) =>
      prompt === 'repair/question' ? rewrite : { ...RIGHT, enough_context: false },
    );
    expect(fate).toBe(reason);
  });

  test('drops a pair that was made from no passage: it never passes unchecked', async () => {
    expect((await checked(() => RIGHT, {}, pairItem(0, {}))).fate).toBe('no_passage');
  });
});

const refuse: Reply = () => {
  throw new Error('asked');
};

describe('repair', () => {
  const cites = {
    ...PAIR,
    draft: { ...PAIR.draft, question: 'According to the text, when was the bridge opened?' },
  };

  async function repaired(reply: Reply, item: PairItem = cites) {
    const outcomes = await runStage(repair.prepare({}).stage, [item], stageTools({ ask: scripted(reply) }));
    return { fate: fatesOf(outcomes)[0], item: outcomes[0]?.kept[0] };
  }

  test('asks nobody about a pair without a flaw of wording', async () => {
    expect((await repaired(refuse, PAIR)).item).toBe(PAIR);
    // Not a matter of wording: the string checks drop it.
    const long = { ...PAIR, draft: { ...PAIR.draft, answer: 'x'.repeat(300) } };
    expect((await repaired(refuse, long)).item).toBe(long);
  });

  test('rewrites a question that cites the passage, and says what it was', async () => {
    const { item } = await repaired(() => ({
      possible: true,
      question: 'When was the Forth Bridge opened?',
    }));
    expect(item).toMatchObject({
      draft: { question: 'When was the Forth Bridge opened?' },
      notes: { repair: { reason: 'cites_passage', before: cites.draft.question } },
    });
  });

  test.each([
    ['cites_passage', { possible: false, question: '' }],
    ['cites_passage', { possible: true, question: 'In the passage, when was the Forth Bridge opened?' }],
    ['leaks_answer', { possible: true, question: 'Was the Forth Bridge opened on 4 March 1890?' }],
  ])('drops as %s what the rewrite %j does not mend', async (reason, rewrite) => {
    expect((await repaired(() => rewrite)).fate).toBe(reason);
  });
});
