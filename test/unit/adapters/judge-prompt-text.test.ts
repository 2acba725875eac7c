// Templates of imported score models: whatever the messages say, it is shown as it is, and values stay inside of their fences.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJudgeText } from '../../../src/adapters/judge-prompt-files.ts';
import { judgePromptPath, judgePromptText } from '../../../src/adapters/judge-prompt-text.ts';
import { loadPromptDataFiles } from '../../../src/adapters/prompt-data-files.ts';
import type { ImportedJudge } from '../../../src/core/graders/grader-recipe.ts';
import { parseTextTemplate } from '../../../src/core/graders/text-template.ts';
import type { Role } from '../../../src/core/prompt.ts';

const DATA = loadPromptDataFiles();

function judgeOf(messages: readonly (readonly [Role, string])[]): ImportedJudge {
  return {
    name: 'mine',
    model: 'm',
    range: [0, 5],
    sampling: {},
    messages: messages.map(([role, text]) => ({ role, content: parseTextTemplate(text, 'input') })),
  };
}

function templateOf(...messages: readonly (readonly [Role, string])[]) {
  const judge = judgeOf(messages);
  return parseJudgeText({ path: judgePromptPath(judge), text: judgePromptText(judge, DATA) });
}

function shown(template: ReturnType<typeof templateOf>, variables: Readonly<Record<string, string>> = {}) {
  const values = { question: 'Q', groundTruth: 'T', aliases: [], answer: 'COMPLETION', other: '', variables };
  return template
    .render(values)
    .map(({ role, content }) => [role, content.replaceAll(/data-[0-9a-f]{24}/gu, 'F')]);
}

const SAMPLE = '{{ sample.output_text }}';

describe('judgePromptText()', () => {
  it('keeps roles and their order, and adds its rules to the first message of the system', () => {
    const template = templateOf(['user', 'a'], ['system', 'b'], ['assistant', 'c'], ['user', SAMPLE]);
    const messages = shown(template);
    expect(messages.map(([role]) => role)).toEqual(['user', 'system', 'assistant', 'user']);
    expect(messages[1]?.[1]).toMatch(/^b\n\nTexts that you are shown as data[\s\S]+number from 0 to 5\.$/u);
    expect(messages[3]?.[1]).toBe('<F completion>\nCOMPLETION\n</F>');
    expect(template).toMatchObject({
      readsCompletion: true,
      usesGroundTruth: false,
      scale: { from: 0, to: 5 },
    });
  });

  it('makes rules a message of the system where there is none, and a lone one of the system the user’s', () => {
    expect(shown(templateOf(['user', SAMPLE])).map(([role]) => role)).toEqual(['system', 'user']);
    const lone = shown(templateOf(['system', `Grade ${SAMPLE}`]));
    expect(lone.map(([role]) => role)).toEqual(['system', 'user']);
    expect(lone[1]?.[1]).toContain('Grade <F completion>');
  });

  it('shows variables of any name, each in its fence', () => {
    const text = `{{ item.a.b[0] }} {{item["two words"]}} {{ item['a'] }} {{ item.__proto__ }} {{ sample.output_json.x }}`;
    const template = templateOf(['user', text]);
    const names = ['item.a.b[0]', 'item["two words"]', 'item.a', 'item.__proto__', 'sample.output_json.x'];
    expect(template.variables).toEqual(names);
    const printed = shown(
      template,
      Object.fromEntries(names.map((name, index) => [name, `value ${index}`])),
    )[1]?.[1];
    for (const index of names.keys()) expect(printed).toContain(`\nvalue ${index}\n</F>`);
  });

  it('shows any words of a message as they are', () => {
    const words = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            '## user',
            '## system ',
            '{%',
            '%}',
            '{{ "a" }}',
            '{',
            '}}',
            '---',
            '\n',
            '{% raw %}',
            'endraw',
            '#',
          ),
          fc.string({ unit: 'grapheme-ascii' }),
        ),
      )
      .map((parts) => `x${parts.join('').replaceAll(/\{(?=\{)/gu, '{ ')}x`);
    fc.assert(
      fc.property(words, (text) => {
        const messages = shown(templateOf(['system', 's'], ['user', `${text}${SAMPLE}`]));
        expect(messages[1]?.[1]).toBe(`${text}<F completion>\nCOMPLETION\n</F>`);
      }),
    );
  });

  it('refuses a name that no template can write', () => {
    expect(() => templateOf(['user', `{{ item["it's"] }} ${SAMPLE}`])).toThrow('rename the column');
  });
});

const file = (input: string, output: string, body: string) => ({
  path: 'judge/mine.prompt.md',
  text: `---\nname: mine\nversion: 1\nstage: judge\ninput: ${input}\noutput: ${output}\n---\n${body}`,
});

describe('parseJudgeText()', () => {
  const BODY = '## user\n{{ fence }} {{ completion }}';

  it.each([
    ['a range upside down', file('[completion]', '{ range: [1, 0] }', BODY), 'output'],
    ['a range of words', file('[completion]', '{ range: [a, b] }', BODY), 'output'],
    ['a range beside labels', file('[completion]', '{ range: [0, 1], yes: 1 }', BODY), 'output'],
    [
      'a range of two answers',
      file('[completion, other]', '{ range: [0, 1] }', `${BODY} {{ other }}`),
      'output',
    ],
    ['answer and completion', file('[answer, completion]', '{ range: [0, 1] }', BODY), 'input'],
    ['a variable that is none', file('[completion, "item.a b"]', '{ range: [0, 1] }', BODY), 'input'],
    ['a variable that is not shown', file('[completion, item.a]', '{ range: [0, 1] }', BODY), 'body'],
    [
      'a variable that is not declared',
      file('[completion, item.a]', '{ range: [0, 1] }', `${BODY} {{ item.b }}`),
      'body',
    ],
    [
      'a variable that is cut',
      file('[completion, item.a]', '{ range: [0, 1] }', `${BODY} {{ item.a | truncate: 9 }}`),
      'body',
    ],
    [
      'variables of two answers',
      file(
        '[answer, other, item.a]',
        '{ first: 1, second: 0 }',
        '## user\n{{ fence }} {{ answer }} {{ other }} {{ item.a }}',
      ),
      'input',
    ],
    [
      'no message of the user',
      file('[completion]', '{ range: [0, 1] }', '## system\n{{ fence }} {{ completion }}'),
      'body',
    ],
  ])('refuses %s and names the key', (_, source, field) => {
    expect(() => parseJudgeText(source)).toThrow(expect.objectContaining({ field }));
  });
});
