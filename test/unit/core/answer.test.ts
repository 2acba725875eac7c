// What extractAnswer() takes, and from where: each marker, their order, torn and nested ones, traps.

import { describe, expect, it } from 'vitest';
import { type AnswerSource, extractAnswer, type Fallback } from '../../../src/core/answer.ts';

type Row = readonly [text: string, answer: string | undefined, source?: AnswerSource];

function tables(fallback: Fallback, rows: readonly Row[]): void {
  it.each(rows.map(([text, answer, source]) => [text, answer, source] as const))(
    `extractAnswer(%j, "${fallback}") takes %j`,
    (text, answer, source) => {
      const found = extractAnswer(text, fallback);
      expect(found?.answer).toBe(answer);
      expect([found?.source, source ?? found?.source]).toEqual([source ?? found?.source, found?.source]);
    },
  );
}

describe('extractAnswer() with \\boxed', () => {
  tables('none', [
    ['So it is $\\boxed{5}$.', '5', 'boxed'],
    ['First \\boxed{4}. No: \\boxed{5}', '5', 'boxed'],
    ['\\boxed{\\frac{1}{2}}', '\\frac{1}{2}', 'boxed'],
    ['\\boxed{\\{1,2\\}}', '\\{1,2\\}', 'boxed'],
    ['\\boxed {5}', '5', 'boxed'],
    ['$\\boxed 5$', '5', 'boxed'],
    ['\\boxed 5.', '5', 'boxed'],
    ['\\boxed5', '5', 'boxed'],
    ['\\\\boxed{5}', '5', 'boxed'],
    ['\\fbox{5}', '5', 'boxed'],
    ['\\boxed{5', '5', 'boxed'],
    ['\\boxed{5\nand more prose', '5', 'boxed'],
    ['\\boxed{\\text{Paris}}', '\\text{Paris}', 'boxed'],
    ['\\boxed{}', undefined],
    ['\\boxed{3} then \\boxed{}', '3', 'boxed'],
    ['\\boxed{\\boxed{5}}', '5', 'boxed'],
    ['$\\boxed{28}$ pct', '28%', 'boxed'],
    ['$\\boxed{28}\\%$', '28%', 'boxed'],
    ['\\(\\boxed{28}\\) percent of it', '28%', 'boxed'],
    ['\\boxed{28\\%}%', '28\\%', 'boxed'],
    ['\\boxed{28} percentage points', '28', 'boxed'],
    ['\\boxed{5} #### 6 <answer>7</answer> Answer: 8', '5', 'boxed'],
  ]);
});

describe('extractAnswer() with several boxes', () => {
  tables('none', [
    ['$\\boxed{1}$ and $\\boxed{2}$', '1, 2', 'boxed'],
    ['\\boxed{1}, \\boxed{2}, \\boxed{3}', '1, 2, 3', 'boxed'],
    ['\\boxed{-2} \\quad \\text{and} \\quad \\boxed{1}.', '-2, 1', 'boxed'],
    ['$$\\boxed{(3, 3)} \\text{ for part (a) and } \\boxed{(1, 1)}$$', '(3, 3), (1, 1)', 'boxed'],
    ['\\boxed{7} or \\boxed{8}', '7, 8', 'boxed'],
    ['\\boxed{7}. Then \\boxed{8}', '8', 'boxed'],
    ['I got \\boxed{7}, but the right one is \\boxed{8}', '8', 'boxed'],
    ['\\boxed{7} and so 3 + 5 = \\boxed{8}', '8', 'boxed'],
    ['\\boxed{7}\n\nand\n\n\\boxed{8}', '8', 'boxed'],
    ['\\boxed{7} \\boxed{8}', '7, 8', 'boxed'],
  ]);
});

describe('extractAnswer() with <answer>', () => {
  tables('none', [
    ['<answer>5</answer>', '5', 'answer_tag'],
    ['<answer>4</answer> <answer> 5 </answer>', '5', 'answer_tag'],
    ['<answer><answer>5</answer></answer>', '5', 'answer_tag'],
    ['<answer>5', '5', 'answer_tag'],
    ['<Answer>5</Answer>', '5', 'answer_tag'],
    ['<answer></answer>', undefined],
    ['<answer>5</answer><answer></answer>', '5', 'answer_tag'],
    ['<answer>Paris\nFrance</answer>', 'Paris\nFrance', 'answer_tag'],
    // An echoed template is taken as it stands: the verifier says no.
    ['<answer> the correct option here </answer>', 'the correct option here', 'answer_tag'],
    ['a < b and answer> c', undefined],
  ]);
});

