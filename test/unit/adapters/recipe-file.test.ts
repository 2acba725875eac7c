import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRecipeFile, readRecipeFile, recipePath } from '../../../src/adapters/recipe-file.ts';
import { withDefaultModel } from '../../../src/core/generation-recipe.ts';
import { refusalBy } from '../../support/refusal.ts';

const FULL = `
description: All that a recipe may say
documents: {text_column: content, license: CC0-1.0, passage_bytes_max: 6000}
sources:
  - notes
  - {path: wiki.parquet, text_column: text, title_column: title, license: CC-BY-SA-4.0}
corpus: [/data/corpus.jsonl.zst]
models:
  teacher:
    model: gpt-4.1
    endpoints: [{base_url: "https://api.example/v1", api_key_env: TEACHER_KEY, weight: 3}]
    temperature: 0.7
    max_tokens: 4096
    deadline_ms: 90000
    attempts_max: 5
    requests_per_minute: 500
    tokens_per_minute: 90000
    concurrency_max: 128
    price: {input: 2, output: 8}
  policy: {model: small}
embedder: {kind: onnx, folder: models/minilm, pooling: mean, provider: cpu}
budget_usd: 20
concurrency: 32
seed: 7
split: {test_share: 0.2}
max_unfinished: 3
stages:
  - heuristics
  - filter: {model: policy, temperature: 0, max_tokens: 512, threshold: 0.5, words: [a, b]}
  - check:
`;

