// The words in which bad input is refused, the same for both doors: what was wrong, and what is allowed. Values are not
// echoed, except plain numbers: a text may be a ground truth.

import type { z } from 'zod';
import { type EnvError, invalidArgument } from '../core/errors.ts';

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/** Longest piece of a client's own key that is repeated in a field path. */
const KEY_CHARS_SHOWN = 64;

/** An error map for zod that says what a value must be; what is missing and what is empty read the same. */
export function must(what: string): (issue: RawIssue) => string {
  return ({ input }) =>
    isMissing(input) ? `Is missing: must be ${what}` : `Must be ${what}, not ${shown(input)}`;
}

/** The error map of an object that takes no other fields than these. */
export function mustBeObject(what: string, fields: readonly string[]): (issue: RawIssue) => string {
  const mustBe = must(what);
  const unknown = `Unknown field of ${what}: known are ${fields.join(', ')}`;
  return (issue) => (issue.code === 'unrecognized_keys' ? unknown : mustBe(issue));
}

/** The first thing that zod found wrong, as the error that a caller sees. `prefix`: where the input itself lies. */
export function refusal(issues: readonly Issue[], prefix?: string): EnvError {
  const { path, message } = firstIssue(issues, prefix === undefined ? [] : [prefix]);
  return invalidArgument(fieldPath(path), message);
}

/** `['groups', 0, 'text']` → `groups[0].text`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  let field = '';
  for (const step of path) {
    if (typeof step === 'number') field += `[${step}]`;
    else field += `${field === '' ? '' : '.'}${cut(String(step))}`;
  }
  return field;
}

/** Goes into unions, to the branch that the input was meant for: the one that did not fail at its root. */
function firstIssue(issues: readonly Issue[], prefix: readonly PropertyKey[]): Located {
  const issue = issues[0];
  if (issue === undefined) return { path: prefix, message: 'Cannot be read' };
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return { path: [...path, ...issue.keys.slice(0, 1)], message: issue.message };
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find(([first]) => first !== undefined && !failedAtRoot(first));
    if (meant !== undefined) return firstIssue(meant, path);
  }
  return { path, message: issue.message };
}

interface Located {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function failedAtRoot(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') {
    return issue.errors.every(([first]) => first === undefined || failedAtRoot(first));
  }
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function isMissing(input: unknown): boolean {
  return input === undefined || input === '' || (Array.isArray(input) && input.length === 0);
}

function shown(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return `a list of ${input.length}`;
  if (typeof input === 'number') return String(input);
  if (typeof input === 'string') return `a string of ${input.length} characters`;
  return typeof input === 'object' ? 'an object' : `a ${typeof input}`;
}

function cut(key: string): string {
  return key.length <= KEY_CHARS_SHOWN ? key : `${key.slice(0, KEY_CHARS_SHOWN)}…`;
}
