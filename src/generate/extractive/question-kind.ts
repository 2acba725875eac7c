// What a kind of question is: a reader of one sentence that proposes questions. It may propose boldly; whether a proposal is
// self-contained, leaks its answer or has a usable answer is judged once for all kinds, in `gate.ts`.

import type { AnswerType } from '../../core/qa-pair.ts';
import type { Sentence } from './sentence.ts';

export interface Proposal {
  readonly question: string;
  /** Where the answer stands in the sentence, in UTF-16 units: its text is taken from there. */
  readonly answer: { readonly start: number; readonly end: number };
  readonly aliases: readonly string[];
  readonly answerType: AnswerType;
}

export interface QuestionKind {
  /** In notes and reports: `definition`. */
  readonly name: string;
  propose(sentence: Sentence): readonly Proposal[];
}
