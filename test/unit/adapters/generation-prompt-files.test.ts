// Templates of the dataset engine: which files are refused, and that no text of a document becomes a role, a delimiter or an
// instruction of ours, however deep it lies among the values.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadGenerationPromptFiles } from '../../../src/adapters/generation-prompt-files.ts';
import { EnvError } from '../../../src/core/errors.ts';
import { withoutMarkers } from '../../../src/core/judge-data.ts';
import type { PromptValue } from '../../../src/ports/generation-prompts.ts';
import { INJECTIONS } from '../../support/judge-attacks.ts';

const HEAD = 'name: pair\nversion: 2\nstage: check\ninput: [passage, examples, count]';
const BODY = `## system

Data is between <{{ fence }} and </{{ fence }}>, with the same digits. Give {{ count }}.

## user
{% for example in examples %}
{{ example.question }} {{ example.tags }}
{% endfor %}
{{ passage }}`;
const VALUES = {
  passage: 'a passage',
  count: 3,
  examples: [
    { question: 'q1', tags: ['t1', 't2'] },
    { question: 'q2', tags: [] },
  ],
};
let builtIn: string;
let user: string;

beforeEach(() => {
  [builtIn, user] = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'groupwise-prompts-'))) as [string, string];
});
afterEach(() => {
  for (const folder of [builtIn, user]) rmSync(folder, { recursive: true });
});

function write(folder: string, { stage = 'check', name = 'pair', head = HEAD, body = BODY } = {}): void {
  mkdirSync(join(folder, stage), { recursive: true });
  writeFileSync(join(folder, stage, `${name}.prompt.md`), `---\n${head}\n---\n\n${body}\n`);
}

const load = () => loadGenerationPromptFiles({ builtIn, user });
const shownBy = (values: Readonly<Record<string, PromptValue>>) => load().find('check/pair').render(values);

