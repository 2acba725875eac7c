// What can be wrong with a pair as far as its strings tell. Cheap and certain, so it is asked before any model; each flaw has a
// reason of its own, and those of the question's wording can be mended by a rewrite.

import { textAtBytes } from '../../core/quote-search.ts';
import { answerTypeOf } from '../draft-answers.ts';
import type { PairItem } from '../item.ts';
import { asksSomething, citationIn, danglingIn, timeBoundIn } from './question-wording.ts';
import { statedIn } from './stated-answer.ts';

export interface Flaw {
  readonly reason: string;
  readonly detail: string;
  /** Whether another wording of the question can mend it. */
  readonly isOfWording: boolean;
}

export interface FlawLimits {
  readonly questionCharsMin: number;
  readonly questionCharsMax: number;
  readonly answerCharsMax: number;
  readonly answerWordsMax: number;
  /** Whether the evidence must state the answer, where it is of a type that can be looked up. */
  readonly needsEvidence: boolean;
  /** Whether the question holds the text that it is about: then it may point at it, state its answer there, and give any order. */
  readonly bringsOwnText: boolean;
}

export const USUAL_LIMITS: FlawLimits = {
  questionCharsMin: 10,
  questionCharsMax: 2_000,
  answerCharsMax: 200,
  answerWordsMax: 20,
  needsEvidence: true,
  bringsOwnText: false,
};

/** Yes and no stand in few texts; a formula may be written in many ways; options are part of their question. */
const LOOKED_UP: ReadonlySet<string> = new Set(['text', 'number', 'quantity', 'date']);
const SHOWN_IN_QUESTION: ReadonlySet<string> = new Set(['boolean', 'choice', 'pattern']);

/** The first flaw of a pair; undefined when there is none. */
export function flawOf(item: PairItem, limits: FlawLimits): Flaw | undefined {
  return sizeFlaw(item, limits) ?? wordingFlaw(item, limits) ?? evidenceFlaw(item, limits);
}

function sizeFlaw({ draft }: PairItem, limits: FlawLimits): Flaw | undefined {
  const [question, answer] = [draft.question.trim(), draft.answer.trim()];
  if (question.length < limits.questionCharsMin) return final('empty_question', `"${question}"`);
  if (answer === '') return final('empty_answer', question);
  if (question.length > limits.questionCharsMax) {
    return final('long_question', `${question.length} characters`);
  }
  const words = answer.split(/\s+/u).length;
  if (answer.length > limits.answerCharsMax || words > limits.answerWordsMax) {
    return final('long_answer', answer);
  }
  if (limits.bringsOwnText || asksSomething(question)) return undefined;
  return ofWording('not_a_question', question);
}

function wordingFlaw({ draft }: PairItem, { bringsOwnText }: FlawLimits): Flaw | undefined {
  const { question } = draft;
  if (bringsOwnText) return timeFlaw(question);
  const cited = citationIn(question);
  if (cited !== undefined) return ofWording('cites_passage', `"${cited}": ${question}`);
  const dangling = danglingIn(question);
  if (dangling !== undefined) return ofWording('dangling_reference', `"${dangling}": ${question}`);
  const timeBound = timeFlaw(question);
  if (timeBound !== undefined) return timeBound;
  if (SHOWN_IN_QUESTION.has(answerTypeOf(draft)) || draft.choices !== undefined) return undefined;
  const leak = statedIn(question, draft);
  return leak === undefined ? undefined : ofWording('leaks_answer', `"${leak}": ${question}`);
}

function timeFlaw(question: string): Flaw | undefined {
  const timeBound = timeBoundIn(question);
  return timeBound === undefined ? undefined : ofWording('depends_on_time', `"${timeBound}": ${question}`);
}

function evidenceFlaw(item: PairItem, limits: FlawLimits): Flaw | undefined {
  const { draft, passage } = item;
  if (!limits.needsEvidence || draft.evidence === undefined || passage === undefined) return undefined;
  if (!LOOKED_UP.has(answerTypeOf(draft))) return undefined;
  const evidence = textAtBytes(passage.text, draft.evidence, passage.span.start);
  if (statedIn(evidence, draft) !== undefined) return undefined;
  return final('answer_not_in_evidence', `"${draft.answer}" is not in "${evidence}"`);
}

function final(reason: string, detail: string): Flaw {
  return { reason, detail, isOfWording: false };
}

function ofWording(reason: string, detail: string): Flaw {
  return { reason, detail, isOfWording: true };
}
