import { describe, expect, test } from 'vitest';
import { groupFault, type ReplyCompletion, replyFault } from '../../../src/loadtest/reply-check.ts';
import { ReplyChecker } from '../../../src/loadtest/reply-checker.ts';
import { scoreCases } from '../../../src/loadtest/score-case.ts';

/** Rewards 1, 0, 0, 0: mean 1/4, sample deviation 1/2, so 1.5 and -0.5, less the epsilon's share. */
const RIGHT: readonly ReplyCompletion[] = [
  { reward: 1, advantage: 1.499997 },
  { reward: 0, advantage: -0.499999 },
  { reward: 0, advantage: -0.499999 },
  { reward: 0, advantage: -0.499999 },
];
const REWARDS = [1, 0, 0, 0];

describe('groupFault()', () => {
  test('groupFault() finds nothing wrong with the hand-worked group', () => {
    expect(groupFault(RIGHT, REWARDS, 'full')).toBeUndefined();
  });

  test('groupFault() wants zeros for a group of equal rewards', () => {
    const zeros = [1, 1].map((reward) => ({ reward, advantage: 0 }));
    expect(groupFault(zeros, [1, 1], 'full')).toBeUndefined();
    expect(groupFault([{ reward: 1, advantage: 0.1 }], [1], 'full')).toMatch(/advantage 0.1 instead of 0/);
  });

  test.each([
    ['another reward', RIGHT.with(2, { reward: 1, advantage: -0.499999 }), /completion 2: reward 1/],
    ['no reward', RIGHT.with(2, { reward: undefined, advantage: 0 }), /reward undefined instead of 0/],
    ['no advantage', RIGHT.with(1, { reward: 0, advantage: undefined }), /advantage undefined/],
    ['another advantage', RIGHT.with(0, { reward: 1, advantage: 1.732 }), /advantage 1.732 instead of 1.49/],
    ['an advantage that is no number', RIGHT.with(0, { reward: 1, advantage: Number.NaN }), /advantage NaN/],
    ['a completion too few', RIGHT.slice(1), /3 completions instead of 4/],
  ])('groupFault() sees %s', (_, reply, fault) => {
    expect(groupFault(reply, REWARDS, 'full')).toMatch(fault);
  });

  test('groupFault() under "rewards" looks at rewards only, under "shape" at numbers only', () => {
    const bare = REWARDS.map((reward) => ({ reward, advantage: undefined }));
    const wrong = REWARDS.map(() => ({ reward: 0, advantage: undefined }));
    expect(groupFault(bare, REWARDS, 'rewards')).toBeUndefined();
    expect(groupFault(wrong, REWARDS, 'rewards')).toMatch(/reward 0 instead of 1/);
    expect(groupFault(wrong, REWARDS, 'shape')).toBeUndefined();
    expect(groupFault(wrong.slice(1), REWARDS, 'shape')).toMatch(/3 completions/);
  });
});

test('replyFault() names the group at fault, and sees a group too few', () => {
  expect(replyFault([RIGHT, RIGHT.toReversed()], [REWARDS, REWARDS], 'full')).toMatch(
    /^group 1: completion 0/,
  );
  expect(replyFault([RIGHT], [REWARDS, REWARDS], 'shape')).toBe('1 groups instead of 2');
});

describe('ReplyChecker', () => {
  const cases = scoreCases({ groupSize: 2, completionChars: 60, groupsPerRequest: 1, reward: 'math' });
  const rewards = cases.map((scoreCase) => scoreCase.rewards);

  function checkerOf(): { readonly checker: ReplyChecker; readonly decoded: () => number } {
    let decodes = 0;
    const checker = new ReplyChecker(cases, {
      check: 'rewards',
      decode(reply) {
        decodes += 1;
        const text = reply.toString();
        if (text === 'refused') return { kind: 'problem', code: 'resource_exhausted', detail: 'Full' };
        const groups = rewards[Number(text)] ?? [];
        const scored = groups.map((group) => group.map((reward) => ({ reward, advantage: undefined })));
        return { kind: 'scored', groups: scored };
      },
    });
    return { checker, decoded: () => decodes };
  }
  const other = rewards.findIndex((groups) => JSON.stringify(groups) !== JSON.stringify(rewards[0]));

  test('ReplyChecker decodes a right reply once and knows it by its bytes after that', () => {
    const { checker, decoded } = checkerOf();
    for (let turn = 0; turn < 3; turn += 1) {
      expect(checker.outcome(0, Buffer.from('0'))).toEqual({ kind: 'answered', bytes: 1 });
    }
    expect(decoded()).toBe(1);
  });

  test('ReplyChecker calls a reply wrong that is right for another case, each time', () => {
    const { checker } = checkerOf();
    expect(checker.outcome(0, Buffer.from('0')).kind).toBe('answered');
    for (let turn = 0; turn < 2; turn += 1) {
      expect(checker.outcome(0, Buffer.from(String(other))).kind).toBe('wrong');
    }
  });

  test('ReplyChecker does not remember a reply that changes under it', () => {
    const { checker } = checkerOf();
    const reused = Buffer.from('0');
    expect(checker.outcome(0, reused).kind).toBe('answered');
    reused.write(String(other));
    expect(checker.outcome(0, Buffer.from(String(other))).kind).toBe('wrong');
  });

  test('ReplyChecker passes a problem on with its code', () => {
    const failed = { kind: 'failed', code: 'resource_exhausted', detail: 'Full' };
    expect(checkerOf().checker.outcome(0, Buffer.from('refused'))).toEqual(failed);
  });
});

test('scoreCases() holds rewards of both kinds, and as many as the shape says', () => {
  const cases = scoreCases({ groupSize: 3, completionChars: 100, groupsPerRequest: 2, reward: 'math' });
  expect(cases).toHaveLength(64);
  for (const { input, rewards } of cases) {
    expect(input.groups.map((group) => group.completions.length)).toEqual([3, 3]);
    expect(rewards.map((group) => group.length)).toEqual([3, 3]);
  }
  const all = cases.flatMap((scoreCase) => scoreCase.rewards.flat());
  expect(new Set(all)).toEqual(new Set([0, 1]));
});
