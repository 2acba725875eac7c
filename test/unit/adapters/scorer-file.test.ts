import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseScorerFile, readScorerFile } from '../../../src/adapters/scorer-file.ts';
import { auditOf, withDefaultJudge } from '../../../src/core/scorer-config.ts';

const FULL = `
cache: redis://cache.example:6379
judges:
  judge:
    model: gpt-4.1-mini
    endpoints:
      - {base_url: "http://127.0.0.1:8000/v1", api_key_env: OPENAI_API_KEY, weight: 2}
      - {base_url: "https://other.example/v1"}
    votes: 3
    agreement: 0.6
    deadline_ms: 30000
    requests_per_minute: 600
    budget_usd: 10
    price: {input: 0.4, output: 1.6}
reward_models:
  quality: {kind: onnx, folder: models/quality, provider: [cuda, cpu], input: question_answer, calibration: {kind: sigmoid}}
  served:
    kind: vllm_classify
    url: http://127.0.0.1:9000/classify
    model: rm
    calibration: {kind: min_max, min: -5, max: 5}
    text: {before: "<u>", between: "</u><a>"}
audit: {share: 0.05, judge: judge}
`;

describe('parseScorerFile()', () => {
  it('parseScorerFile() reads all that a file may have', () => {
    const config = parseScorerFile('/etc/groupwise/scorers.yaml', FULL);
    expect(config).toMatchObject({
      cache: 'redis://cache.example:6379',
      judges: [
        {
          name: 'judge',
          model: 'gpt-4.1-mini',
          template: 'equivalence',
          endpoints: [
            { baseUrl: 'http://127.0.0.1:8000/v1', apiKeyEnv: 'OPENAI_API_KEY', weight: 2 },
            { baseUrl: 'https://other.example/v1', apiKeyEnv: undefined, weight: 1 },
          ],
          votes: 3,
          agreement: 0.6,
          deadlineMs: 30_000,
          requestsPerMinute: 600,
          budgetUsd: 10,
          price: { input: 0.4, output: 1.6 },
          temperature: undefined,
        },
      ],
      rewardModels: [
        {
          kind: 'onnx',
          name: 'quality',
          folder: '/etc/groupwise/models/quality',
          providers: ['cuda', 'cpu'],
          declared: { input: 'question_answer', calibration: { kind: 'sigmoid' } },
        },
        {
          kind: 'vllm_classify',
          name: 'served',
          url: 'http://127.0.0.1:9000/classify',
          model: 'rm',
          input: 'question_answer',
          reads: 'completion',
          calibration: { kind: 'min_max', min: -5, max: 5 },
          frame: { before: '<u>', between: '</u><a>', after: '' },
          deadlineMs: 60_000,
        },
      ],
      audit: { share: 0.05, judge: 'judge' },
    });
  });

  it('parseScorerFile() takes an empty file as one without scorers', () => {
    expect(parseScorerFile('x.yaml', '# nothing\n')).toEqual({
      cache: 'sqlite:',
      judges: [],
      rewardModels: [],
    });
  });

  const judge = 'model: m, endpoints: [{base_url: "http://a.example/v1"}]';
  const served = 'kind: get_reward, url: "http://a.example", calibration: {kind: identity}';
  it.each<[what: string, text: string, key: string]>([
    ['what is no YAML', 'judges: [', 'scorers'],
    ['a list', '[1]', 'scorers'],
    ['an unknown key', 'judge: {}', 'judge'],
    ['an unknown key of a judge', `judges: {a: {${judge}, modle: x}}`, 'judges.a.modle'],
    [
      'a judge without a model',
      'judges: {a: {endpoints: [{base_url: "http://a.example"}]}}',
      'judges.a.model',
    ],
    ['a judge without an endpoint', 'judges: {a: {model: m, endpoints: []}}', 'judges.a.endpoints'],
    [
      'an address that is none',
      'judges: {a: {model: m, endpoints: [{base_url: a.example}]}}',
      'judges.a.endpoints[0].base_url',
    ],
    [
      'a key in the file',
      'judges: {a: {model: m, endpoints: [{base_url: "http://a.example", api_key_env: sk-123}]}}',
      'judges.a.endpoints[0].api_key_env',
    ],
    ['half a vote', `judges: {a: {${judge}, votes: 1.5}}`, 'judges.a.votes'],
    ["a verifier's name", `judges: {math: {${judge}}}`, 'judges.math'],
    ['a name with a space', `judges: {"a b": {${judge}}}`, 'judges.a b'],
    ['one name for two', `judges: {a: {${judge}}}\nreward_models: {a: {${served}}}`, 'reward_models.a'],
    ['an unknown kind', 'reward_models: {a: {kind: magic}}', 'reward_models.a.kind'],
    ['an ONNX model without a folder', 'reward_models: {a: {kind: onnx}}', 'reward_models.a.folder'],
    [
      'a served model without a calibration',
      'reward_models: {a: {kind: get_reward, url: "http://a.example"}}',
      'reward_models.a.calibration',
    ],
    [
      'a calibration that maps all to one',
      'reward_models: {a: {kind: get_reward, url: "http://a.example", calibration: {kind: min_max, min: 1, max: 1}}}',
      'reward_models.a.calibration.max',
    ],
    [
      'an unknown key of a served model',
      `reward_models: {a: {${served}, folder: x}}`,
      'reward_models.a.folder',
    ],
    ['a share above 1', 'audit: {judge: a, share: 5}', 'audit.share'],
    ['an audit by nobody', 'audit: {share: 0.1}', 'audit.judge'],
  ])('parseScorerFile() refuses %s, and names file and key', (_, text, key) => {
    expect(() => parseScorerFile('conf/scorers.yaml', text)).toThrow(
      expect.objectContaining({
        name: 'EnvError',
        code: 'invalid_argument',
        field: key,
        message: expect.stringMatching(/^Cannot use the scorers in "conf\/scorers\.yaml": /) as string,
      }),
    );
  });
});

