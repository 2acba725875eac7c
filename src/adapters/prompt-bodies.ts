// The text of a prompt file: cut into the messages' parts first, each part parsed as a template after that, so that no value
// can open a part. The one place that knows the template language; it reaches no file.

import { Liquid, LiquidError, type Template } from 'liquidjs';
import { choiceLetter, type Message, type Role, ROLES } from '../core/prompt.ts';
import { refusal, type PromptSourceFile } from './front-matter.ts';

const HEADING = /^## (system|user|assistant)[ \t]*$/u;

interface Section {
  readonly role: Role;
  readonly text: string;
}

/** The parsed parts of one file. */
export type PromptBody = readonly { readonly role: Role; readonly template: Template[] }[];

/** What a body may and must use. */
export interface BodyRules {
  /** For errors: `a policy template`. */
  readonly kind: string;
  /** Names of the values that it is given, besides `params`. */
  readonly given: readonly string[];
  /** The values that it must show, each with its name for the error. */
  readonly shown: readonly { readonly value: string; readonly called: string }[];
  /** Values to try it out with, so that no template fails for the first time in the middle of a run. */
  readonly trials: readonly object[];
  /** `any`: several messages of all roles, in any order. Otherwise one of the user, after one of the system at most. */
  readonly turns?: 'any' | undefined;
}

export class PromptEngine {
  readonly #liquid = strictLiquid();

  /** Throws `invalid_argument` that names the file and, as its field, what is wrong: `body` or `input`. */
  parse(file: PromptSourceFile, body: string, rules: BodyRules): PromptBody {
    const parsed = splitSections(file, body, rules).map(({ role, text }) => ({
      role,
      template: tryOut(file, () => this.#liquid.parse(text)),
    }));
    this.#checkVariables(file, parsed, rules);
    for (const scope of rules.trials) tryOut(file, () => this.print(parsed, scope));
    return parsed;
  }

  /** One message for each part. Values are printed once and never read again. */
  print(body: PromptBody, scope: object): readonly Message[] {
    return body.map(({ role, template }) => {
      const printed: unknown = this.#liquid.renderSync(template, scope);
      return { role, content: String(printed) };
    });
  }

  /** The body uses what it is given and nothing else, and shows what it must: known before the first render. */
  #checkVariables(file: PromptSourceFile, body: PromptBody, { given, shown }: BodyRules): void {
    const used = new Set(
      body.flatMap(({ template }) => this.#liquid.globalVariablesSync(template, { partials: false })),
    );
    const undeclared = [...used].find((name) => name !== 'params' && !given.includes(name));
    if (undeclared !== undefined) {
      throw refusal(file, 'input', `its text uses "${undeclared}", which key "input" does not name`);
    }
    const missing = shown.find(({ value }) => !used.has(value));
    if (missing !== undefined) throw refusal(file, 'body', `its text does not show ${missing.called}`);
  }
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

/** Cuts a body at its `## system`, `## user` and `## assistant` lines. */
function splitSections(
  file: PromptSourceFile,
  body: string,
  { kind, turns }: Pick<BodyRules, 'kind' | 'turns'>,
): readonly Section[] {
  const sections: { role: Role; lines: string[] }[] = [];
  for (const line of body.split(/\r?\n/u)) {
    const role = ROLES.find((each) => each === HEADING.exec(line)?.[1]);
    if (role === 'assistant' && turns !== 'any')
      throw refusal(file, 'body', `${kind} has no "## assistant" section`);
    if (role !== undefined) {
      sections.push({ role, lines: [] });
      continue;
    }
    const section = sections.at(-1);
    if (section !== undefined) section.lines.push(line);
    else if (line.trim() !== '')
      throw refusal(file, 'body', 'there is text before the first "## user" or "## system"');
  }
  checkOrder(file, sections, turns);
  return sections.map(({ role, lines }) => ({ role, text: lines.join('\n').trim() }));
}

function checkOrder(
  file: PromptSourceFile,
  sections: readonly { role: Role }[],
  turns: 'any' | undefined,
): void {
  const order = sections.map((section) => section.role).join(', ');
  if (order === 'user' || order === 'system, user') return;
  if (turns === 'any' && sections.some(({ role }) => role === 'user')) return;
  throw refusal(file, 'body', 'its sections must be "## user", or "## system" and then "## user"');
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
