// The quick look at hot requests against the schemas that it was made from: it may say no where they say yes, never the reverse.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { LIMITS, UINT32_MAX } from '../../../src/contract/limits.ts';
import { plainCheck } from '../../../src/contract/plain-check.ts';
import * as requests from '../../../src/contract/schemas/requests.ts';

const SCHEMAS = {
  score: requests.score,
  submitCompletions: requests.submitCompletions,
  rolloutSubmit: requests.rolloutSubmit,
} as const;
type Name = keyof typeof SCHEMAS;

function maybe<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.option(value, { nil: undefined });
}

const completion = fc.record(
  {
    text: fc.string({ unit: 'binary' }),
    member_index: fc.integer({ min: 0, max: LIMITS.groupSizeMax - 1 }),
    finish_reason: fc.constantFrom('stop', 'length'),
    token_count: fc.integer({ min: 0, max: UINT32_MAX }),
    policy_version: fc.maxSafeNat(),
  },
  { requiredKeys: ['text'] },
);
const completions = fc.array(completion, { minLength: 1, maxLength: 4 });
const answer = fc.string({ minLength: 1 });
const message = fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: fc.string() });

/** Requests as clients send them, all right. */
const RIGHT: Readonly<Record<Name, fc.Arbitrary<unknown>>> = {
  score: fc.record(
    {
      reward: fc.constantFrom('math', 'exact'),
      estimator: fc.oneof(
        fc.constant('grpo:verl'),
        fc.record({
          name: answer,
          ddof: maybe(fc.nat(1)),
          epsilon: maybe(fc.double({ min: 0, max: 1, noNaN: true })),
        }),
      ),
      groups: fc.array(
        fc.record(
          {
            prompt: fc.oneof(fc.string(), fc.array(message)),
            ground_truth: answer,
            pair_id: answer,
            aliases: fc.array(answer),
            choices: fc.array(answer),
            dataset: fc.constantFrom('gsm8k', 'a', '0.1_-'),
            completions,
          },
          { requiredKeys: ['completions'] },
        ),
        { minLength: 1, maxLength: 3 },
      ),
    },
    { requiredKeys: ['groups'] },
  ),
  submitCompletions: fc.record(
    {
      run_id: answer,
      groups: fc.array(fc.record({ lease_id: answer, completions }), { minLength: 1, maxLength: 3 }),
      wait: fc.boolean(),
    },
    { requiredKeys: ['run_id', 'groups'] },
  ),
  rolloutSubmit: fc.record({
    groups: fc.array(fc.record({ lease_id: answer, completions }), { minLength: 1, maxLength: 3 }),
  }),
};

/** Values at which some rule turns from yes to no, and some that mean other things to JavaScript. */
const ODD = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    '',
    'stop',
    'user',
    -0,
    -1,
    0.5,
    1,
    1024,
    [],
    {},
    [null],
    [[]],
  ),
  fc.constantFrom<unknown>(
    NaN,
    Infinity,
    UINT32_MAX + 1,
    Number.MAX_SAFE_INTEGER,
    2 ** 53,
    1e300,
    '1',
    'a b',
    '..',
  ),
  fc
    .constantFrom(LIMITS.idCharsMax, LIMITS.nameCharsMax)
    .chain((chars) => fc.constantFrom('x'.repeat(chars), 'x'.repeat(chars + 1))),
  fc.array(fc.constantFrom('a', ''), { maxLength: LIMITS.choicesMax + 2 }),
  fc.constant({ scorers: [{ name: 'math', extra: 1 }] }),
  fc.constant({ name: 'gdpo:grpo', weights: { math: 1 } }),
  fc.constant(JSON.parse('{"name":"grpo:verl","__proto__":{"k":4}}')),
  fc.anything(),
);

/** `request` with one thing put, taken away or changed somewhere in it. */
const CHANGED: Readonly<Record<Name, fc.Arbitrary<unknown>>> = {
  score: changed(RIGHT.score),
  submitCompletions: changed(RIGHT.submitCompletions),
  rolloutSubmit: changed(RIGHT.rolloutSubmit),
};

