import { describe, expect, test } from 'vitest';
import type { PairItem } from '../../../../src/generate/item.ts';
import { closedBook } from '../../../../src/generate/stages/closed-book.ts';
import { labelAgreement } from '../../../../src/generate/stages/label-agreement.ts';
import { pairFrom } from '../../../support/passages.ts';
import { fatesOf, pairItem, runStage, scripted, stageTools } from '../../../support/stage-world.ts';

const PAIR = pairFrom('The bridge is 521 metres long.', {
  question: 'How long, in metres, is the bridge?',
  answer: '521 metres',
  answerType: 'quantity',
});

/** What becomes of a pair when the `n`th sample is the `n`th of these. */
async function solved(replies: readonly unknown[], options: object = {}, item: PairItem = PAIR) {
  const { stage } = closedBook.prepare({ samples: replies.length, ...options });
  const outcomes = await runStage(
    stage,
    [item],
    stageTools({ ask: scripted(({ sample }) => replies[sample]) }),
  );
  return { fate: fatesOf(outcomes)[0], outcome: outcomes[0], item: outcomes[0]?.kept[0] };
}

describe('closed_book', () => {
  test('gives the pass rate with its interval, by the verifier of the answer type', async () => {
    const { item } = await solved([
      'I think so. <answer>521 m</answer>',
      '<answer>0.521 km</answer>',
      // What was asked for in metres may be answered by the number alone.
      'The answer is 521',
      '<answer>520 metres</answer>',
    ]);
    expect(item).toMatchObject({
      draft: { passRate: 0.75 },
      notes: {
        closed_book: {
          passes: 3,
          trials: 4,
          low: expect.closeTo(0.3006, 4),
          high: expect.closeTo(0.9544, 4),
        },
      },
    });
    expect(item).toHaveProperty('costUsd', expect.closeTo(0.014, 9));
  });

  test('drops what is always right, and keeps it where the recipe says so', async () => {
    const replies = ['521 m', '521 metres'].map((answer) => `<answer>${answer}</answer>`);
    expect((await solved(replies)).fate).toBe('too_easy');
    expect((await solved(replies, { pass_rate_max: 1 })).item).toMatchObject({ draft: { passRate: 1 } });
  });

  test('keeps what is never right, and drops it where the recipe says so', async () => {
    const replies = ['no idea', '<answer>5 m</answer>'];
    expect((await solved(replies)).item).toMatchObject({ draft: { passRate: 0 } });
    expect((await solved(replies, { pass_rate_min: 0.1 })).fate).toBe('too_hard');
  });

  test('drops a pair where samples agree on another answer, however it is written', async () => {
    const replies = ['520 m', '0.52 km', '520 metres', '521 m'].map((answer) => `<answer>${answer}</answer>`);
    expect((await solved(replies)).fate).toBe('kept');
    const { fate, outcome } = await solved(replies, { disputed_share: 0.75 });
    expect(fate).toBe('disputed_answer');
    expect(outcome?.drops[0]?.detail).toContain('3 of 4');
    expect((await solved(replies, { disputed_share: 0.76 })).fate).toBe('kept');
  });

  test('counts a reply that cannot be read as no trial, and none at all as unreadable', async () => {
    expect((await solved([undefined, '<answer>5 m</answer>'])).item).toMatchObject({
      notes: { closed_book: { passes: 0, trials: 1 } },
    });
    expect((await solved([undefined, undefined])).fate).toBe('unreadable_reply');
  });

  test('drops a ground truth that its verifier cannot use', async () => {
    const item = pairItem(0, { answer: 'a lot', answerType: 'number' });
    expect((await solved(['<answer>5</answer>'], {}, item)).fate).toBe('ground_truth_unusable');
  });
});

async function relabelled(replies: readonly unknown[], options: object = {}, item: PairItem = PAIR) {
  const { stage } = labelAgreement.prepare({ samples: replies.length, ...options });
  const outcomes = await runStage(
    stage,
    [item],
    stageTools({ ask: scripted(({ sample }) => replies[sample]) }),
  );
  return { fate: fatesOf(outcomes)[0], outcome: outcomes[0], item: outcomes[0]?.kept[0] };
}

const said = (answer: string, answerable = true) => ({ reasoning: '', answerable, answer });

describe('label_agreement', () => {
  test('keeps a pair that enough readers find again, and its answer as it is', async () => {
    const { item } = await relabelled([said('521 m'), said('0.521 km'), said('5 m')]);
    expect(item).toEqual({
      ...PAIR,
      costUsd: expect.closeTo(0.013, 9),
      notes: { label_agreement: { agreed: 2, of: 3 } },
    });
  });

  test.each([
    ['find another answer', [said('521 m'), said('5 m'), said('5 m')]],
    ['find the question not answerable', [said('521 m'), said('', false), said('521 m', false)]],
  ])('drops a pair where too many %s', async (_, replies) => {
    const { fate, outcome } = await relabelled(replies);
    expect(fate).toBe('labels_disagree');
    expect(outcome?.drops[0]?.detail).toContain('"521 metres"');
  });

  test('takes the share that the recipe wants', async () => {
    const replies = [said('521 m'), said('521'), said('5 m')];
    expect((await relabelled(replies, { agreement_min: 1 })).fate).toBe('labels_disagree');
    expect((await relabelled(replies, { agreement_min: 0.5 })).fate).toBe('kept');
  });

  test('counts only replies that can be read, and none as unreadable', async () => {
    expect((await relabelled([undefined, said('521 m')])).item).toMatchObject({
      notes: { label_agreement: { agreed: 1, of: 1 } },
    });
    expect((await relabelled([undefined])).fate).toBe('unreadable_reply');
  });

  test('drops a pair without a passage', async () => {
    expect((await relabelled([said('1')], {}, pairItem(0, {}))).fate).toBe('no_passage');
  });
});
