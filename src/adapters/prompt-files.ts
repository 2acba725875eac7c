// Policy templates from files: `prompts/policy/<name>.prompt.md`, a user's folder over the built-in one. A file is split
// into roles and parsed once, before any value is seen; values are printed and never read again, so a question that
// holds `## system` or `{{` stays text. Templates cannot include files.

import { invalidArgument } from '../core/errors.ts';
import type { Message, PromptValues } from '../core/prompt.ts';
import type { PromptTemplates } from '../ports/prompt-templates.ts';
import { checkHead, readFrontMatter, refusal, sha256Of } from './front-matter.ts';
import type { PromptParam, PromptSourceFile } from './front-matter.ts';
import { PromptEngine, type PromptBody } from './prompt-bodies.ts';
import { promptFilesOf, type PromptFolders } from './prompt-folders.ts';

const VALUES = ['question', 'choices'];
const KIND = 'a policy template';

interface PolicyTemplate {
  readonly sha256: string;
  readonly params: Readonly<Record<string, PromptParam>>;
  readonly body: PromptBody;
}

export class PromptFiles implements PromptTemplates {
  readonly #templates: ReadonlyMap<string, PolicyTemplate>;
  readonly #engine: PromptEngine;

  constructor(engine: PromptEngine, templates: ReadonlyMap<string, PolicyTemplate>) {
    this.#engine = engine;
    this.#templates = templates;
  }

  names(): readonly string[] {
    return [...this.#templates.keys()].toSorted();
  }

  /** sha256 (hex) of the template's file: states which wording made a prompt. Throws as `render` does. */
  versionOf(template: string): string {
    return this.#find(template).sha256;
  }

  render(template: string, values: PromptValues): readonly Message[] {
    const { body, params } = this.#find(template);
    return this.#engine.print(body, { question: values.question, choices: values.choices, params });
  }

  #find(name: string): PolicyTemplate {
    const found = this.#templates.get(name);
    if (found !== undefined) return found;
    throw invalidArgument(
      'prompt_template',
      `Cannot find prompt template "${name}": there are ${this.names().join(', ')}`,
    );
  }
}

/**
 * Reads and parses all policy templates, once, at start. Throws `invalid_argument` that names the file and, as its field,
 * the key of the front matter or the part of the body that is wrong.
 */
export function loadPromptFiles(folders: PromptFolders = {}): PromptFiles {
  const engine = new PromptEngine();
  const files = promptFilesOf('policy', folders);
  return new PromptFiles(engine, new Map(files.map((file) => parsePromptFile(engine, file))));
}

function parsePromptFile(engine: PromptEngine, file: PromptSourceFile): readonly [string, PolicyTemplate] {
  const { head, body } = readFrontMatter(file);
  checkHead(file, head, { stage: 'policy', kind: KIND, values: VALUES });
  if (head.output !== undefined) throw refusal(file, 'output', `${KIND} has no key "output"`);
  const parsed = engine.parse(file, body, {
    kind: KIND,
    given: head.input,
    shown: [{ value: 'question', called: 'the question' }],
    trials: [[], ['one', 'two']].map((choices) => ({
      question: 'a question',
      choices,
      params: head.params,
    })),
  });
  return [head.name, { sha256: sha256Of(file), params: head.params, body: parsed }];
}
