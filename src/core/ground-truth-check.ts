// Asks the verifier that will score a row whether it can use the row's ground truth at all. Found out at import, a bad
// ground truth is one rejected row; found out in training, it is a group of unscorable completions in every epoch.

import { EnvError } from './errors.ts';
import type { AnswerType, GroundTruth } from './qa-pair.ts';
import { defaultVerifier, findVerifier } from './verifiers/table.ts';
import type { Verifier } from './verifiers/verifier.ts';

/**
 * Why the verifier of an answer type cannot use a ground truth; undefined when it can, or when telling would take the
 * heavy part of a verifier, which runs only where it can be killed.
 */
export function whyUnusable(
  answerType: AnswerType,
  groundTruth: GroundTruth,
  choices: readonly string[] = [],
): string | undefined {
  const verifier = findVerifier(defaultVerifier(answerType));
  if (verifier === undefined) return undefined;
  if (answerType === 'pattern') return whyNoPattern(verifier, groundTruth);
  const input = {
    answer: groundTruth.answer,
    groundTruth,
    choices,
    promptText: '',
    options: verifier.parseOptions({}),
  };
  const verdict = verifier.quick === undefined ? verifier.verify(input) : verifier.quick(input);
  return verdict?.kind === 'unusable' ? verdict.reason : undefined;
}

/** A pattern is never tried on itself: compiling it, which its verifier does where a recipe states one, tells enough. */
function whyNoPattern(verifier: Verifier, { answer, aliases }: GroundTruth): string | undefined {
  try {
    for (const pattern of [answer, ...aliases]) verifier.parseOptions({ pattern });
    return undefined;
  } catch (error) {
    if (error instanceof EnvError)
      return 'the pattern is not a valid regular expression (Unicode mode), or too long';
    throw error;
  }
}
