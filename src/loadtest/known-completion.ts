// Completions that are known to be right or wrong, of a given length, in the shapes that policies write. Pure.

import { hash32 } from '../core/random.ts';

const REASONING =
  'Let us work this out step by step. First we add the ones and carry what is left over, then the tens, then the ' +
  'hundreds, and at the end we check the sum by taking one summand away again. ';

const ENDINGS: readonly ((answer: string) => string)[] = [
  (answer) => `\n\nThe sum is \\boxed{${answer}}.`,
  (answer) => `\n\n#### ${answer}`,
  (answer) => `\n\nAnswer: ${answer}`,
];

/** Whether member `member` of group `group` is to be right: about half are, and some groups are all one or the other. */
export function isRightMember(group: number, member: number): boolean {
  return hash32(group, member) % 2 === 0;
}

/**
 * A completion of exactly `chars` characters (ASCII, so bytes too), or as short as its ending allows, that ends in
 * `answer` when `isRight` and in the number after it when not.
 */
export function knownCompletion(known: {
  readonly answer: string;
  readonly isRight: boolean;
  readonly member: number;
  readonly chars: number;
}): string {
  const answer = known.isRight ? known.answer : String(Number(known.answer) + 1);
  const ending = (ENDINGS[known.member % ENDINGS.length] ?? String)(answer);
  const reasoningChars = Math.max(0, known.chars - ending.length);
  return REASONING.repeat(Math.ceil(reasoningChars / REASONING.length)).slice(0, reasoningChars) + ending;
}
