// What every trainer is told, for servers of every kind: the lines are whole, they parse, and no secret is in them.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Trainer } from '../../../../src/commands/connect/guide.ts';
import type { ServerFacts } from '../../../../src/commands/connect/server-facts.ts';
import { findTrainer, TRAINERS } from '../../../../src/commands/connect/trainers.ts';
import { EnvError } from '../../../../src/core/errors.ts';
import { headingsOf } from '../../../tidy/check-docs.ts';

const ROOT = new URL('../../../../', import.meta.url);
const RECIPE = `{"scorers":[{"name":"math"},{"name":"format","pattern":"it's $(id) \`id\` boxed","weight":0.1}]}`;

const PLAIN: ServerFacts = {
  version: '1.2.3',
  grpc: '10.0.0.7:50051',
  http: 'http://10.0.0.7:8080',
  tls: undefined,
  needsToken: false,
  isOpenToOthers: false,
  calls: [],
  dataset: {
    name: 'sums',
    version: 'v1',
    splits: [
      { name: 'test', count: 2 },
      { name: 'train', count: 8 },
    ],
  },
  datasets: ['sums'],
  dataDir: undefined,
  reward: undefined,
  home: "/it's",
  pythonClient: "/it's/clients/python",
  examples: "/it's/examples",
  here: "/it's/here",
};

const SERVERS: readonly (readonly [string, ServerFacts])[] = [
  ['plain', PLAIN],
  ['with a reward', { ...PLAIN, reward: 'numeric' }],
  ['with a recipe', { ...PLAIN, reward: RECIPE, dataDir: "/data/it's here" }],
  ['with a token', { ...PLAIN, needsToken: true, reward: RECIPE }],
  ['with TLS', { ...PLAIN, http: 'https://h:443', tls: { ca: undefined } }],
  ['with a CA', { ...PLAIN, http: 'https://h:443', tls: { ca: '/c a/x.pem' }, needsToken: true }],
  ['with one split', { ...PLAIN, dataset: { ...PLAIN.dataset, splits: [{ name: 'all', count: 3 }] } }],
];

const CASES = SERVERS.flatMap(([of, facts]) =>
  TRAINERS.map((trainer): [string, string, Trainer, ServerFacts] => [trainer.name, of, trainer, facts]),
);

function textOf(trainer: Trainer, facts: ServerFacts): string {
  const { blocks, traps } = trainer.guide(facts);
  return [...blocks.flatMap(({ title, text }) => [title, text]), ...traps].join('\n');
}

function shell(text: string, ...options: readonly string[]) {
  return shellWith({ GROUPWISE_TOKEN: 'hush-hush' }, text, ...options);
}

function shellWith(env: NodeJS.ProcessEnv, text: string, ...options: readonly string[]) {
  return spawnSync('bash', options, {
    input: text,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  });
}

