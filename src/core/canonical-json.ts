// One text for one JSON value: keys in code-unit order, nothing left to chance, so that a hash over it says the same on
// every machine. Keys whose value is undefined do not exist.

import type { JsonObject, JsonValue } from './json.ts';

/** The value as JSON text without spaces, object keys sorted at every depth. Throws on what JSON does not have. */
export function canonicalJson(value: JsonValue | undefined): string {
  if (value === undefined) throw new TypeError('canonicalJson: undefined is not a JSON value');
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonicalJson: ${value} is not a JSON value`);
    return JSON.stringify(value);
  }
  if (isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  const members: string[] = [];
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}

/** Whether a JSON value is an object with members, and not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Array.isArray does not narrow readonly arrays.
function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
