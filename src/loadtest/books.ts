// Holds a server's accounting of a run against itself and against what its only client saw. Pure.

import type { Accounting } from '../core/calls.ts';
import type { Books } from './report.ts';

/** Whether the books of a closed run balance and agree with the `results` that its only client received. */
export function balance(
  books: Accounting,
  seen: { readonly groupSize: number; readonly results: number },
): Books {
  const { leases, groups, completions } = books;
  const sums: readonly (readonly [string, number, number])[] = [
    [
      'completed + expired + released + quarantined + open = leased',
      leases.completed + leases.expired + leases.released + leases.quarantined + leases.open,
      leases.leased,
    ],
    [
      'completed + quarantined + in progress = issued',
      groups.completed + groups.quarantined + groups.inProgress,
      groups.issued,
    ],
    [
      'scored + unscorable + in flight = submitted',
      completions.scored + completions.unscorable + completions.inFlight,
      completions.submitted,
    ],
    ['groups completed = results received', groups.completed, seen.results],
    ['completions scored = results received × group size', completions.scored, seen.results * seen.groupSize],
    ['leases open after the run was closed = 0', leases.open, 0],
  ];
  const broken = sums.filter(([, left, right]) => left !== right);
  if (broken.length > 0) {
    return {
      balance: false,
      detail: broken.map(([rule, left, right]) => `${rule}: ${left} against ${right}`).join('; '),
    };
  }
  return {
    balance: true,
    detail: `balanced: ${leases.leased} leased = ${leases.completed} completed + ${leases.expired} expired + ${leases.released} released`,
  };
}