describe('loadGenerationPromptFiles()', () => {
  it('loadGenerationPromptFiles() finds templates by stage and name, with an id that changes with the wording', () => {
    write(builtIn);
    const before = load().find('check/pair').id;
    expect(before).toMatch(/^check\/pair@2-[0-9a-f]{8}$/u);
    write(builtIn, { body: `${BODY}!` });
    expect(load().find('check/pair').id).not.toBe(before);
    expect(() => load().find('check/none')).toThrow(/"check\/none": there are check\/pair/u);
  });

  it('loadGenerationPromptFiles() puts a file of the user in the place of the built-in one of its name', () => {
    write(builtIn);
    write(builtIn, { name: 'other', head: HEAD.replace('pair', 'other') });
    write(user, { body: '## user\n\nMine: {{ fence }} {{ passage }}' });
    write(user, { stage: 'own', head: HEAD.replace('check', 'own') });
    const prompts = load();
    expect(prompts.find('check/pair').render(VALUES)[0]?.content).toMatch(/^Mine: data-/u);
    expect(prompts.find('check/other').render(VALUES)).toHaveLength(2);
    expect(prompts.find('own/pair').id).toMatch(/^own\/pair@2-/u);
  });

  it('loadGenerationPromptFiles() leaves the folders of policies and judges to others', () => {
    write(builtIn);
    write(builtIn, { stage: 'judge', head: 'no head' });
    expect(() => load().find('judge/pair')).toThrow(/there are check\/pair/u);
  });

  it('loadGenerationPromptFiles() reads all templates that come along', () => {
    expect(() => loadGenerationPromptFiles()).not.toThrow();
    expect(loadGenerationPromptFiles().find('filter/passage').id).toMatch(/^filter\/passage@/u);
  });

  it.each<[string, { head?: string; body?: string; name?: string }, string]>([
    ['tells nothing of the fence', { body: '## user\n\n{{ passage }}' }, 'body'],
    ['uses a value that it does not name', { body: `${BODY} {{ secret }}` }, 'input'],
    ['has an output', { head: `${HEAD}\noutput: {yes: 1, no: 0}` }, 'output'],
    ['names the fence as a value', { head: HEAD.replace('count]', 'count, fence]') }, 'input'],
    ['is of another stage', { head: HEAD.replace('check', 'write') }, 'stage'],
    ['has another name', { name: 'other' }, 'name'],
    ['has a misspelt key', { head: `${HEAD}\ninputs: [a]` }, 'inputs'],
    ['speaks for the assistant', { body: `${BODY}\n\n## assistant\n\nSure` }, 'body'],
    ['reaches for a file', { body: `${BODY} {% include 'x' %}{% nothing %}` }, 'body'],
  ])('loadGenerationPromptFiles() refuses a template that %s', (_, changes, field) => {
    write(builtIn, changes);
    let refusal: unknown;
    try {
      load();
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(EnvError);
    expect(refusal).toMatchObject({ code: 'invalid_argument', field });
    expect(String(refusal)).toContain('.prompt.md');
  });

  it('loadGenerationPromptFiles() lets a template say what a value lacks when it is rendered, not print nothing', () => {
    write(builtIn, { body: `${BODY} {{ passage.title }}` });
    expect(() => shownBy(VALUES)).toThrow(/title/u);
  });
});

/** What a text did to a prompt beside standing in it, three times. */
function leaksOf(text: string): readonly string[] {
  const messages = shownBy({ passage: text, count: 1, examples: [{ question: text, tags: [text] }] });
  const [plain] = shownBy({ passage: 'p', count: 1, examples: [{ question: 'q', tags: ['t'] }] });
  const [system = '', body = ''] = messages.map(({ content }) => content);
  const fence = /<(data-[0-9a-f]{24}) question>/u.exec(body)?.[1] ?? '';
  const ours = body.split(`\n${withoutMarkers(text)}\n</${fence}>`).map((part) => part.trim());
  return [
    ...(messages.map(({ role }) => role).join(' ') === 'system user' ? [] : ['roles']),
    ...(system === plain?.content ? [] : ['system']),
    ...(body.split(fence).length === 7 ? [] : ['fence']),
    ...([...body.matchAll(/<\/?data\b/giu)].length === 6 ? [] : ['look-alikes']),
    ...(ours.join('|') === `<${fence} question>|<${fence} tags>|<${fence} passage>|` ? [] : ['delimiters']),
  ];
}

describe('GenerationPrompt.render()', () => {
  beforeEach(() => write(builtIn));

  it('GenerationPrompt.render() prints numbers as they are and every text inside its fence, under the name of its key', () => {
    const [system, asked] = shownBy(VALUES);
    expect(system).toEqual({
      role: 'system',
      content: 'Data is between <data-… and </data-…>, with the same digits. Give 3.',
    });
    const shown = [...(asked?.content ?? '').matchAll(/<(data-[0-9a-f]{24}) (\w+)>\n([\s\S]*?)\n<\/\1>/gu)];
    expect(shown.map((match) => match.slice(2))).toEqual([
      ['question', 'q1'],
      ['tags', 't1'],
      ['tags', 't2'],
      ['question', 'q2'],
      ['passage', 'a passage'],
    ]);
    expect(new Set(shown.map(([, fence]) => fence)).size).toBe(5);
  });

  it('GenerationPrompt.render() says the same before the first text that differs, so that servers read it once', () => {
    expect(shownBy(VALUES)).toEqual(shownBy({ ...VALUES }));
    const [one, other] = [VALUES, { ...VALUES, passage: 'another' }].map((values) =>
      shownBy(values)
        .map(({ content }) => content)
        .join('\n'),
    );
    const [before, after] = [one, other].map((text = '') => text.slice(0, text.indexOf(' passage>') - 24));
    expect(before).toContain('q2');
    expect(before).toBe(after);
    expect(one).not.toBe(other);
  });

  it.each(INJECTIONS.map((text) => [text.slice(0, 60), text]))(
    'GenerationPrompt.render() keeps "%s" inside its fence, at the top and deep down',
    (_, text) => {
      expect(leaksOf(text)).toEqual([]);
    },
  );

  it('GenerationPrompt.render() keeps any text inside its fence', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(leaksOf(text)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});
