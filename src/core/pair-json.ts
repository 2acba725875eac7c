// A QA pair as the JSON object that the store keeps and the native export writes: flat columns in the wire's names, so that
// JSONL, Parquet and the database agree to the letter, and a pair hashes the same wherever it lies.

import { isJsonObject } from './canonical-json.ts';
import type { JsonObject } from './json.ts';
import type { PairId } from './ids.ts';
import type { Message } from './prompt.ts';
import type { AnswerType, PairProvenance, QaPair } from './qa-pair.ts';
import { recipeFromJson, recipeToJson } from './recipe-json.ts';

/** One row, in the order of the native export. `question` or `messages`, never both; absent fields are absent keys. */
export interface PairJson {
  readonly pair_id: PairId;
  readonly question?: string;
  readonly messages?: readonly Message[];
  readonly choices?: readonly string[];
  readonly ground_truth: string;
  readonly aliases?: readonly string[];
  readonly answer_type: AnswerType;
  readonly reward?: JsonObject;
  readonly domain?: string;
  readonly persona?: string;
  readonly pass_rate?: number;
  readonly split: string;
  readonly provenance?: JsonObject;
}

export function pairToJson(pair: QaPair): PairJson {
  const { question, choices, groundTruth, reward, domain, persona, passRate } = pair;
  const provenance = provenanceToJson(pair.provenance);
  return {
    pair_id: pair.pairId,
    ...(typeof question === 'string'
      ? { question }
      : { messages: question.map(({ role, content }) => ({ role, content })) }),
    ...(choices === undefined || choices.length === 0 ? {} : { choices }),
    ground_truth: groundTruth.answer,
    ...(groundTruth.aliases.length === 0 ? {} : { aliases: groundTruth.aliases }),
    answer_type: pair.answerType,
    ...(reward === undefined ? {} : { reward: recipeToJson(reward) }),
    ...(domain === undefined ? {} : { domain }),
    ...(persona === undefined ? {} : { persona }),
    ...(passRate === undefined ? {} : { pass_rate: passRate }),
    split: pair.split,
    ...(Object.keys(provenance).length === 0 ? {} : { provenance }),
  };
}

/** Reads back what `pairToJson` wrote. For our own store only: foreign rows go through the layouts. */
export function pairFromJson(row: PairJson): QaPair {
  return {
    pairId: row.pair_id,
    question: row.question ?? row.messages ?? '',
    groundTruth: { answer: row.ground_truth, aliases: row.aliases ?? [] },
    answerType: row.answer_type,
    choices: row.choices,
    reward: row.reward === undefined ? undefined : recipeFromJson(row.reward, 'reward'),
    domain: row.domain,
    persona: row.persona,
    provenance: provenanceFromJson(row.provenance),
    passRate: row.pass_rate,
    split: row.split,
  };
}

function provenanceToJson(provenance: PairProvenance): JsonObject {
  const { documentId, span, generator, promptVersion, model, costUsd, extra } = provenance;
  return {
    ...(documentId === undefined ? {} : { document_id: documentId }),
    ...(span === undefined ? {} : { span: { start: span.start, end: span.end } }),
    ...(generator === undefined ? {} : { generator }),
    ...(promptVersion === undefined ? {} : { prompt_version: promptVersion }),
    ...(model === undefined ? {} : { model }),
    ...(costUsd === undefined ? {} : { cost_usd: costUsd }),
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** Provenance from its JSON form; a member of the wrong type is left out. */
export function provenanceFromJson(value: unknown): PairProvenance {
  if (!isJsonObject(value)) return {};
  const text = (key: string): string | undefined => {
    const member = value[key];
    return typeof member === 'string' ? member : undefined;
  };
  const span = value['span'];
  const start = isJsonObject(span) ? span['start'] : undefined;
  const end = isJsonObject(span) ? span['end'] : undefined;
  const cost = value['cost_usd'];
  const extra = value['extra'];
  return {
    documentId: text('document_id'),
    span: typeof start === 'number' && typeof end === 'number' ? { start, end } : undefined,
    generator: text('generator'),
    promptVersion: text('prompt_version'),
    model: text('model'),
    costUsd: typeof cost === 'number' ? cost : undefined,
    extra: isJsonObject(extra) ? extra : undefined,
  };
}
