// Whether an input is plainly what a schema takes, at a tenth of what the schema costs to find out: requests are almost
// always right, and the schema itself is asked about the rest, as it has the words. Made from the schema, so that there is no
// second set of rules. It knows the kinds of schema that change nothing of what they take; of all others it says no.

import { z } from 'zod';

/** No false yes: what it accepts, the schema accepts too, and gives back as it is. After a no, ask the schema. */
export type PlainCheck = (input: unknown) => boolean;

type Schema = z.core.$ZodType;
type Rules = readonly z.core.$ZodCheck[] | undefined;

const SAYS_NO: PlainCheck = () => false;

export function plainCheck(schema: Schema): PlainCheck {
  return KINDS.get(schema.constructor)?.(schema) ?? SAYS_NO;
}

/** By exact class: a kind that is made from one of these may do more. */
const KINDS: ReadonlyMap<unknown, (schema: Schema) => PlainCheck | undefined> = new Map([
  kind(z.ZodString, ({ checks, coerce }) => (coerce === true ? undefined : textCheck(checks))),
  kind(z.ZodNumber, ({ checks, coerce }) =>
    coerce === true ? undefined : numberCheck(checks, Number.isFinite),
  ),
  kind(z.ZodNumberFormat, ({ checks, coerce, format }) =>
    coerce === true || format !== 'safeint' ? undefined : numberCheck(checks, Number.isSafeInteger),
  ),
  kind(z.ZodArray, ({ element, checks }) => listCheck(plainCheck(element), checks)),
  kind(z.ZodObject, (def) => (hasRules(def) || !isStrict(def) ? undefined : fieldsCheck(def.shape))),
  kind(z.ZodEnum, (def) => (hasRules(def) ? undefined : oneOf(Object.values(def.entries)))),
  kind(z.ZodUnion, (def) => (hasRules(def) ? undefined : anyOf(def.options.map(plainCheck)))),
  kind(z.ZodOptional, (def) => (hasRules(def) ? undefined : optional(plainCheck(def.innerType)))),
  kind(z.ZodBoolean, (def) => (hasRules(def) || def.coerce === true ? undefined : isBoolean)),
]);

function kind<Kind extends Schema>(
  type: { readonly prototype: Kind } | z.core.$constructor<Kind>,
  make: (def: Kind['_zod']['def']) => PlainCheck | undefined,
): [unknown, (schema: Schema) => PlainCheck | undefined] {
  // The map is asked with the class of the schema.
  return [type, (schema) => make((schema as Kind)._zod.def)];
}

function textCheck(rules: Rules): PlainCheck | undefined {
  const limits = lengthLimits(rules);
  if (limits === undefined) return undefined;
  const { min, max, pattern } = limits;
  return (input) =>
    typeof input === 'string' &&
    input.length >= min &&
    input.length <= max &&
    (pattern === undefined || pattern.test(input));
}

function listCheck(item: PlainCheck, rules: Rules): PlainCheck | undefined {
  const limits = lengthLimits(rules);
  if (limits === undefined || limits.pattern !== undefined) return undefined;
  const { min, max } = limits;
  return (input) => {
    if (!Array.isArray(input) || input.length < min || input.length > max) return false;
    for (let at = 0; at < input.length; at += 1) if (!item(input[at])) return false;
    return true;
  };
}

function numberCheck(rules: Rules, isKind: (input: unknown) => boolean): PlainCheck | undefined {
  let min = -Infinity;
  let max = Infinity;
  for (const rule of rules ?? []) {
    const def = ruleOf(rule);
    if (def.check === 'greater_than' && def.inclusive) min = Math.max(min, Number(def.value));
    else if (def.check === 'less_than' && def.inclusive) max = Math.min(max, Number(def.value));
    else return undefined;
  }
  return (input) => typeof input === 'number' && isKind(input) && input >= min && input <= max;
}

function fieldsCheck(shape: Readonly<Record<string, Schema>>): PlainCheck {
  // A map, for a field may be called `__proto__`.
  const checks = new Map(Object.entries(shape).map(([field, schema]) => [field, plainCheck(schema)]));
  const required = Object.keys(shape).filter((field) => shape[field]?._zod.def.type !== 'optional');
  return (input) => {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) return false;
    const fields = input as Readonly<Record<string, unknown>>;
    for (const field in fields) if (checks.get(field)?.(fields[field]) !== true) return false;
    for (const field of required) if (fields[field] === undefined) return false;
    return true;
  };
}

function isBoolean(input: unknown): boolean {
  return typeof input === 'boolean';
}

function oneOf(values: readonly unknown[]): PlainCheck {
  return (input) => values.includes(input);
}

function optional(inner: PlainCheck): PlainCheck {
  return (input) => input === undefined || inner(input);
}

function anyOf(options: readonly PlainCheck[]): PlainCheck {
  return (input) => options.some((option) => option(input));
}

function hasRules({ checks }: { readonly checks?: Rules }): boolean {
  return checks !== undefined && checks.length > 0;
}

/** Takes no field but those of its shape. */
function isStrict({ catchall }: z.core.$ZodObjectDef): boolean {
  return catchall?._zod.def.type === 'never';
}

/** Of a text or a list; undefined when there are rules that are not known here. */
function lengthLimits(
  rules: Rules,
): { readonly min: number; readonly max: number; readonly pattern: RegExp | undefined } | undefined {
  let min = 0;
  let max = Infinity;
  let pattern: RegExp | undefined;
  for (const rule of rules ?? []) {
    const def = ruleOf(rule);
    if (def.check === 'min_length') min = Math.max(min, def.minimum);
    else if (def.check === 'max_length') max = Math.min(max, def.maximum);
    else if (def.check === 'string_format' && def.format === 'regex' && pattern === undefined)
      pattern = def.pattern;
    else return undefined;
  }
  return { min, max, pattern };
}

function ruleOf(rule: z.core.$ZodCheck): z.core.$ZodChecks['_zod']['def'] {
  return (rule as unknown as z.core.$ZodChecks)._zod.def;
}
