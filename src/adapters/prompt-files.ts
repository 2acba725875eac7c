// Policy templates from files: `prompts/<stage>/<name>.prompt.md`, a user's folder over the built-in one. A file is split
// into roles and parsed once, before any value is seen; values are printed and never read again, so a question that
// holds `## system` or `{{` stays text. Templates cannot include files.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Liquid, LiquidError, type Template } from 'liquidjs';
import { invalidArgument } from '../core/errors.ts';
import { choiceLetter, type Message, type PromptValues, type Role } from '../core/prompt.ts';
import type { PromptTemplates } from '../ports/prompt-templates.ts';
import { readFrontMatter, refusal, type PromptParam, type PromptSourceFile } from './front-matter.ts';

const STAGE = 'policy';
const EXTENSION = '.prompt.md';
const VALUES = ['question', 'choices'];
const HEADING = /^## (system|user|assistant)[ \t]*$/u;

interface Section {
  readonly role: Role;
  readonly text: string;
}

interface PolicyTemplate {
  readonly sha256: string;
  readonly params: Readonly<Record<string, PromptParam>>;
  readonly sections: readonly { readonly role: Role; readonly template: Template[] }[];
}

export class PromptFiles implements PromptTemplates {
  readonly #templates: ReadonlyMap<string, PolicyTemplate>;
  readonly #liquid: Liquid;

  constructor(liquid: Liquid, templates: ReadonlyMap<string, PolicyTemplate>) {
    this.#liquid = liquid;
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
    const { sections, params } = this.#find(template);
    const scope = { question: values.question, choices: values.choices, params };
    return sections.map(({ role, template: parsed }) => ({ role, content: this.#print(parsed, scope) }));
  }

  #print(parsed: Template[], scope: object): string {
    const printed: unknown = this.#liquid.renderSync(parsed, scope);
    return String(printed);
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

export interface PromptFolders {
  /** Holds a folder for each stage. */
  readonly builtIn?: string | undefined;
  /** Laid out as the built-in one; a file here stands for the built-in one of its name. */
  readonly user?: string | undefined;
}

/**
 * Reads and parses all policy templates, once, at start. Throws `invalid_argument` that names the file and, as its field,
 * the key of the front matter or the part of the body that is wrong.
 */
export function loadPromptFiles(folders: PromptFolders = {}): PromptFiles {
  const liquid = strictLiquid();
  const builtIn = folders.builtIn ?? builtInFolder();
  const files = [...filesIn(builtIn), ...(folders.user === undefined ? [] : filesIn(folders.user))];
  return new PromptFiles(liquid, new Map(files.map((file) => parsePromptFile(liquid, file))));
}

/** `prompts/` of the clone or of the installed package: two folders up from `src/adapters` and from `dist/adapters`. */
function builtInFolder(): string {
  return fileURLToPath(new URL('../../prompts', import.meta.url));
}

function strictLiquid(): Liquid {
  const liquid = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    // An empty set of partials in memory: `include`, `render` and `layout` reach no disk.
    templates: {},
  });
  liquid.registerFilter('choice_letter', (index: number) => choiceLetter(index));
  return liquid;
}

function filesIn(folder: string): readonly PromptSourceFile[] {
  if (!existsSync(folder)) {
    throw invalidArgument('prompts', `Cannot load prompt templates: folder "${folder}" does not exist`);
  }
  const stray = readdirSync(folder).find((name) => name.endsWith(EXTENSION));
  if (stray !== undefined) {
    throw invalidArgument(
      'prompts',
      `Cannot load prompt template "${join(folder, stray)}": it belongs into the folder of its stage, as "${join(folder, STAGE, stray)}"`,
    );
  }
  const stageFolder = join(folder, STAGE);
  if (!existsSync(stageFolder)) return [];
  return readdirSync(stageFolder)
    .filter((name) => name.endsWith(EXTENSION))
    .map((name) => join(stageFolder, name))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

function parsePromptFile(liquid: Liquid, file: PromptSourceFile): readonly [string, PolicyTemplate] {
  const { head, body } = readFrontMatter(file);
  if (head.name !== basename(file.path, EXTENSION)) {
    throw refusal(file, 'name', `key "name" is "${head.name}", which is not the name of the file`);
  }
  if (head.stage !== STAGE)
    throw refusal(file, 'stage', `key "stage" must be "${STAGE}", as its folder says`);
  const unknown = head.input.find((name) => !VALUES.includes(name));
  if (unknown !== undefined) {
    throw refusal(
      file,
      'input',
      `key "input" names "${unknown}": a policy template is given ${VALUES.join(', ')}`,
    );
  }
  const sections = splitSections(file, body).map(({ role, text }) => ({
    role,
    template: parseSection(liquid, file, text),
  }));
  checkVariables(liquid, file, { input: head.input, templates: sections.map((section) => section.template) });
  for (const choices of [[], ['one', 'two']]) {
    const scope = { question: 'a question', choices, params: head.params };
    for (const { template } of sections) tryOut(file, () => liquid.renderSync(template, scope));
  }
  const sha256 = createHash('sha256').update(file.text).digest('hex');
  return [head.name, { sha256, params: head.params, sections }];
}

/** Cuts a body at its `## system` and `## user` lines. At most one of each, the system first, and a user always. */
function splitSections(file: PromptSourceFile, body: string): readonly Section[] {
  const sections: { role: Role; lines: string[] }[] = [];
  for (const line of body.split(/\r?\n/u)) {
    const role = HEADING.exec(line)?.[1];
    if (role === 'assistant') throw refusal(file, 'body', 'a policy template has no "## assistant" section');
    if (role === 'system' || role === 'user') {
      sections.push({ role, lines: [] });
      continue;
    }
    const section = sections.at(-1);
    if (section !== undefined) section.lines.push(line);
    else if (line.trim() !== '')
      throw refusal(file, 'body', 'there is text before the first "## user" or "## system"');
  }
  const order = sections.map((section) => section.role).join(', ');
  if (order !== 'user' && order !== 'system, user') {
    throw refusal(file, 'body', 'its sections must be "## user", or "## system" and then "## user"');
  }
  return sections.map(({ role, lines }) => ({ role, text: lines.join('\n').trim() }));
}

function parseSection(liquid: Liquid, file: PromptSourceFile, text: string): Template[] {
  return tryOut(file, () => liquid.parse(text));
}

/** Runs the template engine once at load, so that no template fails for the first time in the middle of a run. */
function tryOut<Result>(file: PromptSourceFile, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof LiquidError)) throw error;
    throw refusal(file, 'body', `its text is not a valid template: ${error.message}`);
  }
}

/** The body uses what `input` names and nothing else, and it shows the question: known before the first render. */
function checkVariables(
  liquid: Liquid,
  file: PromptSourceFile,
  body: { readonly input: readonly string[]; readonly templates: readonly Template[][] },
): void {
  const used = new Set(
    body.templates.flatMap((template) => liquid.globalVariablesSync(template, { partials: false })),
  );
  const undeclared = [...used].find((name) => name !== 'params' && !body.input.includes(name));
  if (undeclared !== undefined) {
    throw refusal(file, 'input', `its text uses "${undeclared}", which key "input" does not name`);
  }
  if (!used.has('question')) throw refusal(file, 'body', 'its text does not show the question');
}
