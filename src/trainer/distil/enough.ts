// What a distillation needs before it begins, so that it refuses with numbers instead of measuring nothing.

import { EnvError } from '../../core/errors.ts';
import { type LabelledAnswer, partsOf } from './labelled-answers.ts';

/** Below these there is nothing to learn from, or nothing to measure on. */
export const DISTIL_LEAST = { verdicts: 200, questions: 40, ofEachKind: 30, ofEachKindInPart: 3 } as const;

/** @throws EnvError `failed_precondition` with what there is and what is needed */
export function requireEnough(rows: readonly LabelledAnswer[], seed: number): void {
  const least = DISTIL_LEAST;
  const questions = new Set(rows.map(({ question }) => question)).size;
  const yes = rows.filter(({ isEquivalent }) => isEquivalent).length;
  const no = rows.length - yes;
  const has = `there are ${rows.length} verdicts (${yes} equivalent, ${no} different) on ${questions} questions`;
  const refuse = (need: string): never => {
    throw new EnvError('failed_precondition', `Cannot distil: ${has}, ${need}`);
  };
  if (rows.length < least.verdicts || questions < least.questions)
    refuse(`at least ${least.verdicts} on ${least.questions} are needed`);
  if (Math.min(yes, no) < least.ofEachKind) refuse(`at least ${least.ofEachKind} of each kind are needed`);
  for (const [name, part] of Object.entries(partsOf(rows, seed))) {
    const right = part.filter(({ isEquivalent }) => isEquivalent).length;
    if (Math.min(right, part.length - right) < least.ofEachKindInPart)
      refuse(
        `and the part "${name}" got ${part.length} of them, ${right} equivalent: ${least.ofEachKindInPart} of each kind are needed there`,
      );
  }
}
