// What a run of plain letters means: a word of maths, a unit, a product of symbols, or just a word.

import { FUNCTIONS } from './commands.ts';
import type { TokenKind } from './token.ts';
import { unitNamed } from './units.ts';
import { PERCENT_WORDS, SHORT_WORDS } from './words.ts';

type Meaning = readonly [kind: TokenKind, text: string];

/** The tokens of a run. `following` is the text behind it, `isText` says that it stands in prose, where letters make words. */
export function lettersMeaning(run: string, following: string, isText: boolean): readonly Meaning[] {
  if (run.length === 1) return [letterMeaning(run)];
  const lower = run.toLowerCase();
  const known = knownWord(run, lower, following);
  if (known !== undefined) return [known];
  if (unitNamed(run, false) !== undefined) return [['unit', run]];
  if (!isText && isProduct(run, lower)) return Array.from(run, letterMeaning);
  if (!isText && /^(?:sin|cos|tan|ln|log)[a-z]$/.test(run)) {
    return [['function', run.slice(0, -1)], letterMeaning(run.slice(-1))];
  }
  return [['word', lower]];
}

function knownWord(run: string, lower: string, following: string): Meaning | undefined {
  const isFirstCapital = run.slice(1) === lower.slice(1);
  if (isFirstCapital && (lower === 'and' || lower === 'or')) return ['joiner', lower];
  if (lower === 'pi') return ['constant', 'pi'];
  if (lower === 'infinity' || lower === 'infty' || run === 'inf' || run === 'oo')
    return ['constant', 'infinity'];
  if (run === 'sqrt' || lower === 'mod') return ['command', lower];
  // "min" is minutes unless a bracket follows.
  const isMinutes = run === 'min' && !/^\s*[({\\]/.test(following);
  if (FUNCTIONS.has(run) && !isMinutes) return ['function', FUNCTIONS.get(run) ?? run];
  if (PERCENT_WORDS.has(lower)) return ['operator', '%'];
  return lower === 'degree' || lower === 'degrees' ? ['operator', '°'] : undefined;
}

/** `AB` and `xyz`, but not `is`. */
function isProduct(run: string, lower: string): boolean {
  if (run === run.toUpperCase()) return run.length <= 5;
  return run === lower && run.length <= 3 && !SHORT_WORDS.has(lower);
}

function letterMeaning(letter: string): Meaning {
  return letter === 'e' || letter === 'i' ? ['constant', letter] : ['symbol', letter];
}
