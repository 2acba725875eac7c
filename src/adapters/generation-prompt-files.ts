// Templates of the dataset engine from files: `prompts/<stage>/<name>.prompt.md`, a user's folder over the built-in one. Every text
// among the values is printed inside a fence that it cannot close, and a template must tell the model of such fences. What a prompt
// says before its texts is the same in every call, so that servers need to read it once.

import { ANY_FENCE, fenced, fenceOf } from '../core/judge-data.ts';
import { invalidArgument } from '../core/errors.ts';
import type { GenerationPrompt, GenerationPrompts, PromptValue } from '../ports/generation-prompts.ts';
import { checkHead, readFrontMatter, refusal, sha256Of, type PromptSourceFile } from './front-matter.ts';
import { PromptEngine } from './prompt-bodies.ts';
import { promptFilesOf, promptStagesOf, type PromptFolders } from './prompt-folders.ts';

const KIND = 'a generation template';
/** Folders that are read by others. */
const OTHER_STAGES: ReadonlySet<string> = new Set(['policy', 'judge']);
const ID_HASH_CHARS = 8;

class GenerationPromptFiles implements GenerationPrompts {
  readonly #prompts: ReadonlyMap<string, GenerationPrompt>;

  constructor(prompts: ReadonlyMap<string, GenerationPrompt>) {
    this.#prompts = prompts;
  }

  find(name: string): GenerationPrompt {
    const found = this.#prompts.get(name);
    if (found !== undefined) return found;
    const names = [...this.#prompts.keys()].toSorted().join(', ');
    throw invalidArgument('template', `Cannot find generation template "${name}": there are ${names}`);
  }
}

/** Reads and parses all templates of all stages, once, at start. Throws `invalid_argument` that names the file and the key. */
export function loadGenerationPromptFiles(folders: PromptFolders = {}): GenerationPrompts {
  const engine = new PromptEngine();
  const stages = promptStagesOf(folders).filter((stage) => !OTHER_STAGES.has(stage));
  const prompts = stages.flatMap((stage) =>
    promptFilesOf(stage, folders).map((file) => parseFile(engine, file, stage)),
  );
  return new GenerationPromptFiles(new Map(prompts));
}

function parseFile(
  engine: PromptEngine,
  file: PromptSourceFile,
  stage: string,
): readonly [string, GenerationPrompt] {
  const { head, body } = readFrontMatter(file);
  checkHead(file, head, { stage, kind: KIND, values: head.input });
  if (head.output !== undefined) {
    throw refusal(file, 'output', `${KIND} has no key "output": the stage knows what replies may say`);
  }
  if (head.input.includes('fence') || head.input.includes('params')) {
    throw refusal(file, 'input', 'key "input" must not name "fence" or "params": they are always there');
  }
  const parsed = engine.parse(file, body, {
    kind: KIND,
    given: [...head.input, 'fence'],
    shown: [{ value: 'fence', called: 'the fence' }],
    // What the values look like is known to the stage alone.
    trials: [],
  });
  const name = `${stage}/${head.name}`;
  const { params } = head;
  return [
    name,
    {
      id: `${name}@${head.version}-${sha256Of(file).slice(0, ID_HASH_CHARS)}`,
      render: (values) => engine.print(parsed, { ...fencedValues(values), params }),
    },
  ];
}

/**
 * The values with each text in a fence of its own, named by that text alone: a text that is shown again, in this prompt or another
 * one, looks the same there. `fence` is what all of them have in common.
 */
function fencedValues(values: Readonly<Record<string, PromptValue>>): object {
  const wrap = (value: PromptValue, name: string): PromptValue => {
    if (typeof value === 'string') return fenced(value, { fence: fenceOf([value]), name });
    if (typeof value !== 'object') return value;
    if (isList(value)) return value.map((entry) => wrap(entry, name));
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, wrap(entry, nameOf(key))]));
  };
  const wrapped = Object.entries(values).map(([key, value]) => [key, wrap(value, nameOf(key))] as const);
  return { ...Object.fromEntries(wrapped), fence: ANY_FENCE };
}

/** Keys are the stage's words; where one is not, it must not say anything behind the fence's name. */
function nameOf(key: string): string {
  return key.replaceAll(/\W+/gu, '_');
}

// Array.isArray does not narrow readonly arrays.
function isList(value: PromptValue): value is readonly PromptValue[] {
  return Array.isArray(value);
}
