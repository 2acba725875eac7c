// Reads a configuration file that a person writes: YAML under a schema. What is wrong with it is said with the file and the key,
// in the words of whoever the file belongs to.

import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { EnvError, invalidArgument } from '../core/errors.ts';
import { diskError } from './disk.ts';

/** A file as errors name it. */
export interface NamedFile {
  readonly path: string;
  /** Which setting it stands for, where an error lies at no key: `scorers`. */
  readonly field: string;
  /** What it is, in "Cannot use …": `the scorers in "FILE"`. */
  readonly called: string;
}

/** @throws EnvError `invalid_argument` that names the file, whatever the disk refused */
export function readTextOf({ path, field, called }: NamedFile): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const refusal = diskError(`Cannot read ${called}`, error);
    if (!(refusal instanceof EnvError)) throw error;
    throw new EnvError('invalid_argument', refusal.message, { field, cause: error });
  }
}

/**
 * The content of the file's text with the schema's defaults; an empty file is an empty map.
 *
 * @throws EnvError `invalid_argument` that names the file and the key
 */
export function readYamlAs<Shape>(file: NamedFile, text: string, schema: z.ZodType<Shape>): Shape {
  const parsed = schema.safeParse(parseYaml(file, text) ?? {});
  if (parsed.success) return parsed.data;
  // A misspelt key is why the right one is missing: it is told first.
  const { issues } = parsed.error;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue === undefined) throw refusalOf(file, '', 'it is not what such a file holds');
  throw refusalOf(file, ...faultOf(issue));
}

/** The error for a file that cannot be used. `key`: path of the key at fault; empty for the file as a whole. */
export function refusalOf({ field, called }: NamedFile, key: string, what: string): EnvError {
  return invalidArgument(
    key === '' ? field : key,
    `Cannot use ${called}: ${key === '' ? '' : `${key}: `}${what}`,
  );
}

/** Where an issue of a schema lies, as `judges.main.endpoints[0].base_url`. */
export function keyOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (key, part) =>
      typeof part === 'number' ? `${key}[${part}]` : `${key}${key === '' ? '' : '.'}${String(part)}`,
    '',
  );
}

function faultOf(issue: z.core.$ZodIssue): readonly [key: string, what: string] {
  const at = keyOf(issue.path);
  if (issue.code !== 'unrecognized_keys') return [at, issue.message];
  const [stranger = ''] = issue.keys;
  return [at === '' ? stranger : `${at}.${stranger}`, 'there is no such key'];
}

function parseYaml(file: NamedFile, text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const at = error.linePos?.[0];
    const where = at === undefined ? '' : ` at line ${at.line}, column ${at.col}`;
    throw refusalOf(file, '', `it is not YAML${where}`);
  }
}
