import { describe, expect, test } from 'vitest';
import { loadPromptDataFiles } from '../../../../src/adapters/prompt-data-files.ts';
import type { PassageItem } from '../../../../src/generate/item.ts';
import { domainsOf } from '../../../../src/generate/stages/domains.ts';
import { filter } from '../../../../src/generate/stages/filter.ts';
import { identify, personasOf } from '../../../../src/generate/stages/identify.ts';
import { passageItem } from '../../../support/passages.ts';
import { fatesOf, runStage, scripted, stageTools } from '../../../support/stage-world.ts';

const ITEM = passageItem('Granite is a coarse rock.');
const GOOD = {
  reasoning: 'Full of facts.',
  informative: true,
  self_contained: true,
  deep_enough: true,
  answerable: true,
};

function filtered(reply: unknown, options: object = {}) {
  return runStage(filter.prepare(options).stage, [ITEM], stageTools({ ask: scripted(() => reply) }));
}

describe('filter', () => {
  test('hands on a passage that meets all four criteria, unchanged', async () => {
    expect(await filtered(GOOD)).toEqual([{ kept: [ITEM], drops: [] }]);
  });

  test.each([
    ['informative', 'not_informative'],
    ['self_contained', 'not_self_contained'],
    ['deep_enough', 'too_shallow'],
    ['answerable', 'not_answerable'],
  ])('counts a passage that is not %s as %s', async (criterion, reason) => {
    const [outcome] = await filtered({ ...GOOD, [criterion]: false });
    expect(outcome).toEqual({ kept: [], drops: [{ reason, detail: `${criterion}: Full of facts.` }] });
  });

  test('counts a passage that fails several criteria under the first, and names all', async () => {
    const [outcome] = await filtered({ ...GOOD, self_contained: false, answerable: false });
    const detail = 'self_contained, answerable: Full of facts.';
    expect(outcome?.drops).toEqual([{ reason: 'not_self_contained', detail }]);
  });

  test('looks only at the criteria that the recipe requires', async () => {
    const reply = { ...GOOD, deep_enough: false };
    expect(fatesOf(await filtered(reply, { require: ['informative', 'answerable'] }))).toEqual(['kept']);
  });

  test.each(['Y', 'maybe', null, 1, 'true'])('lets no passage through on the verdict %j', async (verdict) => {
    expect(fatesOf(await filtered({ ...GOOD, answerable: verdict }))).toEqual(['unreadable_reply']);
  });
});

async function identified(reply: unknown, options: object = {}) {
  const tools = stageTools({ ask: scripted(() => reply), data: loadPromptDataFiles() });
  const [outcome] = await runStage(identify.prepare(options).stage, [ITEM], tools);
  return outcome?.kept[0] as PassageItem | undefined;
}

describe('identify', () => {
  test('notes domain and personas on the passage', async () => {
    const item = await identified({ reasoning: '', domain: 'Natural Science', personas: ['geologist'] });
    expect(item).toEqual({ ...ITEM, domain: 'Natural Science', personas: ['geologist'] });
  });

  test.each([
    ['natural science', 'Natural Science'],
    ['Technology and Engineering', 'Technology & Engineering'],
    [' technology & engineering. ', 'Technology & Engineering'],
    ['Commerce/Economics', 'Commerce & Economics'],
    ['Mathematics', 'Math'],
    ['**Coding**', 'Coding'],
    ['Other', 'Other'],
  ])('takes the domain "%s" for %s', async (written, expected) => {
    const item = await identified({ reasoning: '', domain: written, personas: ['reader'] });
    expect(item).toMatchObject({ domain: expected, notes: {} });
  });

  test('takes an unknown domain for the fallback, and notes what was written', async () => {
    const item = await identified({ reasoning: '', domain: 'Geology of Rocks', personas: ['reader'] });
    expect(item).toMatchObject({
      domain: 'Other',
      notes: { identify: { unknown_domain: 'Geology of Rocks' } },
    });
  });

  test('keeps no more personas than the recipe asks for', async () => {
    const personas = ['one', 'two', 'three', 'four'];
    expect((await identified({ reasoning: '', domain: 'Math', personas }))?.personas).toHaveLength(3);
    const few = await identified({ reasoning: '', domain: 'Math', personas }, { personas: 1 });
    expect(few?.personas).toEqual(['one']);
  });

  test('keeps a passage for which no persona was named', async () => {
    expect(await identified({ reasoning: '', domain: 'Math', personas: [] })).toMatchObject({ personas: [] });
  });

  test('drops a passage where personas come as one text', async () => {
    const tools = stageTools({
      ask: scripted(() => ({ reasoning: '', domain: 'Math', personas: 'a, b, c' })),
      data: loadPromptDataFiles(),
    });
    const outcomes = await runStage(identify.prepare({}).stage, [ITEM], tools);
    expect(fatesOf(outcomes)).toEqual(['unreadable_reply']);
  });
});

describe('personasOf()', () => {
  test.each([
    ['a comma inside', ['teacher of physics, grades 9 to 12'], ['teacher of physics, grades 9 to 12']],
    ['blanks around', ['  nurse ', 'a\n farmer'], ['nurse', 'a farmer']],
    ['one that is said twice', ['Policy makers', 'policy-makers', 'nurse'], ['Policy makers', 'nurse']],
    ['empty ones', ['', ' - ', 'nurse'], ['nurse']],
    ['one as long as a passage', ['x'.repeat(121), 'nurse'], ['nurse']],
  ])('reads personas with %s', (_, written, expected) => {
    expect(personasOf(written, 3)).toEqual(expected);
  });
});

describe('domainsOf()', () => {
  test('knows the ten domains that come along, "Other" as the fallback', () => {
    const domains = domainsOf(loadPromptDataFiles());
    expect(domains.names).toHaveLength(10);
    expect(domains.fallback).toBe('Other');
    for (const name of domains.names) expect(domains.find(name)).toBe(name);
  });

  test.each([
    ['is not there', undefined],
    ['has another form', { fallback: 'Other' }],
    ['has a fallback that it does not list', { fallback: 'None', domains: [{ name: 'A', covers: 'a' }] }],
  ])('refuses a file that %s', (_, value) => {
    expect(() => domainsOf({ find: () => value })).toThrow('identify/domains.yaml');
  });
});
