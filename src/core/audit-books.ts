// What judges were asked for and what it cost, and how the verdicts of cheap scorers stood up to a judge's: the part of a
// run's books that is about judging.

import { agreementOf, confusionOf, type Confusion } from './agreement.ts';
import type { AuditAccount } from './calls.ts';
import { verdictsOf, type Cost } from './score.ts';

/** Where a cheap verdict comes from. Domain and answer type are empty where nobody knows them. */
export interface AuditPlace {
  readonly scorer: string;
  readonly domain: string;
  readonly answerType: string;
}

/** One cheap verdict that a judge looked at as well. */
export interface AuditResult {
  readonly place: AuditPlace;
  /** In [0, 1]. */
  readonly score: number;
  /** Undefined: the judge could not tell. */
  readonly judgeScore: number | undefined;
  /** Undefined when the judge refused to look. */
  readonly cost: Cost | undefined;
}

/** As plain data, for the store. */
export interface JudgingRecord {
  hits: number;
  misses: number;
  /** Of verdicts whose price is known. */
  usd: number;
  /** Verdicts whose price is not. */
  unpriced: number;
  /** As far as the judges' servers say. */
  promptTokens: number;
  completionTokens: number;
  audits: Record<string, { -readonly [Count in keyof Confusion]: number } & { unjudged: number }>;
}

export function emptyJudging(): JudgingRecord {
  return { hits: 0, misses: 0, usd: 0, unpriced: 0, promptTokens: 0, completionTokens: 0, audits: {} };
}

/** Places told apart; all beyond are counted under the domain "(other)", so that the books stay small. */
const PLACES_MAX = 256;
const OTHER_DOMAIN = '(other)';

export function bookCost(record: JudgingRecord, cost: Cost): void {
  const { asked, known } = verdictsOf(cost);
  const { usd } = cost;
  record.hits += known;
  record.misses += asked;
  record.promptTokens += cost.promptTokens;
  record.completionTokens += cost.completionTokens;
  if (usd === null) record.unpriced += 1;
  else record.usd += usd;
}

export function bookAudit(record: JudgingRecord, { place, score, judgeScore, cost }: AuditResult): void {
  if (cost !== undefined) bookCost(record, cost);
  const { audits } = record;
  const named = keyOf(place);
  const isNew = !Object.hasOwn(audits, named) && Object.keys(audits).length >= PLACES_MAX;
  const key = isNew ? keyOf({ ...place, domain: OTHER_DOMAIN }) : named;
  const counts = (audits[key] ??= { bothYes: 0, onlyScorer: 0, onlyJudge: 0, bothNo: 0, unjudged: 0 });
  if (judgeScore === undefined) counts.unjudged += 1;
  else counts[confusionOf({ scorer: score, judge: judgeScore })] += 1;
}

/** What all judging cost, or undefined when a price was unknown. */
export function costOf({ usd, unpriced }: JudgingRecord): number | undefined {
  return unpriced > 0 ? undefined : usd;
}

export function auditAccounts({ audits }: JudgingRecord): readonly AuditAccount[] {
  return Object.entries(audits).map(([key, counts]) => ({
    ...placeOf(key),
    ...counts,
    ...agreementOf(counts),
  }));
}

/** An array as text: names may hold any character. */
function keyOf({ scorer, domain, answerType }: AuditPlace): string {
  return JSON.stringify([scorer, domain, answerType]);
}

function placeOf(key: string): AuditPlace {
  const [scorer, domain, answerType] = JSON.parse(key) as [string, string, string];
  return { scorer, domain, answerType };
}
