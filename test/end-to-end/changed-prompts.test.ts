// A template that a user changes, in a folder of their own, costs what asks by it and what follows from its replies, and nothing
// else: counted at the server. The first start of the command is a process of its own.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, runCommandLine } from '../support/command-line.ts';
import { runCommand } from '../support/command-process.ts';
import { generationModel, schemaNameOf, type Asked, type Handlers } from '../support/generation-model.ts';
import { startOpenAiServer, type OpenAiServer } from '../support/openai-server.ts';
import { RIVER_TEACHER, riverDocuments } from '../support/river-model.ts';

const PROMPTS = fileURLToPath(new URL('../../prompts', import.meta.url));
const RIVERS = riverDocuments().length;
/** What the changed templates say besides: the teacher answers otherwise where it reads this. */
const CHANGE = 'Write for readers who are in a hurry.';

const folder = mkdtempSync(join(tmpdir(), 'groupwise-prompts-'));
const docs = join(folder, 'rivers');
const data = join(folder, 'data');
let server: OpenAiServer;

function isChanged({ body }: Asked): boolean {
  return body.messages.some(({ content }) => content.includes(CHANGE));
}

interface WrittenPairs {
  readonly pairs: readonly { readonly question: string }[];
}

/** The teacher of the rivers, whose readers and questions are others where its template is another. */
const TEACHER: Handlers = {
  ...RIVER_TEACHER,
  identify_passage: (asked) => ({
    reasoning: 'It is about a river.',
    domain: 'Natural Science',
    personas: isChanged(asked) ? ['commuter', 'skipper'] : ['geography student', 'bargeman'],
  }),
  generate_pairs: (asked) => {
    // Its handler writes pairs, as the stage wants them.
    const { pairs = [] } = (RIVER_TEACHER['generate_pairs']?.(asked) ?? {}) as Partial<WrittenPairs>;
    const greeting = isChanged(asked) ? 'In short: ' : '';
    return {
      pairs: pairs.map((pair, index) => ({
        ...pair,
        question: `${greeting}For a ${asked.shown('personas')[index] ?? 'reader'}: ${pair.question}`,
      })),
    };
  },
};

beforeAll(async () => {
  mkdirSync(docs);
  for (const { name, text } of riverDocuments()) writeFileSync(join(docs, name), text);
  server = await startOpenAiServer(generationModel(TEACHER));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A folder with one template, as `edit` makes it of the one that comes along. */
function folderWith(name: string, edit: (text: string) => string): string {
  const own = mkdtempSync(join(folder, 'own-'));
  const path = join(own, `${name}.prompt.md`);
  mkdirSync(dirname(path));
  cpSync(join(PROMPTS, `${name}.prompt.md`), path);
  const text = readFileSync(path, 'utf8');
  const edited = edit(text);
  expect(edited).not.toBe(text);
  writeFileSync(path, edited);
  return own;
}

interface Made {
  /** Calls at the server, by template. */
  readonly asked: Readonly<Record<string, number>>;
  readonly rows: string;
}

async function generate(
  args: readonly string[] = [],
  run: (...args: readonly string[]) => Promise<Ended> = runCommandLine,
): Promise<Made> {
  const first = server.log.length;
  const model = ['--generator-model', 'gpt-4.1-mini', '--model-url', server.url];
  const to = ['--name', 'rivers', '--data', data, '--replace', '--json'];
  const made = await run('generate', docs, '--recipe', 'webscale-rl', ...model, ...to, ...args);
  expect(made).toMatchObject({ status: 0 });
  const out = join(folder, 'rivers.jsonl');
  const file = ['--format', 'jsonl', '--out', out, '--overwrite'];
  expect(await runCommandLine('dataset', 'export', 'rivers', '--data', data, ...file)).toMatchObject({
    status: 0,
  });
  const asked: Record<string, number> = {};
  for (const { body } of server.log.slice(first)) {
    const name = schemaNameOf(body) ?? 'text';
    asked[name] = (asked[name] ?? 0) + 1;
  }
  expect(JSON.parse(made.stdout)).toMatchObject({ calls: server.log.length - first, kept: RIVERS });
  return { asked, rows: readFileSync(out, 'utf8') };
}

const withChange = (text: string): string => text.replace('## system\n', `## system\n\n${CHANGE}\n`);

describe('groupwise generate --prompts', () => {
  it('replyKey() finds every reply but those that a changed template asks anew, and what follows from them', async () => {
    const before = await generate([], (...args) => runCommand(args));
    const [once, perPair] = [RIVERS, RIVERS];
    expect(before.asked).toEqual({
      filter_passage: once,
      identify_passage: once,
      generate_pairs: once,
      // Of the two questions about each river one gives its answer away: it is repaired, in vain, and never checked.
      repair_question: perPair,
      check_pair: perPair,
    });

    const changes: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
      // Its replies are the same: nothing follows.
      ['filter/passage', { filter_passage: once }],
      ['check/pair', { check_pair: perPair }],
      ['repair/question', { repair_question: perPair }],
      ['generate/pairs', { generate_pairs: once, repair_question: perPair, check_pair: perPair }],
      [
        'identify/passage',
        { identify_passage: once, generate_pairs: once, repair_question: perPair, check_pair: perPair },
      ],
      // Asked of nobody by this recipe.
      ['closed_book/solve', {}],
    ];
    for (const [name, expected] of changes) {
      const own = folderWith(name, withChange);
      const { asked } = await generate(['--prompts', own]);
      expect({ name, asked }).toEqual({ name, asked: expected });
    }
    expect(await generate()).toEqual({ asked: {}, rows: before.rows });
  }, 400_000);

  it('replyKey() asks nothing anew where a template has another version and says the same', async () => {
    await generate();
    const own = folderWith('generate/pairs', (text) => text.replace(/^version: \d+$/mu, 'version: 77'));
    const { asked, rows } = await generate(['--prompts', own]);
    expect(asked).toEqual({});
    expect(rows).toMatch(/"prompt_version":"generate\/pairs@77-[0-9a-f]{8}"/u);
  }, 400_000);
});
