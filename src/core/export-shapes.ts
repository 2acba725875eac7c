// The shapes that a dataset is written in, for other programs and for ourselves: which columns, of which types, and how a QA
// pair becomes a row. All but `trainer` and `nemo-gym` hold ground truths: they are for the operator, never for a rollout client.

import { canonicalJson } from './canonical-json.ts';
import { EnvError } from './errors.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { pairToJson } from './pair-json.ts';
import { choiceLetter, type Message } from './prompt.ts';
import type { QaPair } from './qa-pair.ts';
import type { Recipe } from './recipe.ts';

/** Column types: `json` is a value of varying shape, an object in JSON lines and JSON text in a table. */
export type ColumnType =
  | 'text'
  | 'texts'
  | 'number'
  | 'integer'
  | 'json'
  | 'messages'
  | { readonly [member: string]: ColumnType };

export interface ExportColumn {
  readonly name: string;
  readonly type: ColumnType;
}

export interface ExportContext {
  readonly dataset: string;
  /** The dataset's recipe, which rows without their own inherit. */
  readonly reward: Recipe | undefined;
  /** Of the row within its split. */
  readonly ordinal: number;
}

export interface ExportShape {
  readonly name: string;
  readonly summary: string;
  readonly columns: readonly ExportColumn[];
  /** @throws EnvError `failed_precondition` for a pair that the shape has no place for */
  rowOf(pair: QaPair, context: ExportContext): JsonObject;
}

/** Ours: everything, read back as the same version. The recipe is written into the row, so that the file says it all. */
const native: ExportShape = {
  name: 'native',
  summary: 'everything that is known of a row; import reads it back as the same version',
  columns: [
    { name: 'pair_id', type: 'text' },
    { name: 'question', type: 'text' },
    { name: 'messages', type: 'messages' },
    { name: 'choices', type: 'texts' },
    { name: 'ground_truth', type: 'text' },
    { name: 'aliases', type: 'texts' },
    { name: 'answer_type', type: 'text' },
    { name: 'reward', type: 'json' },
    { name: 'domain', type: 'text' },
    { name: 'persona', type: 'text' },
    { name: 'pass_rate', type: 'number' },
    { name: 'split', type: 'text' },
    { name: 'provenance', type: 'json' },
  ],
  rowOf(pair, { reward }) {
    const { messages, ...row } = pairToJson({ ...pair, reward: pair.reward ?? reward });
    return messages === undefined ? { ...row } : { ...row, messages: messageRows(messages) };
  },
};

const verl: ExportShape = {
  name: 'verl',
  summary: 'data_source, prompt, ability, reward_model {style, ground_truth}, extra_info',
  columns: [
    { name: 'data_source', type: 'text' },
    { name: 'prompt', type: 'messages' },
    { name: 'ability', type: 'text' },
    { name: 'reward_model', type: { style: 'text', ground_truth: 'text' } },
    {
      name: 'extra_info',
      type: { split: 'text', index: 'integer', pair_id: 'text', answer_type: 'text', aliases: 'texts' },
    },
  ],
  rowOf(pair, { dataset, ordinal }) {
    const { groundTruth, provenance } = pair;
    const source = provenance.extra?.['data_source'];
    return {
      data_source: typeof source === 'string' ? source : dataset,
      prompt: promptOf(pair),
      ability: pair.domain ?? '',
      reward_model: { style: 'rule', ground_truth: groundTruth.answer },
      extra_info: {
        split: pair.split,
        index: ordinal,
        pair_id: pair.pairId,
        answer_type: pair.answerType,
        aliases: groundTruth.aliases,
      },
    };
  },
};

const webscaleRl: ExportShape = {
  name: 'webscale-rl',
  summary: 'pretrain_text, question, answer, domain, persona',
  columns: ['pretrain_text', 'question', 'answer', 'domain', 'persona'].map((name) => ({
    name,
    type: 'text',
  })),
  rowOf(pair) {
    const text = pair.provenance.extra?.['pretrain_text'];
    return {
      pretrain_text: typeof text === 'string' ? text : '',
      question: questionText(pair),
      answer: pair.groundTruth.answer,
      domain: pair.domain ?? '',
      persona: pair.persona ?? '',
    };
  },
};

