// The ground truth of a dialect's own field, whatever it is called there: a plain value, a list of values that are all right,
// or an object that says more. Values are never repeated in an error.

import { z } from 'zod';
import { decodeReward } from '../../contract/decode-recipe.ts';
import { LIMITS } from '../../contract/limits.ts';
import { reward } from '../../contract/schemas/recipe.ts';
import { filledText, id, list, name, object } from '../../contract/schemas/values.ts';
import { must, refusal } from '../../contract/wording.ts';
import type { ScoreGroup } from '../../core/calls.ts';
import { invalidArgument } from '../../core/errors.ts';
import type { PairId } from '../../core/ids.ts';
import type { Recipe } from '../../core/recipe.ts';

const WORDS =
  'the ground truth: a text, a number, true or false, a list of such, or an object with ground_truth';

const plain = z.union([filledText(LIMITS.answerCharsMax), z.number(), z.boolean()], {
  error: must('a text, a number, true or false'),
});
const plains = list(plain, 1, LIMITS.aliasesMax, 'answers');
const answers = z.union([plain, plains], {
  error: must('a text, a number, true or false, or a list of such'),
});

const labelObject = object('a label', {
  ground_truth: answers.optional(),
  aliases: plains.optional(),
  choices: list(filledText(LIMITS.answerCharsMax), 1, LIMITS.choicesMax, 'choices').optional(),
  dataset: name().optional(),
  pair_id: id().optional(),
  reward: reward.optional(),
});

const label = z.union([plain, plains, labelObject], { error: must(WORDS) });

type Plain = z.output<typeof plain>;

export interface Label {
  readonly reference: ScoreGroup['reference'];
  /** The recipe that the label itself names. */
  readonly reward: Recipe | undefined;
}

/**
 * @param field what the value is called where it came from, for example `labels[0]`; empty for the body itself
 * @throws EnvError `invalid_argument` that names the field at fault
 */
export function readLabel(value: unknown, field: string): Label {
  const parsed = label.safeParse(value);
  if (!parsed.success) throw refusal(parsed.error.issues, field);
  const read = parsed.data;
  if (typeof read !== 'object') return inline([read]);
  if (Array.isArray(read)) return inline(read);
  const { ground_truth: truth, aliases = [], choices = [], dataset, pair_id: pairId } = read;
  const own = { reward: decodeReward(read.reward) };
  if (truth !== undefined) {
    if (pairId !== undefined || dataset !== undefined) {
      const stray = pairId === undefined ? 'dataset' : 'pair_id';
      throw invalidArgument(`${field}.${stray}`, 'Must be absent beside ground_truth');
    }
    return { ...inline([...(Array.isArray(truth) ? truth : [truth]), ...aliases], choices), ...own };
  }
  if (pairId === undefined || dataset === undefined) {
    throw invalidArgument(`${field}.ground_truth`, 'Is missing: a label needs it, or pair_id with dataset');
  }
  return { reference: { kind: 'row', dataset, pairId: pairId as PairId }, ...own };
}

function inline(answersOf: readonly Plain[], choices: readonly string[] = []): Label {
  const [answer = '', ...aliases] = answersOf.map((each) => String(each).toWellFormed());
  return {
    reference: {
      kind: 'inline',
      groundTruth: { answer, aliases },
      choices: choices.map((choice) => choice.toWellFormed()),
    },
    reward: undefined,
  };
}