describe('extractAnswer() with ####', () => {
  tables('none', [
    ['3 + 4 = 7\n#### 7', '7', 'hash'],
    ['#### 6\n#### 7', '7', 'hash'],
    ['#### 1,234\n', '1,234', 'hash'],
    ['#### -3\nDone.', '-3', 'hash'],
    ['#### Paris', 'Paris', 'hash'],
    ['#### Step two\nWe add.', undefined],
    ['##### 7', undefined],
    ['####', undefined],
  ]);
});

describe('extractAnswer() with a sentence or a label', () => {
  tables('expression', [
    ['Answer:.', undefined],
    ['Answer: 5\nAnswer: .', '5', 'answer_label'],
    [
      'Final Answer: The final answer is $28 \\%$. I hope it is correct. Note: the rest.',
      '$28 \\%$',
      'final_answer',
    ],
    ['The final answer is 5.', '5', 'final_answer'],
    ['the answer is: 5', '5', 'final_answer'],
    ['The answer is therefore 5 apples', '5', 'final_answer'],
    ['Final Answer: The largest $n$ is 34.', '34', 'answer_label'],
    [
      'Final Answer: Jane started growing Sphere 3 hours ago. I hope it is correct.',
      '3 hours',
      'answer_label',
    ],
    ['Answer: 5', '5', 'answer_label'],
    ['**Answer:** 5', '5', 'answer_label'],
    ['**Answer**: 5', '5', 'answer_label'],
    ['## Final Answer\n\n42', '42', 'answer_label'],
    ['Answer: 4\nAnswer: 5', '5', 'answer_label'],
    ['Answer:\n\n$$5$$', '5', 'answer_label'],
    ['Answer: \\[ x = 5 \\]', 'x = 5', 'answer_label'],
    ['work\nA: 26', '26', 'answer_label'],
    ['A: 26', '26', 'answer_label'],
    ['Plan A: go home 5', '5', 'last_number'],
    ['The final answer is either 7 or 8.', 'either 7 or 8', 'final_answer'],
    ['The answer is **7**.', '7', 'final_answer'],
    ['Answer: 7 or 8', '7 or 8', 'answer_label'],
    ['Answer: not 7', 'not 7', 'answer_label'],
    ['Respuesta: 5', '5', 'answer_label'],
    ['Réponse : 5', '5', 'answer_label'],
    ['Antwort: 5', '5', 'answer_label'],
    ['答案：5', '5', 'answer_label'],
    ['Ответ: 5', '5', 'answer_label'],
    ['답은... 정답: 5', '5', 'answer_label'],
  ]);
  tables('line', [
    ['So the answer is Paris.', 'Paris', 'final_answer'],
    ['Answer: The city is Paris', 'The city is Paris', 'answer_label'],
    ['Answer: B) Paris', 'B) Paris', 'answer_label'],
  ]);
});

describe('extractAnswer() with thinking', () => {
  tables('expression', [
    ['<think>\\boxed{4}</think>It is \\boxed{5}', '5', 'boxed'],
    ['<think>\\boxed{4}</think>It is 5', '5', 'last_expression'],
    ['<think>a</think><think>b</think>5', '5', 'whole'],
    ['<think>It might be \\boxed{4}, let me', undefined],
    ['<think>x</think>', undefined],
    ['no opening</think>5', '5', 'whole'],
    ['The probability is 2/3. <|im_start|>user', '2/3', 'last_expression'],
    ['It is \\boxed{5}<|im_end|>\\boxed{6}', '5', 'boxed'],
  ]);
});

