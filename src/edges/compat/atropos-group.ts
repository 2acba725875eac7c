// A scored group as an Atropos environment sends it and as its trainer gets it: the same fields, checked, with floats that stay
// floats in Python. What the environment says to this server about the ground truth stops here.

import { LIMITS } from '../../contract/limits.ts';
import { isJsonObject } from '../../core/canonical-json.ts';
import { type EnvError, invalidArgument } from '../../core/errors.ts';

/** Marks tokens that are not the policy's. */
export const MASKED = -100;

type Kind = 'whole' | 'number' | 'object';
type Rows<Value> = readonly (readonly Value[])[];

/** Fields with an entry for each sequence: how deep they go, and what is at the bottom. */
const BY_SEQUENCE: Readonly<Record<string, { readonly depth: 1 | 2 | 3; readonly of: Kind }>> = {
  advantages: { depth: 2, of: 'number' },
  ref_logprobs: { depth: 2, of: 'number' },
  messages: { depth: 2, of: 'object' },
  inference_logprobs: { depth: 2, of: 'number' },
  overrides: { depth: 1, of: 'object' },
  distill_token_ids: { depth: 3, of: 'whole' },
  distill_logprobs: { depth: 3, of: 'number' },
};

/** In the order in which its own server sends them; a trainer finds each of them, null where there is none. */
const FIELDS = [
  'tokens',
  'masks',
  'scores',
  'advantages',
  'ref_logprobs',
  'messages',
  'generation_params',
  'inference_logprobs',
  'overrides',
  'group_overrides',
  'images',
  'env_id',
  'distill_token_ids',
  'distill_logprobs',
] as const;

const FLOATS: ReadonlySet<string> = new Set(
  ['scores', ...Object.keys(BY_SEQUENCE)].filter((name) => (BY_SEQUENCE[name]?.of ?? 'number') === 'number'),
);

const WORDS: Readonly<Record<Kind, { readonly one: string; readonly many: string }>> = {
  whole: { one: 'a whole number', many: 'whole numbers' },
  number: { one: 'a finite number', many: 'finite numbers' },
  object: { one: 'an object', many: 'objects' },
};

type Fields = Readonly<Record<string, unknown>>;

export interface ScoredGroup {
  readonly tokens: Rows<number>;
  readonly masks: Rows<number>;
  readonly scores: readonly number[] | undefined;
  /** [sequence][message], each with a role and a content. */
  readonly messages: Rows<Fields> | undefined;
  readonly envId: number | undefined;
  /** What `group_overrides` says to this server; undefined: nothing, the scores are the environment's own. */
  readonly label: unknown;
  /** All that the trainer gets. */
  readonly fields: Fields;
}

/**
 * @param prefix of the names of fields in errors: `[2].`
 * @throws EnvError `invalid_argument` that names the field at fault
 */
export function readGroup(body: unknown, prefix = ''): ScoredGroup {
  if (!isJsonObject(body)) throw invalidArgument(prefix.slice(0, -1) || 'body', 'Must be a scored group');
  const tokens = rowsOf(body, 'tokens', prefix);
  const masks = rowsOf(body, 'masks', prefix);
  const { length } = tokens;
  if (length > LIMITS.groupSizeMax) {
    throw invalidArgument(`${prefix}tokens`, `Must have at most ${LIMITS.groupSizeMax} sequences`);
  }
  checkCount(masks, `${prefix}masks`, length);
  masks.forEach((mask, i) => {
    if (mask.length === tokens[i]?.length) return;
    throw invalidArgument(`${prefix}masks[${i}]`, `Must be as long as tokens[${i}]`);
  });
  for (const [name, { depth, of }] of Object.entries(BY_SEQUENCE)) {
    if (!isGiven(body[name])) continue;
    checkNested(body[name], `${prefix}${name}`, depth, of);
    checkCount(body[name], `${prefix}${name}`, length);
  }
  for (const name of ['generation_params', 'group_overrides']) {
    if (isGiven(body[name]) && !isJsonObject(body[name]))
      throw invalidArgument(`${prefix}${name}`, 'Must be an object');
  }
  const { groupwise: label, ...overrides } = isJsonObject(body['group_overrides'])
    ? body['group_overrides']
    : {};
  const fields = { ...body, ...(label !== undefined && { group_overrides: overrides }) };
  return {
    tokens,
    masks,
    scores: scoresOf(body, `${prefix}scores`, { length, isOptional: label !== undefined }),
    messages: messagesOf(body, `${prefix}messages`),
    envId: envIdOf(body['env_id'], `${prefix}env_id`),
    label,
    fields,
  };
}

