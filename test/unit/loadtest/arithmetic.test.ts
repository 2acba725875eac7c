import { assert, boolean, integer, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arithmeticAnswer, arithmeticDataset, arithmeticQuestion } from '../../../src/loadtest/arithmetic.ts';
import { knownCompletion } from '../../../src/loadtest/known-completion.ts';

describe('arithmeticQuestion()', () => {
  test.each([
    [0, 'What is 10 + 10?', '20'],
    [1, 'What is 11 + 41?', '52'],
    [9_973, 'What is 10 + 17?', '27'],
  ])('arithmeticQuestion(%i) asks "%s"', (index, question, answer) => {
    expect(arithmeticQuestion(index)).toEqual({ question, answer });
  });

  test('arithmeticAnswer() finds the answer of each arithmeticQuestion() in a prompt around it', () => {
    assert(
      property(nat(10_000_000), (index) => {
        const { question, answer } = arithmeticQuestion(index);
        expect(arithmeticAnswer(`Answer shortly.\n${question}\nThink first.`)).toBe(answer);
      }),
    );
  });

  test.each(['', 'What is a + b?', 'How much is 1 + 2?'])(
    'arithmeticAnswer() has none for "%s"',
    (prompt) => {
      expect(arithmeticAnswer(prompt)).toBeUndefined();
    },
  );

  test('arithmeticDataset() has no question twice', () => {
    const questions = arithmeticDataset()
      .trimEnd()
      .split('\n')
      .map((line): unknown => Reflect.get(JSON.parse(line), 'question'));
    expect(questions).toHaveLength(10_000);
    expect(new Set(questions).size).toBe(10_000);
  });
});

describe('knownCompletion()', () => {
  test.each([
    [{ answer: '52', isRight: true, member: 0, chars: 40 }, /\\boxed\{52\}\.$/],
    [{ answer: '52', isRight: false, member: 0, chars: 40 }, /\\boxed\{53\}\.$/],
    [{ answer: '52', isRight: true, member: 1, chars: 40 }, /\n#### 52$/],
    [{ answer: '52', isRight: true, member: 2, chars: 40 }, /\nAnswer: 52$/],
    [{ answer: '52', isRight: true, member: 3, chars: 40 }, /\\boxed\{52\}\.$/],
  ])('knownCompletion(%o) ends in its answer', (known, ending) => {
    expect(knownCompletion(known)).toMatch(ending);
  });

  test('knownCompletion() has exactly the characters asked for, all of them ASCII', () => {
    assert(
      property(integer({ min: 40, max: 5_000 }), nat(9), boolean(), (chars, member, isRight) => {
        const text = knownCompletion({ answer: '19999', isRight, member, chars });
        expect(text).toHaveLength(chars);
        expect(Buffer.byteLength(text)).toBe(chars);
      }),
    );
  });

  test('knownCompletion() keeps its whole answer when there is no room for it', () => {
    expect(knownCompletion({ answer: '52', isRight: true, member: 1, chars: 1 })).toBe('\n\n#### 52');
  });
});
