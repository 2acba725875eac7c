// More to learn from the same verdicts: what must hold as well when a verdict does, because to mean the same is symmetric,
// passes on, and does not hang on which number is meant. Only what is learnt from is varied; what is measured never is.

import type { Random } from '../../core/random.ts';

/** One ground truth beside one answer. */
export interface Comparison {
  readonly question: string;
  readonly groundTruth: string;
  readonly answer: string;
  readonly isEquivalent: boolean;
}

/** Shares of the comparisons that are varied in each way; the rest stays as it is. */
const SHARES = { renumbered: 0.25, miss: 0.3, turned: 0.1, hedged: 0.05 } as const;

/**
 * The comparison, or one that follows from it:
 *
 *   renumbered   the one number of the answer and the number that is the ground truth become others; the verdict stays
 *   miss         right for a ground truth, so not for another one: a number with one digit changed, or that of another question
 *   turned       the ground truth as the answer and the answer as the ground truth
 *   hedged       right, with a second candidate behind it: no answer any more
 *
 * @param others ground truths of other questions
 */
export function variantOf(comparison: Comparison, others: readonly string[], random: Random): Comparison {
  let left = random.next();
  const isFor = (share: number): boolean => {
    left -= share;
    return left < 0 && left >= -share;
  };
  if (isFor(SHARES.renumbered)) return renumbered(comparison, random) ?? comparison;
  if (!comparison.isEquivalent) return comparison;
  if (isFor(SHARES.miss)) return missed(comparison, others, random) ?? comparison;
  if (isFor(SHARES.turned))
    return { ...comparison, groundTruth: comparison.answer, answer: comparison.groundTruth };
  if (isFor(SHARES.hedged)) return hedged(comparison, others, random) ?? comparison;
  return comparison;
}

const WHOLE_NUMBER = /^-?\d{1,9}(?:\.\d{1,4})?$/u;
/** Numbers that stand by themselves: no letter, digit or sign of one around them. */
const NUMBERS =
  /(?<![\p{L}\p{N}.,/^_-])-?(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d{1,4})?(?![\p{L}\p{N}/^_]|[.,]\d)/gu;

function renumbered(comparison: Comparison, random: Random): Comparison | undefined {
  const { groundTruth, answer, isEquivalent } = comparison;
  const [only, ...more] = answer.match(NUMBERS) ?? [];
  if (!WHOLE_NUMBER.test(groundTruth) || only === undefined || more.length > 0) return undefined;
  // Digits elsewhere ("1/2", "x2") may mean anything.
  if (/\p{N}/u.test(answer.replace(only, ''))) return undefined;
  // "600 cents" is right for 6, and "6 cents" is wrong for it: there it is not the number alone that decides.
  if ((Number(only.replaceAll(',', '')) === Number(groundTruth)) !== isEquivalent) return undefined;
  const number = anyNumber(random);
  const other = isEquivalent ? number : (nearMiss(number, random) ?? anyNumber(random));
  if (!isEquivalent && Number(other) === Number(number)) return undefined;
  const written = random.next() < 0.5 ? other : styled(other, random);
  return { ...comparison, groundTruth: number, answer: answer.replace(only, () => written) };
}

/** The same number with commas, or with decimals that say nothing. */
function styled(number: string, random: Random): string {
  const [whole = '', decimals] = number.split('.');
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/gu, ',');
  if (random.next() < 0.7) return decimals === undefined ? grouped : `${grouped}.${decimals}`;
  return decimals === undefined ? `${whole}.0${random.next() < 0.5 ? '0' : ''}` : `${number}0`;
}

function missed(comparison: Comparison, others: readonly string[], random: Random): Comparison | undefined {
  const { groundTruth } = comparison;
  const isNumber = WHOLE_NUMBER.test(groundTruth);
  const other =
    isNumber && random.next() < 0.7
      ? nearMiss(groundTruth, random)
      : others[random.below(others.length || 1)];
  if (other === undefined || isAlike(other, comparison)) return undefined;
  return { ...comparison, groundTruth: other, isEquivalent: false };
}

function hedged(comparison: Comparison, others: readonly string[], random: Random): Comparison | undefined {
  const other = others[random.below(others.length || 1)];
  if (other === undefined || isAlike(other, comparison)) return undefined;
  const between = [' or ', ', ', '; ', ' / '][random.below(4)] ?? ', ';
  const [first, second] = random.next() < 0.5 ? [comparison.answer, other] : [other, comparison.answer];
  return { ...comparison, answer: `${first}${between}${second}`, isEquivalent: false };
}

/** Whether another ground truth may mean the same after all: then nothing follows. */
function isAlike(other: string, { groundTruth, answer }: Comparison): boolean {
  const key = bare(other);
  if (key === '' || key === bare(groundTruth) || key === bare(answer)) return true;
  return Number(key.replaceAll(',', '')) === Number(bare(groundTruth).replaceAll(',', ''));
}

function bare(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s$]+/gu, '');
}

/** One digit changed, added, taken away or exchanged with its neighbour, or the sign; undefined where the value stays. */
function nearMiss(number: string, random: Random): string | undefined {
  const at = random.below(number.length);
  const digit = String(random.below(10));
  const [head, here = '', next = ''] = [number.slice(0, at), number[at], number[at + 1]];
  if (!/\d/u.test(here)) return undefined;
  const changed = [
    `${head}${digit}${number.slice(at + 1)}`,
    `${head}${here}${digit}${number.slice(at + 1)}`,
    `${head}${number.slice(at + 1)}`,
    /\d/u.test(next) ? `${head}${next}${here}${number.slice(at + 2)}` : `${number}0`,
    number.startsWith('-') ? number.slice(1) : `-${number}`,
  ][random.below(5)];
  if (changed === undefined || !WHOLE_NUMBER.test(changed)) return undefined;
  return Number(changed) === Number(number) ? undefined : changed;
}

/** Few digits more often than many, some with a sign or with decimals. */
function anyNumber(random: Random): string {
  const digits = 1 + Math.min(random.below(6), random.below(6));
  const whole = String(random.below(10 ** digits));
  const sign = random.next() < 0.05 && whole !== '0' ? '-' : '';
  const decimals =
    random.next() < 0.15 ? `.${1 + random.below(9)}${random.next() < 0.5 ? random.below(10) : ''}` : '';
  return `${sign}${whole}${decimals}`;
}