/** JSON for the trainer. `changed` takes the place of what the environment sent. */
export function groupJson({ fields }: ScoredGroup, changed: Fields = {}): string {
  const all = { ...fields, ...changed };
  const written = FIELDS.map((name) => {
    const value = all[name] ?? null;
    return `"${name}":${FLOATS.has(name) ? floatsJson(value) : JSON.stringify(value)}`;
  });
  return `{${written.join(',')}}`;
}

/** Numbers with a point: Python reads `1` as an integer, and a tensor of such cannot be averaged. */
function floatsJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(floatsJson).join(',')}]`;
  const text = JSON.stringify(value);
  return typeof value === 'number' && !/[.e]/u.test(text) ? `${text}.0` : text;
}

function rowsOf(body: Fields, name: string, prefix: string): Rows<number> {
  const rows = body[name];
  checkNested(rows, `${prefix}${name}`, 2, 'whole');
  // Just checked.
  const checked = rows as Rows<number>;
  if (checked.length === 0) throw invalidArgument(`${prefix}${name}`, 'Must have a sequence or more');
  return checked;
}

function scoresOf(
  body: Fields,
  field: string,
  { length, isOptional }: { readonly length: number; readonly isOptional: boolean },
): readonly number[] | undefined {
  const { scores } = body;
  if (isOptional && !isGiven(scores)) return undefined;
  checkNested(scores, field, 1, 'number');
  checkCount(scores, field, length);
  // Just checked.
  return scores as readonly number[];
}

function messagesOf(body: Fields, field: string): Rows<Fields> | undefined {
  if (!isGiven(body['messages'])) return undefined;
  // Checked with the other fields by sequence.
  const messages = body['messages'] as Rows<Fields>;
  messages.forEach((said, i) =>
    said.forEach((message, j) => {
      if ('role' in message && 'content' in message) return;
      throw invalidArgument(`${field}[${i}][${j}]`, 'Must have role and content');
    }),
  );
  return messages;
}

function envIdOf(value: unknown, field: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw invalidArgument(field, 'Must be a whole number, or null');
}

/** Environments send empty lists for what they do not have. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function checkCount(value: unknown, field: string, length: number): void {
  if (Array.isArray(value) && value.length === length) return;
  throw invalidArgument(field, `Must have an entry for each of the ${length} sequences of tokens`);
}

/** Lists in lists, so many deep, and nothing but this kind in them. */
function checkNested(value: unknown, field: string, depth: number, kind: Kind): void {
  if (!Array.isArray(value)) throw wrong(value, field, depth, kind);
  for (let i = 0; i < value.length; i += 1) {
    const each: unknown = value[i];
    if (depth > 1) checkNested(each, `${field}[${i}]`, depth - 1, kind);
    else if (!isOfKind(each, kind)) throw wrong(each, `${field}[${i}]`, 0, kind);
  }
}

function isOfKind(value: unknown, kind: Kind): boolean {
  if (kind === 'object') return isJsonObject(value);
  return kind === 'whole' ? Number.isSafeInteger(value) : Number.isFinite(value);
}

function wrong(value: unknown, field: string, depth: number, kind: Kind): EnvError {
  const { one, many } = WORDS[kind];
  const what = depth === 0 ? one : `a list${' of lists'.repeat(depth - 1)} of ${many}`;
  const isMissing = value === undefined || value === null;
  return invalidArgument(field, `${isMissing ? 'Is missing: must' : 'Must'} be ${what}`);
}
