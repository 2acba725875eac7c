// The answer that most of several answers give, told apart by the verifier that will score the finished pair. Answers that nobody
// can read are counted and never take another one's place: a list with gaps must not be indexed by one without.

import { answerIn, answerTypeOf, compareTexts } from '../draft-answers.ts';
import type { Draft } from '../item.ts';

export interface Tally {
  /** The answer with most votes, as its first voter wrote it; the draft's own where it is among them. */
  readonly answer: string;
  readonly votes: number;
  /** All that voted, readable or not. */
  readonly voters: number;
  /** Voters without an answer. */
  readonly unreadable: number;
}

/**
 * Counts the votes of completions, and of the draft's own answer as one more. Ties go to the answer that was seen first, the
 * draft's own before all. Undefined when nobody gives an answer.
 *
 * @param completions whole replies; undefined for one that could not be had
 */
export function tallyAnswers(draft: Draft, completions: readonly (string | undefined)[]): Tally | undefined {
  // Without an answer of its own, what each voter writes shows what kind of answer is meant.
  const typed = draft.answer === '' ? draft : { ...draft, answerType: answerTypeOf(draft) };
  const answers = [
    ...(draft.answer === '' ? [] : [draft.answer]),
    ...completions.flatMap((completion) => {
      const answer = completion === undefined ? undefined : answerIn(typed, completion);
      return answer === undefined ? [] : [answer];
    }),
  ];
  const voters = completions.length + (draft.answer === '' ? 0 : 1);
  const groups: { readonly answer: string; votes: number }[] = [];
  for (const answer of answers) {
    const group = groups.find((each) => isSame(typed, answer, each.answer));
    if (group === undefined) groups.push({ answer, votes: 1 });
    else group.votes += 1;
  }
  const best = groups.reduce<(typeof groups)[number] | undefined>(
    (most, group) => (most === undefined || group.votes > most.votes ? group : most),
    undefined,
  );
  if (best === undefined) return undefined;
  return { ...best, voters, unreadable: voters - answers.length };
}

function isSame(draft: Draft, answer: string, other: string): boolean {
  return compareTexts({ ...draft, answer: other }, answer, { answer: other, aliases: [] }).kind === 'correct';
}