function changed(right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const key = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'text', 'extra', 'groups'), fc.string());
  return fc
    .tuple(right, fc.nat(), fc.constantFrom('put', 'drop', 'add'), key, ODD)
    .map(([original, at, change, name, odd]) => {
      // What was generated may be handed out again.
      const request = structuredClone(original);
      const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
      collect(request, places);
      const place = places[at % places.length];
      if (place === undefined) return request;
      const { holder } = place;
      // Neither JSON nor protobuf has lists with fields.
      if (change === 'add' && Array.isArray(holder)) return request;
      if (change === 'drop') Reflect.deleteProperty(holder, place.key);
      else {
        // `holder.__proto__ = …` would set something else.
        const value = { value: odd, enumerable: true, configurable: true, writable: true };
        Object.defineProperty(holder, change === 'put' ? place.key : name, value);
      }
      return request;
    });
}

function collect(value: unknown, places: { holder: Record<string, unknown>; key: string }[]): void {
  if (typeof value !== 'object' || value === null) return;
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    places.push({ holder, key });
    collect(holder[key], places);
  }
}

describe.each(Object.keys(SCHEMAS) as Name[])('plainCheck() of the schema of %s', (name) => {
  const schema: z.ZodType = SCHEMAS[name];
  const isPlain = plainCheck(schema);

  test('plainCheck() says yes to requests as clients send them', () => {
    fc.assert(
      fc.property(RIGHT[name], (request) => {
        expect(isPlain(request)).toBe(true);
      }),
    );
  });

  test('plainCheck() never says yes where the schema says no, or makes something else of the request', () => {
    fc.assert(
      fc.property(CHANGED[name], (request) => {
        if (!isPlain(request)) return;
        const parsed = schema.safeParse(request);
        expect(parsed.success).toBe(true);
        expect(parsed.data).toEqual(request);
      }),
      { numRuns: 3_000 },
    );
  });

  test('plainCheck() says no where the schema does, and seldom elsewhere', () => {
    let yes = 0;
    let plain = 0;
    fc.assert(
      fc.property(CHANGED[name], (request) => {
        if (schema.safeParse(request).success) yes += 1;
        if (isPlain(request)) plain += 1;
      }),
      { numRuns: 3_000, seed: 7 },
    );
    expect(yes).toBeGreaterThan(100);
    expect(plain).toBeGreaterThan(0.8 * yes);
  });
});

describe('plainCheck()', () => {
  test.each([
    ['a transform', z.string().transform((text) => text.length)],
    ['a default', z.object({ a: z.string().default('b') }).strict()],
    ['a coercion', z.coerce.number()],
    ['a trim', z.string().trim()],
    ['a rule of its own', z.string().refine((text) => text !== 'no')],
    ['a bound that is not inclusive', z.number().gt(0)],
    ['a format of text', z.email()],
    ['a format of numbers', z.int32()],
    ['a loose object', z.looseObject({})],
    ['an object that drops what it does not know', z.object({})],
    ['an object with rules of its own', z.strictObject({}).refine(() => false)],
    ['a list with rules of its own', z.array(z.string()).refine(() => false)],
    ['a choice with rules of its own', z.enum(['no']).refine(() => false)],
    ['a union with rules of its own', z.union([z.string(), z.boolean()]).refine(() => false)],
    ['one of several and no other', z.xor([z.string(), z.string().max(1)])],
    ['what may be absent but not undefined', z.exactOptional(z.string())],
    ['what may be null', z.string().nullable()],
    ['a record', z.record(z.string(), z.number())],
    ['a pipe', z.string().pipe(z.string().max(1))],
    ['anything', z.any()],
  ])('plainCheck() says no to whatever %s takes, as it does not know it', (_, schema) => {
    const isPlain = plainCheck(schema);
    for (const input of [
      undefined,
      null,
      true,
      'no',
      ' a ',
      '5',
      0.5,
      5,
      [],
      ['a'],
      {},
      { a: 'b' },
      { a: 1 },
    ]) {
      expect(isPlain(input)).toBe(false);
    }
  });

  test('plainCheck() takes no field from a prototype for one of a name that is a trap', () => {
    const isPlain = plainCheck(z.strictObject({ a: z.string().optional() }));
    expect(isPlain(JSON.parse('{"__proto__":{"a":1}}'))).toBe(false);
    expect(isPlain(JSON.parse('{"constructor":1}'))).toBe(false);
    expect(isPlain({ a: 'b' })).toBe(true);
  });
});