describe('readScorerFile()', () => {
  it('readScorerFile() reads from disk, and says which file it could not read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'groupwise-test-'));
    try {
      const path = join(folder, 'scorers.yaml');
      expect(() => readScorerFile(path)).toThrow(/Cannot read the scorers in ".*scorers\.yaml"/);
      writeFileSync(path, FULL);
      expect(readScorerFile(path).judges).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('withDefaultJudge()', () => {
  const environment = { model: 'm', baseUrl: 'http://b.example/v1', apiKeyEnv: 'OPENAI_API_KEY' };

  it('withDefaultJudge() adds a judge of that name, and leaves one from the file alone', () => {
    const empty = parseScorerFile('x', '');
    expect(withDefaultJudge(empty, environment).judges).toEqual([
      {
        name: 'judge',
        model: 'm',
        template: 'equivalence',
        endpoints: [{ baseUrl: 'http://b.example/v1', apiKeyEnv: 'OPENAI_API_KEY', weight: 1 }],
      },
    ]);
    const own = parseScorerFile('/x', FULL);
    expect(withDefaultJudge(own, environment)).toBe(own);
  });
});

describe('auditOf()', () => {
  const judge = '{model: m, endpoints: [{base_url: "http://a.example/v1"}]}';
  it.each<[string, string, object | undefined]>([
    ['no judge', '', undefined],
    ['a judge', `judges: {a: ${judge}}`, { share: 0.01, judge: 'a' }],
    ['several judges', `judges: {a: ${judge}, judge: ${judge}}`, { share: 0.01, judge: 'judge' }],
    ['a share', `judges: {a: ${judge}}\naudit: {judge: a, share: 0.5}`, { share: 0.5, judge: 'a' }],
    ['no share', `judges: {a: ${judge}}\naudit: {judge: a, share: 0}`, undefined],
  ])('auditOf() a file with %s', (_, text, expected) => {
    expect(auditOf(parseScorerFile('x', text))).toEqual(expected);
  });
});
