// Reads a verifier's options: every one has a default, an unknown one is refused by name. A typing error in a recipe must
// not silently change what is rewarded.

import { invalidArgument } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';

/** Reads one option's value, or throws `invalid_argument`. */
export type OptionReader = (value: JsonValue | undefined, name: string) => JsonValue;

/** All options of `readers`, in their order, with defaults filled in. Throws on names that are not there. */
export function readOptions(
  options: JsonObject,
  readers: Readonly<Record<string, OptionReader>>,
): JsonObject {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(readers, name)) {
      const known = Object.keys(readers).map((option) => `"${option}"`);
      throw invalidArgument(
        name,
        `Unknown option "${name.slice(0, 64)}": ${known.length === 0 ? 'this scorer has none' : `this scorer has ${known.join(', ')}`}`,
      );
    }
  }
  const result: Record<string, JsonValue> = {};
  for (const [name, read] of Object.entries(readers)) result[name] = read(options[name], name);
  return result;
}

/** true or false. */
export function flag(fallback: boolean): OptionReader {
  return (value, name) => {
    if (value === undefined) return fallback;
    if (typeof value !== 'boolean') throw invalidArgument(name, `Option "${name}" must be true or false`);
    return value;
  };
}

/** A finite number, not below 0. */
export function tolerance(fallback: number): OptionReader {
  return (value, name) => {
    if (value === undefined) return fallback;
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      throw invalidArgument(name, `Option "${name}" must be a finite number that is not below 0`);
    }
    return value;
  };
}

/** One of a closed set; without a fallback it must be given. */
export function oneOf(allowed: readonly string[], fallback?: string): OptionReader {
  return (value, name) => {
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value !== 'string' || !allowed.includes(value)) {
      throw invalidArgument(
        name,
        `Option "${name}" must be one of ${allowed.map((word) => `"${word}"`).join(', ')}`,
      );
    }
    return value;
  };
}
