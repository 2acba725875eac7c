import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../../src/core/random.ts';
import { recipeOf } from '../../../../src/core/recipe.ts';
import type { Draft } from '../../../../src/generate/item.ts';
import { balance } from '../../../../src/generate/stages/balance.ts';
import { normalizeAnswer } from '../../../../src/generate/stages/normalize-answer.ts';
import { fatesOf, pairItem, runStage, stageTools } from '../../../support/stage-world.ts';

async function normalized(draft: Partial<Draft>) {
  const [outcome] = await runStage(normalizeAnswer.prepare({}).stage, [pairItem(0, draft)]);
  const item = outcome?.kept[0];
  return { outcome, item, draft: item?.kind === 'pair' ? item.draft : undefined };
}

describe('normalize_answer', () => {
  test.each<[string, Draft['answerType'], string, Draft['answerType']]>([
    ['1,234.50', 'number', '1234.5', 'number'],
    ['7 November 1867', 'date', '1867-11-07', 'date'],
    ['5,895 metres', undefined, '5895 metres', 'quantity'],
    ['Yes.', undefined, 'yes', 'boolean'],
    ['Marie Curie.', undefined, 'Marie Curie', 'text'],
    // Called a text, and plainly more than that.
    ['1,000', 'text', '1000', 'number'],
    ['true', 'text', 'yes', 'boolean'],
    // Called what its verifier cannot use, and plainly something else.
    ['12 km', 'date', '12 km', 'quantity'],
    ['1905', 'date', '1905', 'date'],
    ['red; green', 'list', 'red; green', 'list'],
    [String.raw`$\frac{1}{2}$`, 'math', String.raw`\frac{1}{2}`, 'math'],
  ])('makes of "%s" (%s) the answer "%s" (%s)', async (answer, answerType, expected, type) => {
    const { draft } = await normalized({ answer, answerType });
    expect(draft).toMatchObject({ answer: expected, answerType: type });
  });

  test.each<[string, Draft['answerType']]>([
    ['between five and ten', 'number'],
    ['long ago', 'date'],
    ['it depends', 'boolean'],
    ['', 'text'],
  ])('drops "%s" as %s, with the reason of the verifier', async (answer, answerType) => {
    const { outcome } = await normalized({ answer, answerType });
    expect(outcome?.drops).toMatchObject([{ reason: 'ground_truth_unusable' }]);
    expect(outcome?.drops[0]?.detail).toMatch(/ground truth/);
  });

  test('notes what was written, and the type that was stated', async () => {
    expect((await normalized({ answer: '1,000', answerType: 'text' })).item?.notes).toEqual({
      normalize_answer: { stated_type: 'text', written: '1,000' },
    });
    expect((await normalized({ answer: '1000', answerType: 'number' })).item?.notes).toEqual({});
  });

  test('keeps of the aliases those that say more than the answer, each once', async () => {
    const { draft } = await normalized({
      answer: 'United Nations',
      answerType: 'text',
      aliases: ['the united nations', 'UN', 'un', ' ', 'U.N.'],
    });
    expect(draft?.aliases).toEqual(['UN']);
    const { draft: amount } = await normalized({
      answer: '5 km',
      answerType: 'quantity',
      aliases: ['5,000 m', 'far'],
    });
    expect(amount?.aliases).toEqual([]);
  });

  test('leaves a pair with a recipe of its own alone', async () => {
    const { draft } = await normalized({ answer: ' [a-z]+ ', reward: recipeOf('regex') });
    expect(draft?.answer).toBe(' [a-z]+ ');
  });

  test('changes nothing the second time', async () => {
    const answer = fc.oneof(
      fc.integer().map(String),
      fc.constantFrom('5,895 metres', '7 November 1867', 'Yes.', '"x"', 'a, b and c', '$3.50', '1/3'),
    );
    await fc.assert(
      fc.asyncProperty(answer, async (written) => {
        const { draft } = await normalized({ answer: written });
        const again = await normalized(draft ?? {});
        expect(again.draft).toEqual(draft);
      }),
    );
  });
});

const booleans = (yes: number, no: number, others: number) =>
  [
    ...Array.from({ length: yes }, () => 'Yes'),
    ...Array.from({ length: no }, () => 'false'),
    ...Array.from({ length: others }, () => '17'),
  ].map((answer, index) => pairItem(index, { answer }));

async function counts(items: ReturnType<typeof booleans>, options: object, seed = 1) {
  const tools = stageTools({ random: createRandom(seed) });
  const outcomes = await runStage(balance.prepare(options).stage, items, tools);
  const kept = outcomes
    .flatMap((outcome) => outcome.kept)
    .flatMap((item) => (item.kind === 'pair' ? [item] : []));
  const count = (answer: string): number => kept.filter(({ draft }) => draft.answer === answer).length;
  const fates = Map.groupBy(fatesOf(outcomes), (fate) => fate);
  return {
    yes: count('Yes'),
    no: count('false'),
    others: count('17'),
    reasons: Object.fromEntries([...fates].map(([fate, list]) => [fate, list.length])),
    keys: kept.map(({ key }) => key),
  };
}

describe('balance', () => {
  test.each([
    ['the rarer of the two decides', [8, 3, 100], 0.5, [3, 3, 100], { kept: 106, unbalanced_yes_no: 5 }],
    ['the share decides', [20, 30, 18], 0.1, [1, 1, 18], { kept: 20, too_many_yes_no: 48 }],
    ['one polarity alone stays out', [5, 0, 100], 0.5, [0, 0, 100], { kept: 100, unbalanced_yes_no: 5 }],
    ['all may be yes or no', [2, 2, 0], 1, [2, 2, 0], { kept: 4 }],
    ['none may be', [2, 2, 10], 0, [0, 0, 10], { kept: 10, too_many_yes_no: 4 }],
  ])('keeps yes and no in balance: %s', async (_, [yes, no, others], share, expected, reasons) => {
    const found = await counts(booleans(yes ?? 0, no ?? 0, others ?? 0), { boolean_share_max: share });
    expect([found.yes, found.no, found.others]).toEqual(expected);
    expect(found.reasons).toEqual(reasons);
  });

  test('draws the same pairs for the same seed, and others for another', async () => {
    const items = booleans(40, 20, 100);
    const options = { boolean_share_max: 0.1 };
    const [first, again, other] = [
      await counts(items, options),
      await counts(items, options),
      await counts(items, options, 2),
    ];

    expect(again.keys).toEqual(first.keys);
    expect(other.keys).not.toEqual(first.keys);
  });

  test('never keeps more yes than no, nor more of both than the share', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(30),
        fc.nat(30),
        fc.nat(60),
        fc.double({ min: 0, max: 0.95, noNaN: true }),
        async (yes, no, others, share) => {
          const found = await counts(booleans(yes, no, others), { boolean_share_max: share });
          expect(found.yes).toBe(found.no);
          expect(found.others).toBe(others);
          const all = found.yes + found.no + found.others;
          expect(found.yes + found.no).toBeLessThanOrEqual(share * all + 1e-9);
        },
      ),
    );
  });
});
