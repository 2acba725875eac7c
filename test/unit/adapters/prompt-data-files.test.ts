import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPromptDataFiles } from '../../../src/adapters/prompt-data-files.ts';
import { refusalBy } from '../../support/refusal.ts';

const parent = mkdtempSync(join(tmpdir(), 'prompt-data-'));
const [builtIn, user] = [join(parent, 'built-in'), join(parent, 'user')];

beforeAll(() => {
  for (const folder of [builtIn, user]) mkdirSync(join(folder, 'generate', 'examples'), { recursive: true });
  writeFileSync(join(builtIn, 'generate', 'examples', 'math.yaml'), '- {question: "1+1?", answer: "2"}');
  writeFileSync(join(builtIn, 'generate', 'list.yaml'), '[a, b]');
  writeFileSync(join(user, 'generate', 'list.yaml'), '[c]');
  writeFileSync(join(user, 'generate', 'broken.yaml'), '[c');
});

afterAll(() => rmSync(parent, { recursive: true }));

describe('loadPromptDataFiles()', () => {
  it('find() reads files at any depth, and knows when there is none', () => {
    const data = loadPromptDataFiles({ builtIn });
    expect(data.find('generate/examples/math')).toEqual([{ question: '1+1?', answer: '2' }]);
    expect(data.find('generate/list')).toEqual(['a', 'b']);
    expect(data.find('generate/nothing')).toBeUndefined();
  });

  it("find() takes the user's file where both have one, file by file", () => {
    const data = loadPromptDataFiles({ builtIn, user });
    expect(data.find('generate/list')).toEqual(['c']);
    expect(data.find('generate/examples/math')).toHaveLength(1);
  });

  it('find() names a file that is not YAML', () => {
    const error = refusalBy(() => loadPromptDataFiles({ builtIn, user }).find('generate/broken'));
    expect(error).toMatchObject({ code: 'invalid_argument', field: 'prompts' });
    expect(error.message).toContain(join(user, 'generate', 'broken.yaml'));
  });

  it.each(['list', '../generate/list', 'generate/../generate/list', '/etc/hosts'])(
    'find() takes no "%s"',
    (name) => {
      expect(() => loadPromptDataFiles({ builtIn }).find(name)).toThrow(/no name/);
    },
  );
});
