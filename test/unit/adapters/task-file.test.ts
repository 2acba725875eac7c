import { describe, expect, it } from 'vitest';
import { parseTaskFile, readTaskFile } from '../../../src/adapters/task-file.ts';
import { refusalBy } from '../../support/refusal.ts';

describe('parseTaskFile()', () => {
  it('parseTaskFile() reads all that a task definition may have', () => {
    const task = parseTaskFile(
      '/tasks/sums.yaml',
      `
name: word-sums
description: |
  Grade-school word problems that take a few steps of arithmetic.
input_format: One paragraph with all numbers that are needed
output_format: 'The number after ####'
answer_type: number
demonstrations:
  - {input: "Ann has 9 eggs and sells 4. How many are left?", output: "9 - 4 = 5\\n#### 5"}
  - input: What is 6 times 3?
    output: 18
`,
    );
    expect(task).toEqual({
      name: 'word-sums',
      description: 'Grade-school word problems that take a few steps of arithmetic.',
      inputFormat: 'One paragraph with all numbers that are needed',
      outputFormat: 'The number after ####',
      answerType: 'number',
      demonstrations: [
        { input: 'Ann has 9 eggs and sells 4. How many are left?', output: '9 - 4 = 5\n#### 5' },
        { input: 'What is 6 times 3?', output: '18' },
      ],
    });
  });

  it('parseTaskFile() calls a task that names none after its file', () => {
    expect(parseTaskFile('/tasks/sums.yaml', 'description: Sums')).toEqual({
      name: 'sums',
      description: 'Sums',
      inputFormat: undefined,
      outputFormat: undefined,
      answerType: undefined,
      demonstrations: [],
    });
  });

  it.each([
    ['no description', 'name: x', 'description'],
    ['an empty description', 'description: "  "', 'description'],
    ['an unknown key', 'description: x\ninput: y', 'input'],
    ['a misspelt key before the one that is missing', 'descripton: x', 'descripton'],
    ['an unknown answer type', 'description: x\nanswer_type: essay', 'answer_type'],
    [
      'a demonstration without an output',
      'description: x\ndemonstrations: [{input: a}]',
      'demonstrations[0].output',
    ],
    ['a list', '- a', 'task'],
    ['no YAML', 'description: "x', 'task'],
  ])('parseTaskFile() refuses %s by file and key', (_, text, field) => {
    const error = refusalBy(() => parseTaskFile('my/task.yaml', text));
    expect(error).toMatchObject({ code: 'invalid_argument', field });
    expect(error.message).toContain('the task definition in "my/task.yaml"');
  });

  it('readTaskFile() names a file that is not there', () => {
    expect(() => readTaskFile('/nowhere/task.yaml')).toThrow(
      /Cannot read the task definition in "\/nowhere\/task.yaml"/,
    );
  });
});
