// A variable of a grader's text, `item.reference_answer` or `sample.output_json.name`: which there are, and what each stands
// for in one row and one completion. Names are looked up among own properties only, so that no name reaches a prototype.

import { invalidArgument } from '../errors.ts';
import { hasDuplicateKeys } from '../json-keys.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { GroundTruth } from '../qa-pair.ts';

/** A name of a member, or a place in a list. */
type Step = string | number;

export interface Variable {
  /** As the grader writes it. */
  readonly name: string;
  readonly namespace: 'item' | 'sample';
  readonly steps: readonly [Step, ...Step[]];
}

/** One completion, and the row that it is compared with. */
export interface GradedCase {
  /** The whole completion. */
  readonly completion: string;
  readonly groundTruth: GroundTruth;
  readonly choices: readonly string[];
  readonly promptText: string;
  /** Other columns of the row. */
  readonly columns?: JsonObject | undefined;
}

/** `absent`: the row has no such column. `missing`: the completion does not say it. */
export type VariableValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' | 'missing' };

/** Names under which datasets keep what a row's ground truth is. */
const GROUND_TRUTH_NAMES: ReadonlySet<Step> = new Set([
  'reference_answer',
  'ground_truth',
  'answer',
  'final_answer',
  'correct_answer',
  'expected_answer',
  'expected_output',
  'expected',
  'reference',
  'ideal',
  'label',
  'target',
  'solution',
  'completion',
]);
const QUESTION_NAMES: ReadonlySet<Step> = new Set([
  'question',
  'prompt',
  'problem',
  'query',
  'instruction',
  'input',
]);
const CHOICE_NAMES: ReadonlySet<Step> = new Set(['choices', 'options']);

const JSON_CHARS_MAX = 100_000;
const STEPS_MAX = 32;
const NAME = /^(?:\.([\p{L}_$][\p{L}\p{N}_$-]*)|\[(\d{1,9})\]|\["([^"\]]*)"\]|\['([^'\]]*)'\])/u;

/**
 * @param text what stands between the braces
 * @param field where it stands, for errors
 * @throws EnvError `invalid_argument` that names the variable
 */
export function parseVariable(text: string, field: string): Variable {
  const name = text.trim();
  const [namespace = ''] = /^(?:item|sample)(?![\p{L}\p{N}_$])/u.exec(name) ?? [];
  const steps: Step[] = [];
  let rest = name.slice(namespace.length);
  for (let match = NAME.exec(rest); match !== null && steps.length < STEPS_MAX; match = NAME.exec(rest)) {
    const [whole, member, place, double, single] = match;
    steps.push(place === undefined ? (member ?? double ?? single ?? '') : Number(place));
    rest = rest.slice(whole.length);
  }
  const [first, ...more] = steps;
  if ((namespace !== 'item' && namespace !== 'sample') || first === undefined || rest !== '') {
    throw invalidArgument(
      field,
      `Cannot read the variable "{{ ${name.slice(0, 64)} }}": variables are item.NAME and sample.output_text, without filters`,
    );
  }
  const variable: Variable = { name, namespace, steps: [first, ...more] };
  if (namespace === 'sample') checkSample(variable, field);
  return variable;
}

/** Completions are texts: of a sample there is its text, and what that is as JSON. */
function checkSample({ name, steps }: Variable, field: string): void {
  if (steps[0] === 'output_json' || isOutputText(steps)) return;
  throw invalidArgument(
    field,
    `Cannot use "{{ ${name.slice(0, 64)} }}": a completion is a text, so there are sample.output_text, ` +
      'sample.choices[0].message.content and sample.output_json; let the policy write tool calls into its text as JSON',
  );
}

function isOutputText(steps: readonly Step[]): boolean {
  const path = steps.join('.');
  return path === 'output_text' || path === 'choices.0.message.content';
}

/**
 * What the variable stands for.
 *
 * @param truth the ground truth, or one of its aliases
 */
export function valueOf({ namespace, steps }: Variable, given: GradedCase, truth: string): VariableValue {
  if (namespace === 'sample') {
    if (isOutputText(steps)) return { kind: 'text', text: given.completion };
    return textOf(memberAt(jsonOf(given.completion), steps.slice(1))) ?? { kind: 'missing' };
  }
  return textOf(itemValue(steps, given, truth)) ?? { kind: 'absent' };
}

/** Whether the variable is the row's ground truth, so that the aliases are as right. */
export function isGroundTruth({ namespace, steps }: Variable, { columns }: GradedCase): boolean {
  if (namespace !== 'item' || steps.length > 1 || !GROUND_TRUTH_NAMES.has(steps[0])) return false;
  return columns === undefined || memberAt(columns, steps) === undefined;
}

/** A column of the row's own goes before what the row's question and ground truth are known as. */
function itemValue(steps: Variable['steps'], given: GradedCase, truth: string): JsonValue | undefined {
  const [first, ...rest] = steps;
  const own = given.columns === undefined ? undefined : memberAt(given.columns, steps);
  if (own !== undefined && own !== null) return own;
  if (CHOICE_NAMES.has(first)) return given.choices.length === 0 ? undefined : memberAt(given.choices, rest);
  if (rest.length > 0) return undefined;
  if (GROUND_TRUTH_NAMES.has(first)) return truth;
  return QUESTION_NAMES.has(first) && given.promptText !== '' ? given.promptText : undefined;
}

function memberAt(value: JsonValue | undefined, steps: readonly Step[]): JsonValue | undefined {
  let at = value;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null) return undefined;
    if (Array.isArray(at) !== (typeof step === 'number') || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<Step, JsonValue>>)[step];
  }
  return at;
}

/** Texts as they are, anything else as JSON. Nothing for null, and for what is too deep to be written. */
function textOf(value: JsonValue | undefined): VariableValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return { kind: 'text', text: value };
  try {
    return { kind: 'text', text: JSON.stringify(value) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The completion as JSON; a fence around it is fine, a key twice is not: it would say two things. */
function jsonOf(completion: string): JsonValue | undefined {
  if (completion.length > JSON_CHARS_MAX) return undefined;
  const body = /^```(?:json)?\s*\n(.*)\n\s*```$/su.exec(completion.trim())?.[1] ?? completion;
  try {
    const value = JSON.parse(body) as JsonValue;
    return hasDuplicateKeys(body) ? undefined : value;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}
