// Words that make an answer something other than one claim. A hedge is never rewarded, in any verifier: a policy learns to
// write "7 or 8" within a few hundred training steps if it once pays.

/** Joins alternatives: the answer holds more than one claim. */
const HEDGES: ReadonlySet<string> = new Set([
  'or',
  'either',
  'neither',
  'nor',
  'maybe',
  'perhaps',
  'possibly',
  'probably',
  'might',
  'could',
  'may',
  'alternatively',
  'otherwise',
  'versus',
  'vs',
  'unless',
  'if',
  'depending',
  'depends',
  'guess',
  'unsure',
  'between',
]);

/** Turns a claim round, or bounds it instead of making it. */
const DENIALS: ReadonlySet<string> = new Set([
  'not',
  'no',
  'never',
  'none',
  'cannot',
  "can't",
  'incorrect',
  'wrong',
  'false',
  'except',
  'without',
  'excluding',
  'unlike',
  'than',
  'least',
  'most',
  'under',
  'over',
  'below',
  'above',
  'almost',
  'nearly',
  'minimum',
  'maximum',
  'up',
]);

export function isHedge(word: string): boolean {
  return HEDGES.has(word);
}

export function isDenial(word: string): boolean {
  return DENIALS.has(word) || word.endsWith("n't");
}