const promptCompletion: ExportShape = {
  name: 'prompt-completion',
  summary: 'prompt, completion (the ground truth)',
  columns: ['prompt', 'completion'].map((name) => ({ name, type: 'text' })),
  rowOf: (pair) => ({ prompt: questionText(pair), completion: pair.groundTruth.answer }),
};

/**
 * What trainers hand back to be scored: where the row is, and not its ground truth. Who trains needs no answers, and the row is
 * scored by its own recipe, with its aliases and choices.
 */
const LABEL = { dataset: 'text', pair_id: 'text' } as const;

/** One file for all who read prompts and hand a label back: TRL, OpenRLHF, slime, miles by name, verl by its own columns. */
const trainer: ExportShape = {
  name: 'trainer',
  summary: 'prompt, label {dataset, pair_id}, and the columns of verl; without ground truths',
  columns: [
    { name: 'prompt', type: 'messages' },
    { name: 'label', type: LABEL },
    { name: 'data_source', type: 'text' },
    { name: 'reward_model', type: { style: 'text', ground_truth: LABEL } },
    { name: 'extra_info', type: { split: 'text', index: 'integer' } },
  ],
  rowOf(pair, { dataset, ordinal }) {
    const label = { dataset, pair_id: pair.pairId };
    return {
      prompt: promptOf(pair),
      label,
      data_source: dataset,
      reward_model: { style: 'rule', ground_truth: label },
      extra_info: { split: pair.split, index: ordinal },
    };
  },
};

/** Rows of NeMo Gym, for its agent server named as in our example. */
const nemoGym: ExportShape = {
  name: 'nemo-gym',
  summary: 'responses_create_params, agent_ref, dataset, pair_id; without ground truths',
  columns: [
    { name: 'responses_create_params', type: { input: 'messages' } },
    { name: 'agent_ref', type: { type: 'text', name: 'text' } },
    { name: 'dataset', type: 'text' },
    { name: 'pair_id', type: 'text' },
  ],
  rowOf: (pair, { dataset }) => ({
    responses_create_params: { input: promptOf(pair) },
    agent_ref: { type: 'responses_api_agents', name: 'groupwise_simple_agent' },
    dataset,
    pair_id: pair.pairId,
  }),
};

export const EXPORT_SHAPES: readonly ExportShape[] = [
  native,
  verl,
  webscaleRl,
  promptCompletion,
  trainer,
  nemoGym,
];

function promptOf(pair: QaPair): readonly JsonObject[] {
  const { question } = pair;
  return messageRows(
    typeof question === 'string' ? [{ role: 'user', content: questionText(pair) }] : question,
  );
}

/** A cell as a table holds it: values of varying shape become JSON text. */
export function tableCell(value: JsonValue | undefined, type: ColumnType): JsonValue {
  if (value === undefined || value === null) return null;
  return type === 'json' ? canonicalJson(value) : value;
}

/** The question as one text, with its options below it; a conversation of one message is that message. */
function questionText(pair: QaPair): string {
  const { question, choices = [] } = pair;
  const options = choices.map((choice, index) => `${choiceLetter(index)}. ${choice}`);
  if (typeof question === 'string') return [question, ...options].join('\n');
  const [only, ...more] = question;
  if (only !== undefined && more.length === 0) return [only.content, ...options].join('\n');
  throw new EnvError(
    'failed_precondition',
    `Cannot export pair ${pair.pairId} in this format: its prompt is a conversation of ${question.length} messages; jsonl, parquet and verl hold it`,
  );
}

function messageRows(messages: readonly Message[]): readonly JsonObject[] {
  return messages.map(({ role, content }) => ({ role, content }));
}
