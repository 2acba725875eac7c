// Drops pairs whose strings alone show a flaw: the answer in the question, "according to the text", a pointer to nothing. Asks no
// model, and stands before every stage that does.

import { z } from 'zod';

import { asPair } from '../item.ts';
import { dropped, kept, stageKind } from '../stage.ts';
import { flawOf, USUAL_LIMITS, type FlawLimits } from './string-flaws.ts';

const stringChecksOptions = () =>
  z.strictObject({
    question_chars_max: z.int().min(1).default(USUAL_LIMITS.questionCharsMax),
    answer_chars_max: z.int().min(1).default(USUAL_LIMITS.answerCharsMax),
    answer_words_max: z.int().min(1).default(USUAL_LIMITS.answerWordsMax),
    /** Whether the evidence, where a pair has one, must state the answer. */
    answer_in_evidence: z.boolean().default(USUAL_LIMITS.needsEvidence),
    /** For tasks with the text that they are put to: they point at it, and their answers often stand in it. */
    brings_own_text: z.boolean().default(USUAL_LIMITS.bringsOwnText),
  });
type StringChecksOptions = z.output<ReturnType<typeof stringChecksOptions>>;

export const stringChecks = stageKind({
  name: 'string_checks',
  summary:
    'Drops pairs by their strings: leaked answers, "according to the text", dangling references, long answers.',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  options: stringChecksOptions,
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 0.85 }),
  build: (options: StringChecksOptions) => {
    const limits: FlawLimits = {
      ...USUAL_LIMITS,
      questionCharsMax: options.question_chars_max,
      answerCharsMax: options.answer_chars_max,
      answerWordsMax: options.answer_words_max,
      needsEvidence: options.answer_in_evidence,
      bringsOwnText: options.brings_own_text,
    };
    return {
      kind: 'each',
      apply: async (item) => {
        const flaw = flawOf(asPair(item), limits);
        return flaw === undefined ? kept(item) : dropped(flaw.reason, flaw.detail);
      },
    };
  },
});
