// Which texts a reward model is given for one answer. Texts are data here: no template, nothing a completion could imitate
// but the separator between question and ground truth, which is not the completion's to write.

import type { ModelTexts, RewardModelInput } from '../../core/reward-model.ts';
import type { VerifierInput } from '../../core/verifiers/verifier.ts';

/** Most ground truths that are tried: the answer itself and its first aliases. */
export const GROUND_TRUTHS_MAX = 8;

/** One entry for each ground truth that counts; the best score of them is the score. Never empty. */
export function modelTexts(input: RewardModelInput, given: VerifierInput): readonly ModelTexts[] {
  const { answer, promptText } = given;
  switch (input) {
    case 'answer':
      return [{ first: answer }];
    case 'question_answer':
      return [{ first: promptText, second: answer }];
    case 'ground_truth_answer':
      return groundTruths(given).map((groundTruth) => ({ first: groundTruth, second: answer }));
    case 'question_ground_truth_answer':
      return groundTruths(given).map((groundTruth) => ({
        first: `${promptText}\n${groundTruth}`,
        second: answer,
      }));
    default:
      return input satisfies never;
  }
}

/** Whether the model needs the question. */
export function readsQuestion(input: RewardModelInput): boolean {
  return input === 'question_answer' || input === 'question_ground_truth_answer';
}

function groundTruths({ groundTruth }: VerifierInput): readonly string[] {
  return [groundTruth.answer, ...groundTruth.aliases].slice(0, GROUND_TRUTHS_MAX);
}
