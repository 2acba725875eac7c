// One line of a file of completions: the group that is to be scored, in the wire's form, and what the file knows of each
// completion already. Fields that are neither are left alone, so that files of other tools can be read as they are.

import { decodeScore } from '../../contract/decode-calls.ts';
import type { ScoreCall, ScoreGroup } from '../../core/calls.ts';
import { EnvError, invalidArgument } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/canonical-json.ts';

/** What the line said of one completion. */
export interface KnownOutcome {
  readonly isCorrect: boolean | undefined;
  /** null: unscorable in the earlier scoring; undefined: not said. */
  readonly earlierReward: number | null | undefined;
}

export interface StoredRollout {
  readonly group: ScoreGroup;
  readonly known: readonly KnownOutcome[];
  /** The line as it is, and its completions as objects: what a scored line is written from. */
  readonly row: JsonObject;
  readonly completions: readonly JsonObject[];
}

/** What all lines of one scoring share, in the wire's form. */
export interface ScoreDefaults {
  readonly reward: unknown;
  readonly estimator: unknown;
  readonly dataset: string | undefined;
}

const GROUP_FIELDS = ['prompt', 'ground_truth', 'pair_id', 'aliases', 'choices', 'dataset'] as const;
/** Fields of a line that are no columns of its row. */
const NO_COLUMNS: ReadonlySet<string> = new Set([
  ...GROUP_FIELDS,
  'question',
  'completions',
  'completion',
  'response',
  'answer',
  'is_correct',
  'label',
  'reward',
  'advantage',
  'scores',
  'item',
  'estimator',
  'flags',
]);
const COMPLETION_FIELDS = ['text', 'member_index', 'finish_reason', 'token_count', 'policy_version'] as const;

/** @throws EnvError `invalid_argument` that names the field of the line */
export function parseStoredRollout(row: JsonValue, defaults: ScoreDefaults): StoredRollout {
  if (!isJsonObject(row))
    throw invalidArgument('', 'Must be an object with "ground_truth" and "completions"');
  const completions = completionsOf(row);
  const wire = {
    ...pick(row, GROUP_FIELDS),
    ...(row['prompt'] === undefined && row['question'] !== undefined ? { prompt: row['question'] } : {}),
    ...(row['pair_id'] !== undefined && row['ground_truth'] === undefined && row['dataset'] === undefined
      ? { dataset: defaults.dataset }
      : {}),
    completions: completions.map((completion) => pick(completion, COMPLETION_FIELDS)),
  };
  // A stored run has both; its own ground truth is what it was scored against.
  const group = 'ground_truth' in wire ? omit(wire, ['pair_id', 'dataset']) : wire;
  const call = decodeLine({ groups: [group] });
  const [decoded] = call.groups;
  if (decoded === undefined) throw invalidArgument('completions', 'Must hold at least one completion');
  return {
    group: withColumns(decoded, row),
    known: completions.map((completion) => knownOutcome(completion, completions.length === 1 ? row : {})),
    row,
    completions,
  };
}

/** What else the line says is the row's, as the columns of a dataset's row are; a row of a dataset has its own. */
function withColumns(group: ScoreGroup, row: JsonObject): ScoreGroup {
  const { reference } = group;
  if (reference.kind === 'row') return group;
  const { item } = row;
  const own = Object.entries(row).filter(([name]) => !NO_COLUMNS.has(name));
  const columns = Object.fromEntries([...(isJsonObject(item) ? Object.entries(item) : []), ...own]);
  return { ...group, reference: { ...reference, columns } };
}

/** Reward and estimator of the whole scoring, checked before the first line is read. */
export function decodeScoreDefaults(defaults: ScoreDefaults): Pick<ScoreCall, 'reward' | 'estimator'> {
  return decodeScore({
    ...(defaults.reward === undefined ? {} : { reward: defaults.reward }),
    ...(defaults.estimator === undefined ? {} : { estimator: defaults.estimator }),
    groups: [{ ground_truth: '0', completions: [{ text: '0' }] }],
  });
}

/** The line is one group of a request, so the group's part of a field's path says nothing here. */
function decodeLine(wire: unknown): ScoreCall {
  try {
    return decodeScore(wire);
  } catch (error) {
    if (!(error instanceof EnvError) || error.field === undefined) throw error;
    throw new EnvError(error.code, error.message, {
      field: error.field.replace(/^groups\[0\]\.?/, ''),
      cause: error,
    });
  }
}

/** A list of texts or of objects; one text under `completion`, `response` or `answer` is a group of one. */
function completionsOf(row: JsonObject): readonly JsonObject[] {
  const listed = row['completions'] ?? row['completion'] ?? row['response'] ?? row['answer'] ?? [];
  const list = isJsonList(listed) ? listed : [listed];
  return list.map((completion) => (isJsonObject(completion) ? completion : { text: completion }));
}

function isJsonList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** @param row of a group of one, whose label may stand beside its completion */
function knownOutcome(completion: JsonObject, row: JsonObject): KnownOutcome {
  const { reward } = completion;
  const said = [completion['is_correct'], completion['label'], row['is_correct'], row['label']];
  return {
    isCorrect: said.map(labelOf).find((label) => label !== undefined),
    earlierReward:
      typeof reward === 'number'
        ? reward
        : reward === null || completion['unscorable'] !== undefined
          ? null
          : undefined,
  };
}

const LABELS: ReadonlyMap<JsonValue, boolean> = new Map<JsonValue, boolean>([
  ...[true, 1, '1', 'true', 'yes', 'correct', 'right', 'equivalent'].map((said) => [said, true] as const),
  ...[false, 0, '0', 'false', 'no', 'incorrect', 'wrong', 'different'].map((said) => [said, false] as const),
]);

/** Undefined for what is no label of right or wrong: files of other tools have labels of other kinds. */
function labelOf(said: JsonValue | undefined): boolean | undefined {
  if (said === undefined) return undefined;
  return LABELS.get(typeof said === 'string' ? said.trim().toLowerCase() : said);
}

function pick(object: JsonObject, keys: readonly string[]): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
}

function omit(object: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
