// Reads the fields of a grader's JSON one by one. Each either has a value of the right kind or is refused by its path; members
// that a grader does not have are refused as well, since a misspelt one would be silently without effect.

import { isJsonObject } from '../canonical-json.ts';
import { invalidArgument } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Role } from '../prompt.ts';
import type { OpenAiMessage, OpenAiSampling } from './grader.ts';
import { parseTextTemplate, type TextTemplate } from './text-template.ts';

const MESSAGES_MAX = 64;
const TEXT_CHARS_MAX = 100_000;
const ROLE_OF: ReadonlyMap<JsonValue | undefined, Role> = new Map<JsonValue | undefined, Role>([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
]);

export function fieldOf(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

export function objectAt(value: unknown, path: string, known?: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw invalidArgument(path, 'Must be an object');
  const stranger = known && Object.keys(value).find((key) => !known.includes(key));
  if (stranger === undefined) return value;
  const field = fieldOf(path, stranger.slice(0, 64));
  throw invalidArgument(field, `There is no such field: known are ${(known ?? []).join(', ')}`);
}

export function textAt(object: JsonObject, name: string, path: string): string {
  const value = object[name];
  const field = fieldOf(path, name);
  if (typeof value !== 'string') throw invalidArgument(field, 'Must be a text');
  if (value.length > TEXT_CHARS_MAX) {
    throw invalidArgument(field, `Must have at most ${TEXT_CHARS_MAX} characters, not ${value.length}`);
  }
  return value;
}

/** Undefined where it is absent or null. */
export function numberAt(
  object: JsonObject,
  name: string,
  {
    path,
    from = Number.NEGATIVE_INFINITY,
    to = Number.POSITIVE_INFINITY,
    isWhole = false,
  }: {
    readonly path: string;
    readonly from?: number;
    readonly to?: number;
    readonly isWhole?: boolean;
  },
): number | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  const isFit =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    value >= from &&
    value <= to &&
    (!isWhole || Number.isSafeInteger(value));
  if (isFit) return value;
  const kind = isWhole ? 'a whole number' : 'a number';
  throw invalidArgument(
    fieldOf(path, name),
    Number.isFinite(from) || Number.isFinite(to)
      ? `Must be ${kind} from ${from} to ${to}`
      : `Must be ${kind}`,
  );
}

/** Two rising numbers; 0 and 1 where it is absent. */
export function rangeAt(object: JsonObject, path: string): readonly [number, number] {
  const value = object['range'];
  if (value === undefined || value === null) return [0, 1];
  const [low, high, ...more]: readonly unknown[] = Array.isArray(value) ? value : [];
  if (typeof low === 'number' && typeof high === 'number' && more.length === 0 && low < high) {
    if (Math.abs(low) <= 1e6 && Math.abs(high) <= 1e6) return [low, high];
  }
  throw invalidArgument(fieldOf(path, 'range'), 'Must be two rising numbers, at most a million either way');
}

export function messagesAt(object: JsonObject, path: string): readonly OpenAiMessage[] {
  const field = fieldOf(path, 'input');
  const value = object['input'];
  const list: readonly JsonValue[] = Array.isArray(value) ? value : [];
  if (list.length === 0 || list.length > MESSAGES_MAX) {
    throw invalidArgument(field, `Must be a list of 1 to ${MESSAGES_MAX} messages`);
  }
  return list.map((item, index) => {
    const at = `${field}[${index}]`;
    const message = objectAt(item, at, ['role', 'content', 'type']);
    const role = ROLE_OF.get(message['role']);
    if (role === undefined) {
      throw invalidArgument(`${at}.role`, 'Must be one of: system, developer, user, assistant');
    }
    return { role, content: contentOf(message['content'], `${at}.content`) };
  });
}

/** A text, a part with a text, or a list of those, which stand one after the other. */
function contentOf(content: JsonValue | undefined, field: string): TextTemplate {
  if (typeof content === 'string') {
    if (content.length > TEXT_CHARS_MAX) {
      throw invalidArgument(field, `Must have at most ${TEXT_CHARS_MAX} characters, not ${content.length}`);
    }
    return parseTextTemplate(content, field);
  }
  if (Array.isArray(content)) {
    if (content.length > MESSAGES_MAX)
      throw invalidArgument(field, `Must have at most ${MESSAGES_MAX} parts`);
    return content.flatMap((part: JsonValue, index) => [...partOf(part, `${field}[${index}]`)]);
  }
  return partOf(content, field);
}

function partOf(part: JsonValue | undefined, field: string): TextTemplate {
  if (typeof part === 'string') return contentOf(part, field);
  const { type, text } = isJsonObject(part) ? part : {};
  const isText = type === 'input_text' || type === 'output_text' || type === 'text';
  if (isText && typeof text === 'string') return contentOf(text, `${field}.text`);
  throw invalidArgument(
    field,
    typeof type === 'string' && !isText
      ? `Cannot show a part of type "${type.slice(0, 40)}" to a judge: it reads texts`
      : 'Must be a text, or parts with a text',
  );
}

export function samplingAt(object: JsonObject, parent: string): OpenAiSampling {
  const value = object['sampling_params'];
  if (value === undefined || value === null) return {};
  const path = fieldOf(parent, 'sampling_params');
  const names = ['max_completions_tokens', 'max_completion_tokens', 'max_tokens'];
  const given = objectAt(value, path, ['temperature', 'top_p', 'seed', 'reasoning_effort', ...names]);
  const effort = given['reasoning_effort'];
  if (
    effort !== undefined &&
    effort !== null &&
    (typeof effort !== 'string' || !/^[a-z]{1,32}$/u.test(effort))
  ) {
    throw invalidArgument(fieldOf(path, 'reasoning_effort'), 'Must be a word such as "medium"');
  }
  const tokens = names.find((name) => given[name] !== undefined && given[name] !== null);
  const topP = numberAt(given, 'top_p', { path, from: 0, to: 1 });
  return {
    temperature: numberAt(given, 'temperature', { path, from: 0, to: 2 }),
    // 1 is what it is without being said, and some models refuse to be told.
    topP: topP === 1 ? undefined : topP,
    seed: numberAt(given, 'seed', { path, from: 0, to: Number.MAX_SAFE_INTEGER, isWhole: true }),
    maxTokens:
      tokens === undefined
        ? undefined
        : numberAt(given, tokens, { path, from: 1, to: 1_000_000, isWhole: true }),
    reasoningEffort: typeof effort === 'string' ? effort : undefined,
  };
}
