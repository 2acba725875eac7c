// Words in and around an answer: which may be dropped without changing what it claims, and which never may.

/** May stand before a value. */
export const LEADING_WORDS: ReadonlySet<string> = new Set(
  (
    'the answer answers is are final value values solution solutions equals equal to approximately about roughly exactly around ' +
    'therefore thus hence so we get have obtain result be total of sum it a an at'
  ).split(' '),
);

/** Change, limit or hedge a claim: an answer with one of them is prose, not a value with a remark. */
export const CLAIM_WORDS: ReadonlySet<string> = new Set(
  (
    'not no or nor neither either maybe perhaps possibly probably never none without except unless if when wrong incorrect ' +
    'false between than least most over under more less fewer up down minus plus times half double dozen hundred but ' +
    'to versus vs then cannot unknown any other others alternatively otherwise unsure guess think might could'
  ).split(' '),
);

export const MULTIPLIERS: ReadonlyMap<string, bigint> = new Map([
  ['thousand', 1_000n],
  ['million', 1_000_000n],
  ['billion', 1_000_000_000n],
  ['trillion', 1_000_000_000_000n],
  ['dozen', 12n],
]);

/** Runs of two or three small letters that are words, not products of symbols. */
export const SHORT_WORDS: ReadonlySet<string> = new Set(
  (
    'is the of to in no yes odd red all are not one two six ten men man day if for at by per as an it we so be has can ' +
    'get you our its way old new any set sum per non nor but out off up on sq am pm mon tue wed thu fri sat sun jan feb mar ' +
    'apr may jun jul aug sep oct nov dec he she his her big low box cat dog pen egg car bus tie win row top end air gas ice ' +
    'oil sea sky son who why how say see use vs etc'
  ).split(' '),
);

export const PERCENT_WORDS: ReadonlySet<string> = new Set('percent pct percentage percents'.split(' '));

const DIGIT_WORDS: readonly string[] =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen'.split(
    ' ',
  );

/** The base that a subscript names: `10`, `ten`. Undefined when it is none. */
export function namedBase(text: string): number | undefined {
  const base = /^\d{1,2}$/.test(text) ? Number(text) : DIGIT_WORDS.indexOf(text.toLowerCase());
  return base >= 2 && base <= 36 ? base : undefined;
}
