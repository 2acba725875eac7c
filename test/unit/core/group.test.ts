import { describe, expect, it } from 'vitest';
import { claimingLease, newGroup, nextGroup, type Group, type GroupEvent } from '../../../src/core/group.ts';
import {
  groupIdAt,
  leaseIdFrom,
  sequenceOfGroup,
  sequenceOfLease,
  type BatchId,
  type GroupId,
  type LeaseId,
} from '../../../src/core/ids.ts';

const TTL = 100;

function leaseId(nonce: string): LeaseId {
  return leaseIdFrom(5, nonce);
}

function lease(nonce: string): GroupEvent {
  return { kind: 'lease', leaseId: leaseId(nonce), batchId: 'b' as BatchId, ttlMs: TTL };
}

/** The group after these events, each one TTL after the one before; throws when one cannot happen. */
function after(...events: readonly GroupEvent[]): Group {
  let group = newGroup({ sequence: 5, ordinal: 1, epoch: 0 });
  events.forEach((event, index) => {
    const change = nextGroup(group, event, { now: index * TTL, maxAttempts: 2, returnNumber: 40 + index });
    if (change === undefined)
      throw new Error(`${event.kind} cannot happen to a group that is ${group.stage}`);
    group = change.group;
  });
  return group;
}

function states(group: Group): string {
  return [group.stage, ...group.leases.map(({ attempt, state }) => `${attempt}:${state}`)].join(' ');
}

const of = (kind: 'expire' | 'release' | 'hand-in', nonce: string): GroupEvent => ({
  kind,
  leaseId: leaseId(nonce),
});
const complete: GroupEvent = { kind: 'complete' };

describe('nextGroup()', () => {
  it.each<[string, GroupEvent[]]>([
    ['leased 1:open', [lease('a')]],
    ['pending 1:expired', [lease('a'), of('expire', 'a')]],
    ['pending 1:released', [lease('a'), of('release', 'a')]],
    ['leased 1:expired 2:open', [lease('a'), of('expire', 'a'), lease('b')]],
    ['leased 1:released 1:open', [lease('a'), of('release', 'a'), lease('b')]],
    ['quarantined 1:expired 2:quarantined', [lease('a'), of('expire', 'a'), lease('b'), of('expire', 'b')]],
    ['handed_in 1:handed_in', [lease('a'), of('hand-in', 'a')]],
    ['completed 1:completed', [lease('a'), of('hand-in', 'a'), complete]],
    ['handed_in 1:handed_in', [lease('a'), of('expire', 'a'), of('hand-in', 'a')]],
    ['handed_in 1:handed_in 2:superseded', [lease('a'), of('expire', 'a'), lease('b'), of('hand-in', 'a')]],
  ])('nextGroup() ends in %s', (expected, events) => {
    expect(states(after(...events))).toBe(expected);
  });

  it.each<[string, GroupEvent[]]>([
    ['a lease of a leased group', [lease('a'), lease('b')]],
    ['a hand-in under a released lease', [lease('a'), of('release', 'a'), of('hand-in', 'a')]],
    ['a second hand-in', [lease('a'), of('expire', 'a'), lease('b'), of('hand-in', 'a'), of('hand-in', 'b')]],
    [
      'a hand-in to a quarantined group',
      [lease('a'), of('expire', 'a'), lease('b'), of('expire', 'b'), of('hand-in', 'a')],
    ],
    ['an expiry after the hand-in', [lease('a'), of('hand-in', 'a'), of('expire', 'a')]],
    ['completion before the hand-in', [lease('a'), complete]],
    ['an unknown lease', [lease('a'), of('release', 'b')]],
  ])('nextGroup() refuses %s', (_, events) => {
    after(...events.slice(0, -1));
    expect(() => after(...events)).toThrow(/cannot happen/);
  });

  it('nextGroup() numbers groups that come back', () => {
    expect(after(lease('a'), of('release', 'a')).returnedAs).toBe(41);
    expect(after(lease('a'), of('release', 'a'), lease('b'), of('expire', 'b')).returnedAs).toBe(43);
  });

  it('nextGroup() forgets leases that were released long ago, never ones that may still be handed in', () => {
    const events = [lease('first'), of('expire', 'first')];
    for (let i = 0; i < 50; i++) events.push(lease(`n${i}`), of('release', `n${i}`));
    const { leases } = after(...events);
    expect(leases).toHaveLength(17);
    expect(leases[0]?.leaseId).toBe(leaseId('first'));
    expect(leases.at(-1)).toMatchObject({ leaseId: leaseId('n49'), number: 50 });
  });

  it('claimingLease() is the lease whose members are the group', () => {
    const late = after(lease('a'), of('expire', 'a'), lease('b'), of('hand-in', 'a'), complete);
    expect(claimingLease(late)?.leaseId).toBe(leaseId('a'));
    expect(claimingLease(after(lease('a')))).toBeUndefined();
  });
});

describe('sequenceOfLease()', () => {
  it.each(['l-5', 'l--x', 'l-05-x', 'g-5', '', 'l-5-', 'l-99999999999999999-x', 'l-5-a b'])(
    'sequenceOfLease() knows nothing of %j',
    (id) => {
      expect(sequenceOfLease(id as LeaseId)).toBeUndefined();
      expect(sequenceOfGroup(id.replace('g-5', 'g-05') as GroupId)).toBeUndefined();
    },
  );

  it('sequenceOfLease() and sequenceOfGroup() read what was made', () => {
    expect(sequenceOfLease(leaseIdFrom(12, 'a_-9'))).toBe(12);
    expect(sequenceOfGroup(groupIdAt(0))).toBe(0);
  });
});
