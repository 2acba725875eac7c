// Small QA pairs for tests that need rows and do not care which.

import { pairIdOf } from '../../src/core/pair-id.ts';
import type { QaPair } from '../../src/core/qa-pair.ts';

/** A pair with the id of its prompt; everything but the question may be left out. */
export function pairWith(fields: Partial<Omit<QaPair, 'pairId'>> & Pick<QaPair, 'question'>): QaPair {
  return {
    groundTruth: { answer: '42', aliases: [] },
    answerType: 'number',
    provenance: {},
    split: 'train',
    ...fields,
    pairId: pairIdOf(fields),
  };
}

/** `count` pairs with questions "Question <from>" and on, and the number as ground truth. */
export function numberedPairs(
  count: number,
  fields: Partial<Omit<QaPair, 'pairId'>> = {},
  from = 0,
): QaPair[] {
  return Array.from({ length: count }, (_, index) =>
    pairWith({
      groundTruth: { answer: String(from + index), aliases: [] },
      ...fields,
      question: `Question ${from + index}`,
    }),
  );
}
