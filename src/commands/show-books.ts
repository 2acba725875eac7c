// The books of a run as a person reads them, the same in every command: each line adds up before the eyes of the reader.

import type { Accounting } from '../core/calls.ts';
import { formatCount, formatCounts, printLine } from './options.ts';

/** The two equations that every run must satisfy, then what its rewards look like. */
export function showBooks(books: Accounting): void {
  const { leases, completions } = books;
  const lines = [
    [
      'leases',
      `completed ${leases.completed} + expired ${leases.expired} + released ${leases.released} + quarantined ${leases.quarantined} + open ${leases.open} = leased ${leases.leased}`,
    ],
    [
      'completions',
      `scored ${completions.scored} + unscorable ${completions.unscorable} + in flight ${completions.inFlight} = submitted ${completions.submitted}`,
    ],
    ['truncated', formatCount(completions.truncated)],
    [
      'unscorable',
      completions.unscorableByCause.length === 0 ? 'none' : formatCounts(completions.unscorableByCause),
    ],
    ['mean reward', books.meanReward?.toFixed(3) ?? '–'],
    ['pass rate', percent(books.passRate)],
    ['zero-variance groups', `${books.zeroVarianceGroups} (${percent(books.zeroVarianceShare)})`],
  ] as const;
  for (const [name, value] of lines) printLine(`  ${name.padEnd(22)}${value}`);
}

function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${(100 * share).toFixed(1)} %`;
}