describe('extractAnswer() without a marker', () => {
  tables('expression', [
    ['Thus $x <= 2$ is our claim.', 'x <= 2', 'last_expression'],
    ['We get \\( (9+1) \\)', '(9+1)', 'last_expression'],
    ['We get \\[ \n 9 \n \\] now', '9', 'last_expression'],
    ['We get $$5$$', '5', 'last_expression'],
    ['It costs $5 for the first and $10', '10', 'last_number'],
    ['It costs \\$5', '5', 'last_number'],
    ['-2 \\le x \\le 7', '-2 \\le x \\le 7', 'whole'],
    ['28 %', '28 %', 'whole'],
    ['1,000.99$', '1,000.99$', 'whole'],
    ['so the number is 10 which is 1,000.99m²', '1,000.99m²', 'last_expression'],
    ['She has -3 left', '-3', 'last_number'],
    ['The range was 10-3', '10-3', 'last_expression'],
    ['We find z = 3 + 4i.', '3 + 4i', 'last_expression'],
    ['The values are 4, 6, and 15.', '4, 6, and 15', 'last_expression'],
    ['The values are $4$ and $6$.', '4 and 6', 'last_expression'],
    ['The value is 7 or maybe 8', '7 or maybe 8', 'last_expression'],
    ['Perhaps it was 7 or 8.', '7 or 8', 'last_expression'],
    ['**9**', '9', 'whole'],
    ['He came 3rd', '3', 'last_number'],
    ['That is 12 percent', '12%', 'last_number'],
    ['The time is 12:30.', '12:30', 'last_expression'],
    ['AZYUK2A', 'AZYUK2A', 'whole'],
    ['I drink H2O.', 'I drink H2O.', 'whole'],
    ['', undefined],
    [' \n ', undefined],
  ]);
  tables('number', [
    ['We have 3 and then 4.5 left', '4.5', 'last_number'],
    ['No number here', undefined],
  ]);
  tables('line', [
    ['Thinking.\n\nParis\n', 'Paris', 'last_line'],
    [`x${'y'.repeat(300)}`, undefined],
  ]);
  tables('none', [['It is 5', undefined]]);
});

describe('extractAnswer() on long and hostile texts', () => {
  const padding = 'word '.repeat(40_000);

  it('finds what stands at the end of 200 kB', () => {
    expect(extractAnswer(`${padding}\\boxed{5}`, 'none')?.answer).toBe('5');
    expect(extractAnswer(`${padding}\nAnswer: 5`, 'none')?.answer).toBe('5');
  });

  it('does not search far before the end', () => {
    expect(extractAnswer(`\\boxed{5} ${padding}`, 'none')).toBeUndefined();
  });

  it('does not tear a marker at the cut, wherever it falls', () => {
    const answer = `\\boxed{${'1'.repeat(40)}}`;
    for (let offset = 0; offset < answer.length + 4; offset += 1) {
      const text = `${padding}${answer}${'.'.repeat(16_384 - offset)}`;
      // Before the cut it is not seen; at it or behind it it is seen whole.
      const found = extractAnswer(text, 'none')?.answer;
      expect([undefined, '1'.repeat(40)]).toContain(found);
      expect(found === undefined).toBe(offset === 0);
    }
  });

  it('takes an over-long box whole rather than a number from its middle', () => {
    const answer = extractAnswer(`${padding}\\boxed{${'1+'.repeat(20_000)}1}`, 'expression')?.answer;
    expect(answer?.length).toBe(40_001);
  });

  it.each([
    ['nested boxes', '\\boxed{'.repeat(5_000)],
    ['open braces', '{'.repeat(30_000)],
    ['answer tags', '<answer>'.repeat(5_000)],
    ['empty boxes', '\\boxed{}'.repeat(2_000)],
    ['empty tags', '<answer></answer>'.repeat(2_000)],
    ['digits', '7'.repeat(2_000_000)],
    ['words with digits', 'a7'.repeat(500_000)],
    ['dollars', '$'.repeat(100_000)],
    ['escaped dollars', '\\$'.repeat(100_000)],
    ['labels', 'answer '.repeat(100_000)],
    ['labels with colons', 'answer:\n'.repeat(100_000)],
    ['chat tokens', '<|im_start|>'.repeat(50_000)],
    ['thinking', '<think></think>'.repeat(50_000)],
    ['hashes', '#'.repeat(200_000)],
    ['line feeds', '\n'.repeat(200_000)],
    ['spaces', `5${' '.repeat(200_000)}`],
    ['backslashes', '\\'.repeat(200_000)],
    ['words', 'lorem ipsum '.repeat(20_000)],
    ['lone surrogates', '\ud800'.repeat(20_000)],
  ])('ends on 200 kB and more of %s', (_name, text) => {
    for (const fallback of ['expression', 'number', 'line', 'none'] as const) {
      const found = extractAnswer(text, fallback);
      expect(found === undefined || found.answer.length > 0).toBe(true);
    }
  });
});
