// The open groups of an earlier life, as they are put back into memory: who holds them, what was handed in under each lease,
// and what of that was scored.

import type { OpenState } from '../../ports/run-store.ts';
import { HeldGroup } from './held-group.ts';

export function heldGroupsOf(open: OpenState, groupSize: number): readonly HeldGroup[] {
  const groups = new Map(open.groups.map((state) => [state.sequence, new HeldGroup(state, groupSize)]));
  const outcomes = new Map(
    open.outcomes.map((each) => [`${each.sequence} ${each.leaseNumber} ${each.memberIndex}`, each.outcome]),
  );
  for (const { sequence, leaseNumber, members } of open.taken) {
    const held = groups.get(sequence);
    const lease = held?.state.leases.find((each) => each.number === leaseNumber);
    // What a released lease handed in can never become the group's.
    if (held === undefined || lease === undefined || lease.state === 'released') continue;
    for (const member of members) {
      const outcome = outcomes.get(`${sequence} ${leaseNumber} ${member.completion.memberIndex}`);
      held.membersOf(lease).put({ ...member, outcome });
    }
  }
  return [...groups.values()];
}
