// The small shapes that requests are made of: numbers with ranges, names, texts, lists and objects, each with the words
// for what they must be. Schemas describe the wire's JSON and check it; they transform nothing.

import { z } from 'zod';
import { INTEGER_MAX, LIMITS } from '../limits.ts';
import { must, mustBeObject } from '../wording.ts';

export function integer(min: number, max: number) {
  const error = must(`an integer from ${min} to ${max}`);
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A count that may grow beyond 32 bits: policy versions, sequence numbers. */
export function counter() {
  return integer(0, INTEGER_MAX);
}

export function decimal(min: number, max: number) {
  const error = must(`a number from ${min} to ${max}`);
  return z.number({ error }).min(min, { error }).max(max, { error });
}

export function finite() {
  return z.number({ error: must('a finite number') });
}

/** Text of the client's own; may be empty. */
export function text(charsMax: number) {
  const error = must(`a string of at most ${charsMax} characters`);
  return z.string({ error }).max(charsMax, { error });
}

export function filledText(charsMax: number) {
  const error = must(`a string of 1 to ${charsMax} characters`);
  return z.string({ error }).min(1, { error }).max(charsMax, { error });
}

/** A name that a client chose: it can stand in a path, a file name and a label. */
export function name() {
  const error = must(
    `a name of 1 to ${LIMITS.nameCharsMax} letters, digits, '.', '_' or '-' that starts with a letter or digit`,
  );
  return z
    .string({ error })
    .max(LIMITS.nameCharsMax, { error })
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error });
}

/** An id that the server made, or a name that it knows: unknown ones are not found, they are not malformed. */
export function id() {
  return filledText(LIMITS.idCharsMax);
}

export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: must(`one of ${values.map((value) => `"${value}"`).join(', ')}`) });
}

export function flag() {
  return z.boolean({ error: must('true or false') });
}

/** `what` names the entries: "groups". */
export function list<Item extends z.core.SomeType>(item: Item, min: number, max: number, what: string) {
  const error = must(min === 0 ? `a list of at most ${max} ${what}` : `a list of ${min} to ${max} ${what}`);
  return z.array(item, { error }).min(min, { error }).max(max, { error });
}

export function object<Shape extends z.core.$ZodLooseShape>(what: string, shape: Shape) {
  return z.strictObject(shape, { error: mustBeObject(what, Object.keys(shape)) });
}

/** Names that an object may not have: they mean something else to JavaScript. */
const RESERVED_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** A map by name, for example metrics. */
export function byName<Value extends z.core.SomeType>(value: Value, entriesMax: number, what: string) {
  const error = must(`an object of at most ${entriesMax} ${what} by name`);
  return z
    .custom<Record<string, unknown>>((input) => isNamedMap(input, entriesMax), { error })
    .pipe(z.record(z.string(), value, { error }));
}

/** Own keys only, none of them a trap; zod itself would pass over `__proto__` in silence. */
function isNamedMap(input: unknown, entriesMax: number): boolean {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false;
  const keys = Object.keys(input);
  return (
    keys.length <= entriesMax &&
    keys.every((key) => key !== '' && key.length <= LIMITS.nameCharsMax && !RESERVED_KEYS.has(key))
  );
}
