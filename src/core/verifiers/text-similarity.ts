// How alike two texts are, by one of the measures of OpenAI's text similarity graders. Long texts are compared in a worker, which
// can be killed: subsequences grow with the product of both lengths.

import { comparedTexts, isVerdict, requireSample, TEXT_OPTIONS, textIn } from '../graders/compared-texts.ts';
import type { JsonObject } from '../json.ts';
import { TEXT_SIMILARITIES } from '../text-similarity/table.ts';
import { oneOf, readOptions } from './options.ts';
import type { Verdict, Verifier, VerifierInput } from './verifier.ts';

/** Ground truths that are tried: the answer itself and its first aliases. */
const TRUTHS_MAX = 8;
/** Characters of both texts, and their product, that are compared on the event loop. */
const QUICK_CHARS_MAX = 8_000;
const QUICK_PRODUCT_MAX = 2_000_000;

export const textSimilarityVerifier: Verifier = {
  name: 'text_similarity',
  summary:
    'How alike two texts with variables are: fuzzy_match, bleu, gleu, meteor, rouge_1 to rouge_5, rouge_l.',
  reads: 'completion',
  fallback: 'none',
  usesColumns: true,
  parseOptions(options: JsonObject): JsonObject {
    return requireSample(
      readOptions(options, {
        evaluation_metric: oneOf([...TEXT_SIMILARITIES.keys()], 'fuzzy_match'),
        ...TEXT_OPTIONS,
      }),
    );
  },
  quick(input: VerifierInput): Verdict | undefined {
    const { answer, groundTruth } = input;
    const truth = groundTruth.answer.length + textIn(input.options, 'reference').length;
    if (answer.length + truth > QUICK_CHARS_MAX || answer.length * truth > QUICK_PRODUCT_MAX)
      return undefined;
    return compare(input, ({ length }) => length <= QUICK_CHARS_MAX);
  },
  verify: (input) => compare(input, () => true) as Verdict,
};

/** The best score over all ground truths; undefined where a text is too long for `isFit`. */
function compare(input: VerifierInput, isFit: (text: string) => boolean): Verdict | undefined {
  const pairs = comparedTexts(input, TRUTHS_MAX);
  if (isVerdict(pairs)) return pairs;
  if (!pairs.every((pair) => isFit(pair.input) && isFit(pair.reference))) return undefined;
  const metric = textIn(input.options, 'evaluation_metric');
  const similarity = TEXT_SIMILARITIES.get(metric);
  if (similarity === undefined)
    throw new TypeError('Text similarity options were not checked by parseOptions');
  const score = Math.max(...pairs.map((pair) => similarity(pair.input, pair.reference)));
  return { kind: 'score', score, reason: `${metric} ${score.toFixed(3)}` };
}
