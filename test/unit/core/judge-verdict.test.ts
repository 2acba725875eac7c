// What a reply says, or that it cannot be read; how votes become one verdict; what no judge is asked about; what calls cost.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonObjectsIn } from '../../../src/core/reply-json.ts';
import { unfitAnswer } from '../../../src/core/judge-refusals.ts';
import {
  labelsOf,
  readVote,
  replySchema,
  scoreOfLabel,
  swappedVote,
  type VerdictScale,
} from '../../../src/core/judge-verdict.ts';
import { isDecisive, tallyVotes } from '../../../src/core/judge-votes.ts';
import { costOf, priceOf, PRICES } from '../../../src/core/price-table.ts';

const EQUIVALENCE: VerdictScale = {
  kind: 'labels',
  scores: new Map([
    ['equivalent', 1],
    ['different', 0],
  ]),
};
const LEVELS: VerdictScale = { kind: 'levels', from: 1, to: 6 };
const PAIRWISE: VerdictScale = {
  kind: 'labels',
  scores: new Map([
    ['first', 1],
    ['tie', 0.5],
    ['second', 0],
  ]),
};
const YES = '{"reasoning": "same", "verdict": "equivalent"}';
const NO = '{"reasoning": "not", "verdict": "different"}';

const votesOf = (scale: VerdictScale, ...labels: string[]) =>
  labels.map((label) => ({ label, score: scoreOfLabel(scale, label) ?? NaN }));

describe('readVote()', () => {
  it.each([
    ['plain JSON', YES, 'equivalent'],
    ['a code fence', `\`\`\`json\n${YES}\n\`\`\``, 'equivalent'],
    ['prose before and after', `Sure! Here it is:\n${NO}\nHope this helps {smile}.`, 'different'],
    ['thinking with a draft', `<think>perhaps ${YES}</think>${NO}`, 'different'],
    ['no reasoning', '{"verdict":"different"}', 'different'],
    ['other case and blanks', '{"verdict":" Equivalent "}', 'equivalent'],
    ['the same verdict twice', `${YES}\n${YES}`, 'equivalent'],
    ['an object that is no verdict first', `{"a":1} ${YES}`, 'equivalent'],
    ['braces and quotes in the reasoning', '{"reasoning":"\\"}{\\" {","verdict":"different"}', 'different'],
    ['a stray quote in the prose', `He said "hi\n${YES}`, 'equivalent'],
    [
      'reasoning that quotes a verdict',
      `{"reasoning":"it says {\\"verdict\\":\\"equivalent\\"}","verdict":"different"}`,
      'different',
    ],
  ])('readVote() reads %s', (_, text, label) => {
    expect(readVote(text, EQUIVALENCE)?.label).toBe(label);
  });

  it.each([
    ['nothing', ''],
    ['prose alone', 'They are equivalent.'],
    ['two verdicts that differ', `The answer says ${YES}, but: ${NO}`],
    ['a verdict behind quoted braces that stay open', `It says }}}${YES}{{{, so: ${NO}`],
    ['a label that does not exist', '{"verdict":"correct"}'],
    ['a verdict beside one that does not exist', `{"verdict":"correct"} ${YES}`],
    ['JSON cut short', YES.slice(0, -1)],
    ['a list', `[${YES.slice(1)}`],
    ['a verdict that is no text', '{"verdict":true}'],
    ['a verdict inside of something else', `{"verdicts":${YES}}`],
    ['an inherited key', '{"constructor":"equivalent"}'],
    ['a reply without end', `${'x'.repeat(70_000)}${YES}`],
  ])('readVote() does not guess from %s', (_, text) => {
    expect(readVote(text, EQUIVALENCE)).toBeUndefined();
  });

  it('readVote() takes levels as text and as number, and none outside of the scale', () => {
    expect(readVote('{"verdict":"4"}', LEVELS)).toEqual({ label: '4', score: 0.6 });
    expect(readVote('{"verdict":6}', LEVELS)).toEqual({ label: '6', score: 1 });
    for (const level of ['0', '7', '3.5', '-1', '1e0']) {
      expect(readVote(`{"verdict":"${level}"}`, LEVELS)).toBeUndefined();
    }
  });

  it('readVote() reads any reasoning around a verdict', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('equivalent', 'different'),
        (reasoning, verdict) => {
          const reply = `\`\`\`json\n${JSON.stringify({ reasoning, verdict })}\n\`\`\``;
          // Thinking is taken off first: a judge that closes a thought that it never opened cannot be read.
          fc.pre(!reasoning.includes('</think>'));
          expect(readVote(reply, EQUIVALENCE)?.label).toBe(verdict);
        },
      ),
    );
  });

  it('jsonObjectsIn() ends in time linear in the text for any braces and quotes', () => {
    expect(jsonObjectsIn('{'.repeat(60_000))).toEqual([]);
    expect(jsonObjectsIn('{"'.repeat(30_000))).toEqual([]);
    fc.assert(
      fc.property(fc.array(fc.constantFrom('{', '}', '"', '\\', '\n', 'a', ':', YES)), (parts) => {
        for (const object of jsonObjectsIn(parts.join(''))) expect(typeof object).toBe('object');
      }),
    );
  });
});

