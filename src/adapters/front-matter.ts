// Reads the head of a prompt file: yaml between two `---` lines, checked key by key. A misspelt key is an error, never a
// silent default. It knows no template language and no stage's text.

import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { invalidArgument } from '../core/errors.ts';

/** A constant that a template may use as `params.<key>`. */
export type PromptParam = string | number | boolean;

export interface FrontMatter {
  readonly name: string;
  readonly version: number;
  readonly stage: string;
  /** Names of the values that the body is given. */
  readonly input: readonly string[];
  readonly params: Readonly<Record<string, PromptParam>>;
  /** What replies may say, for stages that have replies. The stage checks what is in it. */
  readonly output: Readonly<Record<string, unknown>> | undefined;
}

export interface PromptSourceFile {
  /** As shown in errors. */
  readonly path: string;
  readonly text: string;
}

const HEAD = /^---\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/u;
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/u;
const REQUIRED = ['name', 'version', 'stage', 'input'];
const KNOWN = [...REQUIRED, 'params', 'output'];
export const PROMPT_EXTENSION = '.prompt.md';

/** The head and the rest of a prompt file. Throws `invalid_argument` that names the file and the key (as `field`). */
export function readFrontMatter(file: PromptSourceFile): { head: FrontMatter; body: string } {
  const match = HEAD.exec(file.text);
  if (match === null)
    throw refusal(file, 'front_matter', 'it does not begin with yaml between two "---" lines');
  const head = readYaml(file, match[1] ?? '');
  for (const key of Object.keys(head)) {
    if (!KNOWN.includes(key)) throw refusal(file, key, `unknown key "${key}", known are ${KNOWN.join(', ')}`);
  }
  for (const key of REQUIRED) {
    if (!(key in head)) throw refusal(file, key, `key "${key}" is missing`);
  }
  const { name, version, stage, input, params = {}, output } = head;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw refusal(file, 'name', 'key "name" must be lower-case words joined by "-"');
  }
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) {
    throw refusal(file, 'version', 'key "version" must be a whole number from 1 up');
  }
  if (typeof stage !== 'string') throw refusal(file, 'stage', 'key "stage" must be text');
  if (!isListOfText(input)) throw refusal(file, 'input', 'key "input" must be a list of names');
  if (!isParams(params)) {
    throw refusal(file, 'params', 'key "params" must map names to texts, numbers or booleans');
  }
  if (output !== undefined && !isRecord(output)) {
    throw refusal(file, 'output', 'key "output" must be a map');
  }
  return { head: { name, version, stage, input, params, output }, body: file.text.slice(match[0].length) };
}

/** What a stage expects of a head: the file's own name, the stage of its folder, and values that it is given. */
export function checkHead(
  file: PromptSourceFile,
  head: FrontMatter,
  expected: { readonly stage: string; readonly kind: string; readonly values: readonly string[] },
): void {
  const { stage, kind, values } = expected;
  if (head.name !== basename(file.path, PROMPT_EXTENSION)) {
    throw refusal(file, 'name', `key "name" is "${head.name}", which is not the name of the file`);
  }
  if (head.stage !== stage)
    throw refusal(file, 'stage', `key "stage" must be "${stage}", as its folder says`);
  const unknown = head.input.find((name) => !values.includes(name));
  if (unknown !== undefined) {
    throw refusal(file, 'input', `key "input" names "${unknown}": ${kind} is given ${values.join(', ')}`);
  }
}

/** Hex digest of a whole prompt file: states which wording made a prompt. */
export function sha256Of(file: PromptSourceFile): string {
  return createHash('sha256').update(file.text).digest('hex');
}

/** The error for a prompt file that cannot be used: names the file, and the key as its field. */
export function refusal(file: PromptSourceFile, key: string, problem: string): Error {
  return invalidArgument(key, `Cannot load prompt template "${file.path}": ${problem}`);
}

function readYaml(file: PromptSourceFile, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    // The library throws a ReferenceError where an alias is used: none is allowed here.
    if (!(error instanceof YAMLParseError || error instanceof ReferenceError)) throw error;
    throw refusal(
      file,
      'front_matter',
      `its front matter is not yaml: ${error.message.split('\n', 1)[0] ?? ''}`,
    );
  }
  if (!isRecord(value)) throw refusal(file, 'front_matter', 'its front matter is not a map of keys');
  return value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

function isParams(value: unknown): value is Readonly<Record<string, PromptParam>> {
  return (
    isRecord(value) &&
    Object.values(value).every((param) => ['string', 'number', 'boolean'].includes(typeof param))
  );
}
