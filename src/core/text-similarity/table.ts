// Name → measure of how alike two texts are. The names are those of OpenAI's text similarity graders.

import { bleu } from './bleu.ts';
import { fuzzyMatch } from './fuzzy-match.ts';
import { gleu } from './gleu.ts';
import { meteor } from './meteor.ts';
import { rougeL, rougeN } from './rouge.ts';

/** In [0, 1], 1 for texts that are the same to the measure. */
export type TextSimilarity = (text: string, reference: string) => number;

export const TEXT_SIMILARITIES: ReadonlyMap<string, TextSimilarity> = new Map<string, TextSimilarity>([
  ['fuzzy_match', fuzzyMatch],
  ['bleu', bleu],
  ['gleu', gleu],
  ['meteor', meteor],
  ...[1, 2, 3, 4, 5].map(
    (n) => [`rouge_${n}`, (text: string, reference: string) => rougeN(text, reference, n)] as const,
  ),
  ['rouge_l', rougeL],
]);
