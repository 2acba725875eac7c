// What a training draws next: rows over and over, some of them as what follows from them.

import { EnvError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import type { EncodeComparison } from './encoding.ts';
import type { LabelledAnswer } from './labelled-answers.ts';
import type { Lesson } from './training.ts';
import { variantOf } from './variants.ts';

/** The rows over and over, each time in another order, each with one of its ground truths and perhaps as a variant. */
export function drawing(
  rows: readonly LabelledAnswer[],
  { encode, usesVariants }: { readonly encode: EncodeComparison; readonly usesVariants: boolean },
  random: Random,
): () => Lesson {
  const order = rows.map((_, index) => index);
  const others = [...new Set(rows.map(({ groundTruths }) => groundTruths[0]))];
  let at = order.length;
  const next = (): LabelledAnswer => {
    if (at >= order.length) {
      shuffle(order, random);
      at = 0;
    }
    const row = rows[order[at] ?? 0];
    at += 1;
    if (row === undefined) throw new RangeError('There are no rows to learn from');
    return row;
  };
  return () => {
    for (let tries = 0; ; tries += 1) {
      const { question, groundTruths, answer, isEquivalent } = next();
      const groundTruth = groundTruths[random.below(groundTruths.length)] ?? groundTruths[0];
      const plain = { question, groundTruth, answer, isEquivalent };
      const comparison = usesVariants ? variantOf(plain, others, random) : plain;
      const pair = encode(comparison);
      if (!pair.isTruncated) return { pair, isEquivalent: comparison.isEquivalent };
      if (tries > 10 * rows.length)
        throw new EnvError(
          'failed_precondition',
          'Cannot distil: no text fits into the tokens that the model takes',
        );
    }
  };
}

function shuffle(order: number[], random: Random): void {
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1);
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
}