describe('guide()', () => {
  it.each(CASES)('%s, server %s: lines of the shell parse', (_name, _of, trainer, facts) => {
    const lines = trainer.guide(facts).blocks.filter(({ language }) => language === 'bash');
    expect(lines.map(({ text }) => shell(text, '-n').stderr)).toEqual(lines.map(() => ''));
  });

  it.each(CASES)('%s, server %s: nothing is left open in the text', (_name, _of, trainer, facts) => {
    const text = textOf(trainer, facts);
    expect(text).not.toMatch(/undefined|null\b(?!")|\[object|NaN/);
    expect(text).toContain(trainer.door === 'grpc' ? facts.grpc : facts.http.replace(/^https?:\/\//, ''));
  });

  it.each(CASES)('%s, server %s: the token is a variable, or not spoken of', (name, _of, trainer, facts) => {
    const text = textOf(trainer, facts);
    expect(text).not.toContain('hush-hush');
    // What runs at AWS asks there whether it has one.
    const isTold = facts.needsToken || name === 'aws-rft';
    expect(text.includes('GROUPWISE_TOKEN')).toBe(isTold);
  });

  it.each(CASES.filter(([name, , , { tls }]) => tls?.ca !== undefined && name !== 'aws-rft'))(
    '%s, server %s: its certificates are believed',
    (_name, _of, trainer, facts) => {
      expect(textOf(trainer, facts)).toContain(facts.tls?.ca);
    },
  );

  it.each(TRAINERS.map((trainer): [string, Trainer] => [trainer.name, trainer]))(
    '%s: lines that need the token stop where there is none',
    (_name, trainer) => {
      const lines = trainer.guide({ ...PLAIN, needsToken: true }).blocks.map(({ language, text }) => {
        const end = text.indexOf('export GROUPWISE_TOKEN');
        return language === 'bash' && end !== -1 ? text.slice(text.indexOf(': "${'), end + 22) : '';
      });
      for (const line of lines.filter((text) => text !== '')) {
        const ask = `${line}\nbash -c 'echo "$GROUPWISE_TOKEN"'`;
        expect(shellWith({ GROUPWISE_TOKEN: 'as-it-is' }, ask).stdout).toBe('as-it-is\n');
        for (const env of [{}, { GROUPWISE_TOKEN: '' }]) {
          const { status, stdout, stderr } = shellWith(env, ask);
          expect([status === 0, stdout]).toEqual([false, '']);
          expect(stderr).toContain('GROUPWISE_TOKEN: set it to the token that the server was started with');
        }
      }
      expect(lines.join('') === '').toBe(
        !textOf(trainer, { ...PLAIN, needsToken: true }).includes('export GROUPWISE_TOKEN'),
      );
    },
  );

  it('puts arguments into the shell as they are, whatever is in them', () => {
    const { blocks } = findTrainer('slime').guide({ ...PLAIN, reward: RECIPE, dataDir: "/data/it's here" });
    const said = shell(
      `npx() { printf '%s\\n' "$@"; }\n${blocks.map(({ text }) => text).join('\n')}\nprintf '%s\\n' "\${REWARD_ARGS[@]}"`,
    );
    expect(said.stdout).toContain("/data/it's here\n");
    expect(said.stdout).toContain("--out\n/it's/here/train.jsonl\n");
    expect(said.stdout).toContain("--prompt-data\n/it's/here/train.jsonl\n");
    const url = /^http:.*$/m.exec(said.stdout)?.[0] ?? '';
    expect(new URL(url).searchParams.get('reward')).toBe(RECIPE);
  });

  it.each(CASES)('%s, server %s: no package of ours is asked of a registry', (_name, _of, trainer, facts) => {
    expect(textOf(trainer, facts)).not.toMatch(/(?:pip|npm) install .*(?<![/\w-])groupwise(?![/\w-])/);
  });

  it('puts the token into addresses where the shell has it', () => {
    const { blocks } = findTrainer('openrlhf').guide({ ...PLAIN, needsToken: true, reward: RECIPE });
    const line =
      blocks.find(
        ({ text }) => text.includes('--reward.remote_url http') || text.includes('--reward.remote_url "'),
      )?.text ?? '';
    const said = shell(`python3() { printf '%s\\n' "$@"; }\n${line}`);
    const url = new URL(/^http:.*$/m.exec(said.stdout)?.[0] ?? '');
    expect(url.password).toBe('hush-hush');
    expect(url.searchParams.get('reward')).toBe(RECIPE);
  });

  // Runs again where there is a python3: without it nothing could be run that these lines are for.
  it.skipIf(spawnSync('python3', ['--version']).status !== 0)('writes Python that compiles', () => {
    const scripts = CASES.flatMap(([, , trainer, facts]) =>
      trainer.guide(facts).blocks.filter(({ language }) => language === 'python'),
    );
    const program = `import json, sys\nfor text in json.load(sys.stdin): compile(text, "lines", "exec")`;
    const compiled = spawnSync('python3', ['-c', program], {
      input: JSON.stringify(scripts.map(({ text }) => text)),
      encoding: 'utf8',
    });
    expect(compiled.stderr).toBe('');
    expect(scripts.length).toBeGreaterThan(SERVERS.length * 4);
  });

  it.each(TRAINERS.map(({ name, docs }) => [name, docs] as const))('%s: %s is there', (_name, docs) => {
    const [page = '', heading] = docs.split('#');
    const text = readFileSync(new URL(page, ROOT), 'utf8');
    expect(heading === undefined || headingsOf(text).has(heading)).toBe(true);
  });

  it.each(TRAINERS.flatMap(({ name, example }) => (example === undefined ? [] : [[name, example]])))(
    '%s: %s is there, with a page',
    (_name, example) => {
      expect(existsSync(fileURLToPath(new URL(`${example}/README.md`, ROOT)))).toBe(true);
    },
  );
});

describe('findTrainer()', () => {
  it.each([
    ['NeMo RL', 'nemo-rl'],
    ['nemo_gym', 'nemo-gym'],
    ['OpenRLHF', 'openrlhf'],
  ])('findTrainer() takes "%s" for %s', (typed, name) => {
    expect(findTrainer(typed).name).toBe(name);
  });

  it('findTrainer() names those that it knows where it does not know one', () => {
    expect(() => findTrainer('keras')).toThrow(EnvError);
    expect(() => findTrainer('keras')).toThrow(/"keras": known are trl, verl, openrlhf, .*curl/);
  });
});