describe('parseRecipeFile()', () => {
  it('parseRecipeFile() reads all that a recipe may have', () => {
    const recipe = parseRecipeFile('/etc/groupwise/my-recipe.yaml', FULL);
    expect(recipe).toEqual({
      name: 'my-recipe',
      description: 'All that a recipe may say',
      documents: { textColumn: 'content', license: 'CC0-1.0', passageBytesMax: 6000 },
      sources: [
        {
          path: '/etc/groupwise/notes',
          textColumn: 'content',
          license: 'CC0-1.0',
          passageBytesMax: 6000,
        },
        {
          path: '/etc/groupwise/wiki.parquet',
          textColumn: 'text',
          titleColumn: 'title',
          license: 'CC-BY-SA-4.0',
          passageBytesMax: 6000,
        },
      ],
      corpus: [
        { path: '/data/corpus.jsonl.zst', textColumn: 'content', license: 'CC0-1.0', passageBytesMax: 6000 },
      ],
      models: [
        {
          name: 'teacher',
          model: 'gpt-4.1',
          endpoints: [{ baseUrl: 'https://api.example/v1', apiKeyEnv: 'TEACHER_KEY', weight: 3 }],
          temperature: 0.7,
          maxTokens: 4096,
          deadlineMs: 90_000,
          attemptsMax: 5,
          requestsPerMinute: 500,
          tokensPerMinute: 90_000,
          concurrencyMax: 128,
          price: { input: 2, output: 8 },
        },
        { name: 'policy', model: 'small', endpoints: [] },
      ],
      embedder: { kind: 'onnx', folder: '/etc/groupwise/models/minilm', pooling: 'mean', providers: ['cpu'] },
      budgetUsd: 20,
      concurrency: 32,
      seed: 7,
      testShare: 0.2,
      unfinishedMax: 3,
      stages: [
        { name: 'heuristics', options: {} },
        {
          name: 'filter',
          model: 'policy',
          temperature: 0,
          maxTokens: 512,
          options: { threshold: 0.5, words: ['a', 'b'] },
        },
        { name: 'check', options: {} },
      ],
    });
  });

  it('parseRecipeFile() fills in what a recipe of stages alone leaves open', () => {
    expect(parseRecipeFile('r.yaml', 'stages: [one]')).toMatchObject({
      sources: [],
      corpus: [],
      models: [],
      concurrency: 64,
      seed: 1,
      testShare: 0.1,
      unfinishedMax: 0,
      stages: [{ name: 'one', options: {} }],
    });
  });

  it.each([
    ['no stages', 'seed: 1', 'stages', /expected array/],
    ['an empty list of stages', 'stages: []', 'stages', />=1/],
    ['an unknown key', 'stages: [a]\nspeed: 3', 'speed', /there is no such key/],
    [
      'an unknown key of a source',
      'stages: [a]\nsources: [{path: x, colour: red}]',
      'sources[0].colour',
      /no such key/,
    ],
    [
      'a source without a path',
      'stages: [a]\nsources: [{license: MIT}]',
      'sources[0].path',
      /expected string/,
    ],
    ['a stage with two names', 'stages: [{a: {}, b: {}}]', 'stages[0]', /one name with its options/],
    ['a stage that is a number', 'stages: [a, 3]', 'stages[1]', /expected record/],
    ['a temperature beyond its range', 'stages: [{a: {temperature: 3}}]', 'stages[0].a.temperature', /<=2/],
    ['a share above 1', 'stages: [a]\nsplit: {test_share: 1.5}', 'split.test_share', /<=1/],
    [
      'a budget of one model',
      'stages: [a]\nmodels: {m: {model: x, budget_usd: 1}}',
      'models.m.budget_usd',
      /no such key/,
    ],
    ['a negative budget', 'stages: [a]\nbudget_usd: -1', 'budget_usd', />=0/],
    [
      'a key in place of its variable',
      'stages: [a]\nmodels: {m: {model: x, endpoints: [{base_url: "http://h", api_key_env: "sk-1-2"}]}}',
      'models.m.endpoints[0].api_key_env',
      /name of an environment variable/,
    ],
    [
      'an address that is none',
      'stages: [a]\nmodels: {m: {model: x, endpoints: [{base_url: "ftp://h"}]}}',
      'models.m.endpoints[0].base_url',
      /http or https/,
    ],
    ['a name with a blank', 'stages: [a]\nmodels: {"m m": {model: x}}', 'models.m m', /letters, digits/],
    ['an embedder of no kind', 'stages: [a]\nembedder: {folder: x}', 'embedder.kind', /./],
    ['no YAML', 'stages: [a', 'recipe', /not YAML at line 1/],
  ])('parseRecipeFile() refuses %s by file and key', (_, text, field, message) => {
    const error = refusalBy(() => parseRecipeFile('some/recipe.yaml', text));
    expect(error).toMatchObject({ code: 'invalid_argument', field });
    expect(error.message).toMatch(message);
    expect(error.message).toContain('the recipe in "some/recipe.yaml"');
    expect(error.message).toContain(field === 'recipe' ? '' : `${field}: `);
  });

  it('parseRecipeFile() does not repeat what stands in place of the name of a variable', () => {
    const text =
      'stages: [a]\nmodels: {m: {model: x, endpoints: [{base_url: "http://h", api_key_env: "sk-secret-1"}]}}';
    expect(refusalBy(() => parseRecipeFile('r.yaml', text)).message).not.toContain('sk-secret-1');
  });
});

describe('readRecipeFile()', () => {
  it('readRecipeFile() names a file that is not there', () => {
    expect(refusalBy(() => readRecipeFile('/nowhere/recipe.yaml'))).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('/nowhere/recipe.yaml') as string,
    });
  });

  it('recipePath() takes the path of a file, and lists what it knows for a name that it does not know', () => {
    const folder = mkdtempSync(join(tmpdir(), 'recipe-'));
    try {
      const path = join(folder, 'mine.yaml');
      writeFileSync(path, 'stages: [one]');
      expect(readRecipeFile(recipePath(path)).name).toBe('mine');
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(refusalBy(() => recipePath('no-such-recipe'))).toMatchObject({
      field: '--recipe',
      message: expect.stringContaining('extractive') as string,
    });
  });
});

describe('withDefaultModel()', () => {
  const recipe = parseRecipeFile('r.yaml', 'stages: [a]\nmodels: {teacher: {model: own}}');

  it('withDefaultModel() adds a model that the recipe lacks, and leaves its own alone', () => {
    expect(withDefaultModel(recipe, 'policy', 'small').models).toMatchObject([
      { name: 'teacher', model: 'own' },
      { name: 'policy', model: 'small', endpoints: [] },
    ]);
    expect(withDefaultModel(recipe, 'teacher', 'other')).toBe(recipe);
    expect(withDefaultModel(recipe, 'policy', undefined)).toBe(recipe);
  });
});
