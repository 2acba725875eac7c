// The request and reply bodies of servers of reward models, one dialect each. Pure: it sends nothing. A reply that is not
// what the dialect says is refused whole; a number in the wrong place would train on another completion's score.

import { isJsonObject } from '../core/canonical-json.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { ServedKind, TextFrame } from '../core/scorer-config.ts';
import type { ServedText } from '../ports/served-reward-model.ts';

export interface DialectSettings {
  readonly model: string | undefined;
  /** Which of several numbers: a label's index, or its name where the dialect has names. Default: the last or only one. */
  readonly label: string | number | undefined;
  readonly frame: TextFrame;
}

export interface Dialect {
  canShare(a: ServedText, b: ServedText): boolean;
  body(texts: readonly ServedText[], settings: DialectSettings): JsonObject;
  /** One number for each of `count` texts, or a few words on what is wrong with the reply. */
  read(reply: unknown, count: number, settings: DialectSettings): readonly number[] | string;
}

const always = (): boolean => true;

/** vLLM's classification: class probabilities or, without activation, raw logits. */
const vllmClassify: Dialect = {
  canShare: always,
  body: (texts, { model, frame }) => ({
    ...(model !== undefined && { model }),
    input: texts.map((text) => framed(text, frame)),
    use_activation: false,
  }),
  read: (reply, count, { label }) => readData(reply, count, (item) => pick(item['probs'], label)),
};

/** SGLang and vLLM serve reward models as embeddings whose last number is the reward. */
const embeddings: Dialect = {
  canShare: always,
  body: (texts, { model, frame }) => ({
    ...(model !== undefined && { model }),
    input: texts.map((text) => framed(text, frame)),
  }),
  read: (reply, count, { label }) => readData(reply, count, (item) => pick(item['embedding'], label)),
};

/** text-embeddings-inference, sequence classification: a list of labelled scores for each text or pair. */
const teiPredict: Dialect = {
  canShare: always,
  body: (texts) => ({
    inputs: texts.map(({ first, second }) => (second === undefined ? [first] : [first, second])),
    raw_scores: true,
  }),
  read: (reply, count, { label }) => {
    if (!Array.isArray(reply) || reply.length !== count) return `no list of ${count} predictions`;
    return numbers(reply, (item) => labelledScore(item, label));
  },
};

/** text-embeddings-inference, cross-encoder: one query against many texts, answered in order of score. */
const teiRerank: Dialect = {
  canShare: (a, b) => a.first === b.first,
  body: (texts) => ({
    query: texts[0]?.first ?? '',
    texts: texts.map(({ second }) => second ?? ''),
    raw_scores: true,
  }),
  read: (reply, count) => readIndexed(reply, count, (item) => item['score']),
};

/** The remote reward model of OpenRLHF. */
const getReward: Dialect = {
  canShare: always,
  body: (texts, { frame }) => ({
    query: texts.map((text) => framed(text, frame)),
    prompts: texts.map(({ question }) => question),
    labels: texts.map(({ groundTruth }) => groundTruth),
  }),
  read: (reply, count) => {
    const rewards = isJsonObject(reply) ? reply['rewards'] : undefined;
    if (!Array.isArray(rewards) || rewards.length !== count) return `no list of ${count} rewards`;
    return numbers(rewards, (item) =>
      Array.isArray(item) && item.length === 1 ? (item[0] as unknown) : item,
    );
  },
};

/** Embeddings of OpenAI's kind, two for each pair of texts: the cosine between them. */
const cosine: Dialect = {
  canShare: always,
  body: (texts, { model }) => ({
    ...(model !== undefined && { model }),
    input: texts.flatMap(({ first, second }) => [first, second ?? '']),
    encoding_format: 'float',
  }),
  read: (reply, count) => {
    const data = isJsonObject(reply) ? reply['data'] : undefined;
    const vectors: (readonly unknown[])[] = [];
    // The numbers are what the places are checked with; the vectors come along.
    const placed = readIndexed(data, 2 * count, (item) => (Array.isArray(item['embedding']) ? 1 : undefined));
    if (typeof placed === 'string') return placed;
    for (const [place, item] of (data as readonly JsonObject[]).entries()) {
      vectors[Number(item['index'] ?? place)] = item['embedding'] as readonly unknown[];
    }
    const cosines = Array.from({ length: count }, (_, at) => cosineOf(vectors[2 * at], vectors[2 * at + 1]));
    return numbers(cosines, (number) => number);
  },
};

/** Undefined for vectors of different lengths, without a direction, or of anything but numbers. */
function cosineOf(a: readonly unknown[] = [], b: readonly unknown[] = []): number | undefined {
  if (a.length !== b.length) return undefined;
  let [product, ofA, ofB] = [0, 0, 0];
  for (let at = 0; at < a.length; at += 1) {
    const [x, y] = [a[at], b[at]];
    if (typeof x !== 'number' || typeof y !== 'number') return undefined;
    product += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return ofA > 0 && ofB > 0 ? product / Math.sqrt(ofA * ofB) : undefined;
}

export const DIALECTS: Readonly<Record<ServedKind, Dialect>> = {
  vllm_classify: vllmClassify,
  embeddings,
  tei_predict: teiPredict,
  tei_rerank: teiRerank,
  get_reward: getReward,
  cosine,
};

function framed({ first, second }: ServedText, { before, between, after }: TextFrame): string {
  return `${before}${first}${second === undefined ? '' : `${between}${second}`}${after}`;
}

/** OpenAI's way: `data`, whose items say which input they are of. */
function readData(
  reply: unknown,
  count: number,
  numberOf: (item: JsonObject) => unknown,
): readonly number[] | string {
  return readIndexed(isJsonObject(reply) ? reply['data'] : undefined, count, numberOf);
}

/** Items in any order that say their index, or, if none does, in the order of the request. */
function readIndexed(
  items: unknown,
  count: number,
  numberOf: (item: JsonObject) => unknown,
): readonly number[] | string {
  if (!Array.isArray(items) || items.length !== count) return `no list of ${count} results`;
  const placed: unknown[] = [];
  for (const [place, item] of (items as readonly JsonValue[]).entries()) {
    if (!isJsonObject(item)) return `result ${place} is no object`;
    const index = item['index'] ?? place;
    if (
      typeof index !== 'number' ||
      !Number.isInteger(index) ||
      index < 0 ||
      index >= count ||
      index in placed
    ) {
      return `result ${place} is of no text, or of one that has a result`;
    }
    placed[index] = numberOf(item);
  }
  return numbers(placed, (item) => item);
}

function numbers(
  items: readonly unknown[],
  numberOf: (item: unknown) => unknown,
): readonly number[] | string {
  const found: number[] = [];
  for (const [place, item] of items.entries()) {
    const number = numberOf(item);
    if (typeof number !== 'number' || !Number.isFinite(number)) return `result ${place} has no number`;
    found.push(number);
  }
  return found;
}

function pick(row: unknown, label: string | number | undefined): unknown {
  if (!Array.isArray(row)) return undefined;
  return (row as readonly unknown[]).at(typeof label === 'number' ? label : -1);
}

function labelledScore(row: unknown, label: string | number | undefined): unknown {
  if (!Array.isArray(row)) return undefined;
  const items = (row as readonly unknown[]).filter(isJsonObject);
  const named = label === undefined ? undefined : items.find((item) => item['label'] === String(label));
  return (label === undefined && items.length === 1 ? items[0] : named)?.['score'];
}