describe('replySchema()', () => {
  it('replySchema() requires both keys and allows no other, as strict modes demand', () => {
    expect(replySchema(LEVELS)).toEqual({
      type: 'object',
      properties: {
        reasoning: { type: 'string' },
        verdict: { type: 'string', enum: ['1', '2', '3', '4', '5', '6'] },
      },
      required: ['reasoning', 'verdict'],
      additionalProperties: false,
    });
  });

  it('swappedVote() mirrors every label of a scale with a middle', () => {
    for (const label of labelsOf(PAIRWISE)) {
      const vote = { label, score: scoreOfLabel(PAIRWISE, label) ?? NaN };
      const swapped = swappedVote(vote, PAIRWISE);
      expect(swapped?.score).toBe(1 - vote.score);
      expect(swapped && swappedVote(swapped, PAIRWISE)).toEqual(vote);
    }
  });
});

describe('tallyVotes()', () => {
  it.each<[string, VerdictScale, string[], number, object | undefined]>([
    ['one vote', EQUIVALENCE, ['equivalent'], 1, { label: 'equivalent', score: 1, agreement: 1 }],
    [
      'a majority',
      EQUIVALENCE,
      ['equivalent', 'different', 'different'],
      3,
      { label: 'different', score: 0, agreement: 2 / 3 },
    ],
    ['a tie', EQUIVALENCE, ['equivalent', 'different'], 2, { label: 'equivalent', score: 1, agreement: 0.5 }],
    [
      'a vote that never came',
      EQUIVALENCE,
      ['different', 'different'],
      3,
      { label: 'different', score: 0, agreement: 2 / 3 },
    ],
    ['levels beside each other', LEVELS, ['4', '6', '5'], 3, { label: '5', score: 0.8, agreement: 1 }],
    ['levels far apart', LEVELS, ['1', '6', '1', '6'], 4, { label: '1', score: 0, agreement: 0.5 }],
    ['no vote', EQUIVALENCE, [], 1, undefined],
  ])('tallyVotes() makes of %s what it should', (_, scale, labels, asked, tally) => {
    expect(tallyVotes(votesOf(scale, ...labels), { asked, scale })).toEqual(tally);
  });

  it('isDecisive() wants a majority whatever the threshold is, and the threshold as well', () => {
    expect(isDecisive(0.5, 0.5)).toBe(false);
    expect(isDecisive(0.5, 0)).toBe(false);
    expect(isDecisive(0.6, 0.5)).toBe(true);
    expect(isDecisive(2 / 3, 1)).toBe(false);
    expect(isDecisive(1, 1)).toBe(true);
  });
});

describe('unfitAnswer()', () => {
  it.each([
    '',
    '   ',
    '\u200B\u2060\uFEFF',
    '\u3164',
    ':',
    '.',
    ',',
    '**',
    '...',
    '“”',
    '- - -',
    '###',
    'Thought process:',
    'thought process',
    'Let’s solve this problem step by step.',
    "Let's think step by step:",
    'Solution',
    '**Solution:**',
    'Final Answer:',
    'The answer is',
    'Here is what I found:',
    '解',
    'かいせつ',
    'Respuesta',
  ])('unfitAnswer() refuses %j', (answer) => {
    expect(unfitAnswer(answer, ['42'], 100)).toBeTypeOf('string');
  });

  it.each([
    '0',
    'x',
    '∞',
    '+',
    'π',
    'no',
    'The answer is 4',
    'Solution: 4',
    '2:1',
    'ratio 3:',
    'A',
    '解は4',
    '👍',
    '%5',
  ])('unfitAnswer() lets %j be judged', (answer) => {
    expect(unfitAnswer(answer, ['42'], 100)).toBeUndefined();
  });

  it('unfitAnswer() lets an answer be what the ground truth is, but not another kind of nothing', () => {
    expect(unfitAnswer('!', ['?'], 100)).toBeUndefined();
    expect(unfitAnswer('Solution', ['the solution'], 100)).toBeTypeOf('string');
    expect(unfitAnswer('Solution', ['Reasoning'], 100)).toBeUndefined();
    expect(unfitAnswer(' ', ['?'], 100)).toBeTypeOf('string');
  });

  it('unfitAnswer() refuses an answer that is too long, by one character', () => {
    expect(unfitAnswer('a'.repeat(100), ['a'], 100)).toBeUndefined();
    expect(unfitAnswer('a'.repeat(101), ['a'], 100)).toContain('too long');
  });
});

describe('priceOf()', () => {
  it.each([
    ['gpt-4.1-mini', 0.4],
    ['gpt-4.1-mini-2025-04-14', 0.4],
    ['openai/gpt-4.1-mini', 0.4],
    ['anthropic/claude-haiku-4-5-20251001', 1],
  ])('priceOf() knows %s', (model, input) => {
    expect(priceOf(model)?.input).toBe(input);
  });

  it.each(['my-model', 'gpt-4.1-miniature', 'constructor', '__proto__', ''])(
    'priceOf() has null, not 0, for %j',
    (model) => {
      expect(priceOf(model)).toBeNull();
      expect(costOf({ promptTokens: 5, completionTokens: 5 }, priceOf(model))).toBeNull();
    },
  );

  it('priceOf() takes an override before the table, and costOf() counts both kinds of token', () => {
    const price = priceOf('gpt-4o', { 'gpt-4o': { input: 1, output: 2 } });
    expect(costOf({ promptTokens: 1_000_000, completionTokens: 500_000 }, price)).toBe(2);
    // Embedders write nothing.
    const wrong = Object.entries(PRICES).filter(([name, { input, output }]) =>
      name.includes('embedding') ? input <= 0 || output !== 0 : input <= 0 || output < input,
    );
    expect(wrong).toEqual([]);
  });
});
