// Writes the judge template of an imported score model grader: its messages, with its variables as the template language has them.
// Whatever the grader's own words are, they come out as words: no tag, no variable and no part of the file.

import { invalidArgument } from '../core/errors.ts';
import type { ImportedJudge } from '../core/graders/grader-recipe.ts';
import type { OpenAiMessage } from '../core/graders/grader.ts';
import type { TextTemplate } from '../core/graders/text-template.ts';
import type { Variable } from '../core/graders/variable.ts';
import type { PromptData } from '../ports/prompt-data.ts';
import { PROMPT_EXTENSION } from './front-matter.ts';

/** Name of the data file with what the grader's own words do not say. */
const RULES = 'judge/score-model';

/** Where the template lies within a folder of prompts. */
export function judgePromptPath({ name }: Pick<ImportedJudge, 'name'>): string {
  return `judge/${name}${PROMPT_EXTENSION}`;
}

/** @throws EnvError `invalid_argument` for a variable that the template language cannot write */
export function judgePromptText(judge: ImportedJudge, data: PromptData): string {
  const { name, messages, range } = judge;
  const names = new Set(messages.flatMap(({ content }) => content.flatMap((part) => inputOf(part))));
  const head = [
    `name: ${name}`,
    'version: 1',
    'stage: judge',
    `input: [${[...names].map((each) => JSON.stringify(each)).join(', ')}]`,
    `params: { low: ${range[0]}, high: ${range[1]} }`,
    `output: { range: [${range[0]}, ${range[1]}] }`,
  ];
  const sections = withRules(messages.map(printed), rulesOf(data));
  const body = sections.map(({ role, text }) => `## ${role}\n\n${text.trim()}\n`);
  return `---\n${head.join('\n')}\n---\n\n${body.join('\n')}`;
}

interface Section {
  readonly role: OpenAiMessage['role'];
  readonly text: string;
}

/** Rules end the first message of the system; without one they are it. A lone message of the system is the user's. */
function withRules(sections: readonly Section[], rules: string): readonly Section[] {
  const isLone = sections.every(({ role }) => role === 'system');
  const spoken = isLone ? sections.map(({ text }) => ({ role: 'user' as const, text })) : sections;
  const first = spoken.findIndex(({ role }) => role === 'system');
  if (first === -1) return [{ role: 'system', text: rules }, ...spoken];
  return spoken.map(({ role, text }, index) => ({
    role,
    text: index === first ? `${text}\n\n${rules}` : text,
  }));
}

function rulesOf(data: PromptData): string {
  const found = data.find(RULES);
  const { data: shown, reply } =
    typeof found === 'object' && found !== null && !Array.isArray(found)
      ? (found as Readonly<Record<string, unknown>>)
      : {};
  if (typeof shown === 'string' && typeof reply === 'string') return `${shown.trim()}\n\n${reply.trim()}`;
  throw invalidArgument('prompts', `The data file "${RULES}" must have the texts "data" and "reply"`);
}

function printed({ role, content }: OpenAiMessage): Section {
  return { role, text: partsOf(content).join('') };
}

function partsOf(content: TextTemplate): readonly string[] {
  return content.map((part) => (typeof part === 'string' ? literal(part) : `{{ ${expressionOf(part)} }}`));
}

/** Words that the template language, or the file, would read as their own. */
function literal(text: string): string {
  return text
    .replaceAll(/\{(?=[{%])/gu, "{{ '{' }}")
    .replaceAll(/^## (?=(?:system|user|assistant)[ \t]*\r?$)/gmu, "{{ '## ' }}");
}

function isCompletion({ namespace, steps }: Variable): boolean {
  return namespace === 'sample' && steps[0] !== 'output_json';
}

function inputOf(part: string | Variable): readonly string[] {
  if (typeof part === 'string') return [];
  return [isCompletion(part) ? 'completion' : nameOf(part)];
}

/** One spelling for each variable, so that two spellings of one are not shown as two. */
function nameOf({ namespace, steps }: Variable): string {
  return steps.reduce<string>((name, step) => {
    if (typeof step === 'number') return `${name}[${step}]`;
    return /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(step) ? `${name}.${step}` : `${name}["${step}"]`;
  }, namespace);
}

function expressionOf(variable: Variable): string {
  if (isCompletion(variable)) return 'completion';
  const { namespace } = variable;
  const rest = nameOf(variable).slice(namespace.length).replace(/^\./u, '');
  if (!rest.includes("'") && !rest.includes('\\')) return `${namespace}['${rest}']`;
  throw invalidArgument(
    'input',
    `Cannot write "{{ ${variable.name.slice(0, 64)} }}" in a template: rename the column`,
  );
}
