// From several votes to one verdict and how far they agree. Votes that never came count against the agreement: an outage
// must not make a verdict look surer than it is.

import { scoreOfLabel, type VerdictScale, type Vote } from './judge-verdict.ts';

export interface Tally {
  readonly label: string;
  readonly score: number;
  /** Votes that agree with the label, of those asked for; in (0, 1]. */
  readonly agreement: number;
}

/** Votes on a range agree when they are at most this share of it apart. */
const RANGE_NEAR = 0.1;

/**
 * Labels: the one with most votes. Levels: the lower median, and a vote agrees when it is at most one level away, since
 * neighbours on a scale of six hardly differ. Ranges: the lower median, and a vote agrees within a tenth of the range. Undefined
 * without a vote.
 */
export function tallyVotes(
  votes: readonly Vote[],
  { asked, scale }: { readonly asked: number; readonly scale: VerdictScale },
): Tally | undefined {
  const label = scale.kind === 'labels' ? mostNamed(votes) : lowerMedian(votes);
  if (label === undefined) return undefined;
  const score = scoreOfLabel(scale, label);
  if (score === undefined) return undefined;
  const agree = votes.filter((vote) => agrees(vote, { label, score }, scale)).length;
  return { label, score, agreement: agree / asked };
}

function agrees(vote: Vote, { label, score }: Vote, { kind }: VerdictScale): boolean {
  if (kind === 'labels') return vote.label === label;
  if (kind === 'levels') return Math.abs(Number(vote.label) - Number(label)) <= 1;
  // A hair more than a tenth: 0.3 − 0.2 is.
  return Math.abs(vote.score - score) <= RANGE_NEAR + 1e-9;
}

/** Whether votes that agree this far decide: a majority of those asked, and at least the judge's own threshold. */
export function isDecisive(agreement: number, agreementMin: number): boolean {
  return agreement > 0.5 && agreement >= agreementMin;
}

/** On a tie the first named; its agreement is at most one half, so it decides nothing. */
function mostNamed(votes: readonly Vote[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { label } of votes) counts.set(label, (counts.get(label) ?? 0) + 1);
  let best: string | undefined;
  let bestCount = 0;
  for (const [label, count] of counts) {
    if (count <= bestCount) continue;
    best = label;
    bestCount = count;
  }
  return best;
}

function lowerMedian(votes: readonly Vote[]): string | undefined {
  const sorted = votes.toSorted((a, b) => a.score - b.score);
  return sorted[Math.floor((sorted.length - 1) / 2)]?.label;
}
