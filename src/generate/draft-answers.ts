// Compares answers with the answer of a draft, by the verifier that will score the finished pair. Stages have no other way
// to tell whether two answers are the same.

import { inferAnswerType } from '../core/answer-type.ts';
import { extractAnswer } from '../core/answer.ts';
import type { JsonObject } from '../core/json.ts';
import type { AnswerType, GroundTruth } from '../core/qa-pair.ts';
import { defaultVerifier, findVerifier } from '../core/verifiers/table.ts';
import { incorrect, unusable } from '../core/verifiers/verifier.ts';
import type { Verdict, Verifier } from '../core/verifiers/verifier.ts';
import type { Draft } from './item.ts';

/** Heavy verifiers run in this very process here: they look at no longer answers. */
const HEAVY_CHARS_MAX = 1_000;

/** The stated answer type, or what the answer looks like. */
export function answerTypeOf(draft: Draft): AnswerType {
  return draft.answerType ?? inferAnswerType(draft.answer, draft.choices);
}

export function groundTruthOf(draft: Draft): GroundTruth {
  return { answer: draft.answer, aliases: draft.aliases };
}

/** The rule that compares answers of this draft: the first of its own recipe, else the one of its answer type. */
export function verifierOf(draft: Draft): { readonly verifier: Verifier; readonly options: JsonObject } {
  for (const use of draft.reward?.scorers ?? []) {
    const verifier = findVerifier(use.name);
    if (verifier?.reads === 'answer') return { verifier, options: verifier.parseOptions(use.options) };
  }
  const name = defaultVerifier(answerTypeOf(draft));
  const verifier = findVerifier(name);
  if (verifier === undefined) throw new TypeError(`There is no verifier "${name}"`);
  return { verifier, options: verifier.parseOptions({}) };
}

/** What the draft's verifier says of `answer`, as a trainer's completion would be judged. */
export function compareAnswer(draft: Draft, answer: string): Verdict {
  return compareTexts(draft, answer, groundTruthOf(draft));
}

/** What the draft's verifier says of `answer` where `groundTruth` stands in for the draft's own. */
export function compareTexts(draft: Draft, answer: string, groundTruth: GroundTruth): Verdict {
  const { verifier, options } = verifierOf(draft);
  const input = {
    answer,
    groundTruth,
    choices: draft.choices ?? [],
    promptText: draft.question,
    options,
  };
  if (verifier.quick === undefined) return verifier.verify(input);
  const quick = verifier.quick(input);
  if (quick !== undefined) return quick;
  if (groundTruth.answer.length > HEAVY_CHARS_MAX) return unusable('the ground truth is too long');
  if (answer.length > HEAVY_CHARS_MAX) return incorrect('too long to be an answer');
  return verifier.verify(input);
}

/** The answer that a completion gives, found as it is found in a trainer's completions; undefined when it gives none. */
export function answerIn(draft: Draft, completion: string): string | undefined {
  return extractAnswer(completion, verifierOf(draft).verifier.fallback)?.answer;
}
