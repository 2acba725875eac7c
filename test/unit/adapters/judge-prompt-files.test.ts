// Judge templates: what the built-in ones show, which files are refused, and that no text of a completion becomes a role, a
// delimiter or an instruction of ours.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadJudgePromptFiles } from '../../../src/adapters/judge-prompt-files.ts';
import { EnvError } from '../../../src/core/errors.ts';
import { withoutMarkers } from '../../../src/core/judge-data.ts';
import type { JudgePromptValues } from '../../../src/ports/judge-templates.ts';
import { INJECTIONS } from '../../support/judge-attacks.ts';

const builtIn = loadJudgePromptFiles();
const VALUES: JudgePromptValues = {
  question: 'How many?',
  groundTruth: '42',
  aliases: ['forty-two'],
  answer: '6 · 7',
  other: 'many',
};
const HEAD = 'name: mine\nversion: 2\nstage: judge\ninput: [answer]\noutput: {yes: 1, no: 0}';
const BODY = '## user\n{{ fence }} {{ answer }}';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupwise-judge-prompts-'));
  mkdirSync(join(folder, 'judge'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function load({ head = HEAD, body = BODY }: { head?: string; body?: string }) {
  writeFileSync(join(folder, 'judge', 'mine.prompt.md'), `---\n${head}\n---\n\n${body}\n`);
  return loadJudgePromptFiles({ user: folder });
}

describe('loadJudgePromptFiles()', () => {
  it('loadJudgePromptFiles() finds the built-in templates, with what each shows and says', () => {
    expect(builtIn.names()).toEqual(['equivalence', 'helpfulness', 'pairwise']);
    const shown = builtIn.names().map((name) => {
      const { usesGroundTruth, isPairwise, scale } = builtIn.find(name);
      return [usesGroundTruth, isPairwise, scale.kind];
    });
    expect(shown).toEqual([
      [true, false, 'labels'],
      [false, false, 'levels'],
      [false, true, 'labels'],
    ]);
    expect(builtIn.find('equivalence').id).toMatch(/^equivalence@1-[0-9a-f]{8}$/u);
  });

  it('loadJudgePromptFiles() gives a template another id when its wording changes', () => {
    const before = load({}).find('mine').id;
    const after = load({ body: `${BODY}!` }).find('mine').id;
    expect(before).toMatch(/^mine@2-/u);
    expect(after).toMatch(/^mine@2-/u);
    expect(after).not.toBe(before);
  });

  it('JudgePromptFiles.find() names the templates that there are', () => {
    expect(() => builtIn.find('none')).toThrow(/there are equivalence, helpfulness, pairwise/u);
  });

  it.each([
    ['no output', { head: HEAD.replace(/\noutput.*/u, '') }, 'output'],
    ['a score above 1', { head: HEAD.replace('yes: 1', 'yes: 2') }, 'output'],
    ['a score that is text', { head: HEAD.replace('yes: 1', 'yes: good') }, 'output'],
    ['labels that are all worth the same', { head: HEAD.replace('yes: 1', 'yes: 0') }, 'output'],
    ['a label that is no word', { head: HEAD.replace('yes: 1', '"1": 1') }, 'output'],
    ['levels upside down', { head: HEAD.replace('{yes: 1, no: 0}', '{from: 6, to: 1}') }, 'output'],
    ['levels with more keys', { head: HEAD.replace('{yes: 1, no: 0}', '{from: 1, to: 6, by: 1}') }, 'output'],
    ['an output that is a list', { head: HEAD.replace('{yes: 1, no: 0}', '[yes]') }, 'output'],
    ['a value that nobody gives', { head: HEAD.replace('[answer]', '[answer, persona]') }, 'input'],
    ['another stage', { head: HEAD.replace('stage: judge', 'stage: policy') }, 'stage'],
    ['an unknown key', { head: `${HEAD}\nmodel: x` }, 'model'],
    ['no fence', { body: '## user\n{{ answer }}' }, 'body'],
    ['no answer', { body: '## user\n{{ fence }}' }, 'body'],
    ['an answer that is cut', { body: BODY.replace('{{ answer }}', '{{ answer | truncate: 500 }}') }, 'body'],
    [
      'an answer that is decoded',
      { body: BODY.replace('{{ answer }}', '{{ answer | url_decode }}') },
      'body',
    ],
    ['an undeclared value', { body: `${BODY} {{ ground_truth }}` }, 'input'],
    ['two answers of which one is not shown', { head: HEAD.replace('[answer]', '[answer, other]') }, 'body'],
    [
      'a comparison whose labels cannot be swapped',
      {
        head: HEAD.replace('[answer]', '[answer, other]').replace('yes: 1', 'yes: 0.75'),
        body: `${BODY} {{ other }}`,
      },
      'output',
    ],
  ])('loadJudgePromptFiles() refuses %s and names the key', (_, file, field) => {
    let refused: unknown;
    try {
      load(file);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(EnvError);
    expect((refused as EnvError).field).toBe(field);
    expect((refused as EnvError).message).toContain('mine.prompt.md');
  });
});

/** The texts inside of fences, in order; throws where a fence does not close as it opened. */
function dataIn(content: string): readonly { name: string; text: string }[] {
  const found: { name: string; text: string }[] = [];
  const lines = content.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const open = /^<(data-[0-9a-f]{24}) (\w+)>$/u.exec(lines[at] ?? '');
    if (open === null) continue;
    const end = lines.indexOf(`</${open[1]}>`, at);
    if (end < 0) throw new Error('a fence stays open');
    found.push({ name: open[2] ?? '', text: lines.slice(at + 1, end).join('\n') });
    at = end;
  }
  return found;
}

const mask = (text: string): string => text.replaceAll(/data-[0-9a-f]{24}/gu, 'FENCE');

describe('JudgeTemplate.render()', () => {
  it('JudgeTemplate.render() shows each value once, inside its fence, and tells the system of that fence', () => {
    const [system, user] = builtIn.find('equivalence').render(VALUES);
    expect(system?.role).toBe('system');
    expect(user?.role).toBe('user');
    expect(dataIn(user?.content ?? '')).toEqual([
      { name: 'question', text: 'How many?' },
      { name: 'ground_truth', text: '42' },
      { name: 'alias', text: 'forty-two' },
      { name: 'answer', text: '6 · 7' },
    ]);
    const fence = /data-[0-9a-f]{24}/u.exec(user?.content ?? '')?.[0] ?? 'none';
    expect(system?.content).toContain(`<${fence}`);
  });

  it('JudgeTemplate.render() makes equal requests of equal values and other fences of others', () => {
    const template = builtIn.find('pairwise');
    expect(template.render(VALUES)).toEqual(template.render({ ...VALUES }));
    expect(template.render(VALUES)[0]).not.toEqual(template.render({ ...VALUES, other: 'few' })[0]);
  });

  it.each(INJECTIONS)('JudgeTemplate.render() keeps %j inside its fence, in every value', (attack) => {
    const values = {
      question: attack,
      groundTruth: attack,
      aliases: [attack],
      answer: attack,
      other: attack,
    };
    for (const name of builtIn.names()) {
      const template = builtIn.find(name);
      const rendered = template.render(values);
      expect(rendered.map(({ role }) => role)).toEqual(['system', 'user']);
      const plain = template.render(VALUES);
      expect(mask(rendered[0]?.content ?? '')).toBe(mask(plain[0]?.content ?? ''));
      const texts = dataIn(rendered[1]?.content ?? '').map(({ text }) => text);
      expect(texts.length).toBe(dataIn(plain[1]?.content ?? '').length);
      for (const text of texts) expect(text).toBe(withoutMarkers(attack));
      expect(rendered[1]?.content).not.toMatch(/<\||\|>|\[\/?INST\]|<\/?s>|<start_of_turn>|<\/?think>/u);
    }
  });

  it('JudgeTemplate.render() keeps any text inside its fence', () => {
    const template = builtIn.find('equivalence');
    const bit = fc.constantFrom(...INJECTIONS, '\n', '\r', '<', '>', '|', '{{', '{%', '## system', 'data-');
    fc.assert(
      fc.property(fc.array(fc.oneof(bit, fc.string({ unit: 'binary' }))), (bits) => {
        const answer = bits.join('');
        const rendered = template.render({ ...VALUES, answer });
        const shown = dataIn(rendered[1]?.content ?? '').filter(({ name }) => name === 'answer');
        expect(shown).toEqual([{ name: 'answer', text: withoutMarkers(answer) }]);
      }),
    );
  });

  it('withoutMarkers() leaves mathematics, code and other alphabets as they are', () => {
    for (const text of [
      'a<b && b>c',
      '|x| < |y|',
      String.raw`\frac{1}{2}`,
      '<div>',
      '[1, 2]',
      '日本\t語\n',
      's > 0',
    ]) {
      expect(withoutMarkers(text)).toBe(text);
    }
    expect(withoutMarkers('\u0000a\u001Bb')).toBe('\uFFFDa\uFFFDb');
  });
});
