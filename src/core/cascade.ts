// Who is asked next, and who speaks for whom. Scorers stand in a recipe from cheap to dear; a second opinion is asked only
// where what was said before calls for it, and takes the place of that. A gate that closes ends the asking.
//
//   when           asked where a scorer before it, that none has spoken for yet, …
//   undecided      … could not tell
//   incorrect      … said no of the answer (a score below 0.5 is a no)
//   not_correct    … either of the two
//
// Only scorers that look at the answer can have said no of it: a missing box or a low style score needs no second opinion.
// A scorer that failed, or found no answer, calls for none: another scorer would hide the fault.

import { PASS_THRESHOLD } from './pass-rate.ts';
import { type ScorerUse, titleOf } from './recipe.ts';
import type { Finding, ScorerReport } from './reward.ts';

/** Whether the scorer of `use` is to be asked after these reports. */
export function isAsked(use: ScorerUse, reports: readonly ScorerReport[]): boolean {
  if (use.when === 'always') return true;
  for (let i = reports.length - 1; i >= 0; i -= 1) {
    const report = reports[i];
    if (report === undefined) continue;
    if (callsFor(use.when, report)) return true;
    // A second opinion that was given speaks for all before it.
    if (report.use.when !== 'always' && isDecided(report.finding)) return false;
  }
  return false;
}

/**
 * For each report, the scorer whose second opinion stands in for it; undefined when no report is replaced. An opinion that
 * is itself replaced passes on to the one that replaces it.
 */
export function replacements(reports: readonly ScorerReport[]): readonly (string | undefined)[] | undefined {
  let replacedBy: (string | undefined)[] | undefined;
  for (let at = reports.length - 1; at > 0; at -= 1) {
    const opinion = reports[at];
    if (opinion === undefined || opinion.use.when === 'always') continue;
    const speaker = replacedBy?.[at] ?? (isDecided(opinion.finding) ? titleOf(opinion.use) : undefined);
    if (speaker === undefined) continue;
    for (let before = 0; before < at; before += 1) {
      const report = reports[before];
      if (report === undefined || replacedBy?.[before] !== undefined) continue;
      if (callsFor(opinion.use.when, report)) (replacedBy ??= [])[before] = speaker;
    }
  }
  return replacedBy;
}

/** The finding under the rules of its use: a score in the range that the recipe calls unsure is no verdict. */
export function settled({ undecidedBetween }: ScorerUse, finding: Finding): Finding {
  if (undecidedBetween === undefined || finding.kind !== 'score') return finding;
  const [low, high] = undecidedBetween;
  const { score, cost } = finding;
  if (score <= low || score >= high) return finding;
  const reason = `score ${score.toFixed(3)} is between ${low} and ${high}`;
  return { kind: 'undecided', reason, ...(cost && { cost }) };
}

function callsFor(when: ScorerUse['when'], { use, finding, answer }: ScorerReport): boolean {
  if (use.gate !== undefined) return false;
  if (finding.kind === 'undecided') return when === 'undecided' || when === 'not_correct';
  return (when === 'incorrect' || when === 'not_correct') && answer !== undefined && isNo(finding);
}

function isNo(finding: Finding): boolean {
  return finding.kind === 'incorrect' || (finding.kind === 'score' && finding.score < PASS_THRESHOLD);
}

function isDecided({ kind }: Finding): boolean {
  return kind === 'correct' || kind === 'incorrect' || kind === 'score';
}
