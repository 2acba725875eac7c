// The same comparison of the doors as in parity.test.ts, over the real services: replies that hold still, and the refusals
// that only the services can give. What each call answers is also held against the schemas of the reference.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CallName, rowOf } from '../../src/contract/calls.ts';
import type { ProtoMessage } from '../../src/contract/proto-values.ts';
import { type Doors, openDoors } from '../support/doors.ts';
import { REAL_DATASET, type RealServer, startRealServer } from '../support/real-server.ts';

const RUN = { run_id: 'parity' };
const OPEN = { ...RUN, dataset: REAL_DATASET, group_size: 2, seed: 3, lease_ttl_ms: 600_000 };

let server: RealServer;
let doors: Doors;
/** Two leases: one whose group is handed in, one that is held. */
let leases: readonly { readonly lease_id: string; readonly group_id: string }[];

beforeAll(async () => {
  server = await startRealServer();
  doors = openDoors({ grpcAddress: server.running.grpc, restUrl: server.restUrl });
  await doors.viaGrpc('OpenRun', OPEN);
  const leased = await doors.viaRest('LeaseGroups', { ...RUN, groups: 2 });
  if (!('reply' in leased)) throw new Error(leased.message);
  ({ groups: leases } = leased.reply as { groups: typeof leases });
});

afterAll(async () => {
  doors.close();
  await server.stop();
});

const held = () => leases[1]?.lease_id ?? '';
const done = () => ({
  ...RUN,
  groups: [
    {
      lease_id: leases[0]?.lease_id,
      completions: [{ text: '\\boxed{7}' }, { text: '', finish_reason: 'length' }],
    },
  ],
});
const score = (changes: ProtoMessage, group: ProtoMessage = {}): ProtoMessage => ({
  ...changes,
  groups: [
    { ground_truth: '18', completions: [{ text: 'so \\boxed{18}' }, { text: '\\boxed{17}' }], ...group },
  ],
});
const advantages = (estimator: unknown, group: ProtoMessage = {}): ProtoMessage => ({
  estimator,
  groups: [{ rewards: [1, 0, null, 1], ...group }],
});

type Case = readonly [title: string, name: CallName, wire: () => ProtoMessage];

const REPLIES: readonly Case[] = [
  ['datasets', 'ListDatasets', () => ({})],
  ['a dataset', 'GetDataset', () => ({ name: REAL_DATASET })],
  ['a run that is opened again', 'OpenRun', () => OPEN],
  ['runs', 'ListRuns', () => ({})],
  ['a run', 'GetRun', () => RUN],
  ['a submit and its repeat', 'SubmitCompletions', done],
  ['a group that is completed', 'GetGroup', () => ({ ...RUN, group_id: leases[0]?.group_id })],
  ['a group that is held', 'GetGroup', () => ({ ...RUN, group_id: leases[1]?.group_id })],
  ['the books', 'GetAccounting', () => RUN],
  ['a heartbeat of nothing that holds', 'Heartbeat', () => ({ ...RUN, lease_ids: [leases[0]?.lease_id] })],
  ['a release of nothing that holds', 'ReleaseGroups', () => ({ ...RUN, lease_ids: [leases[0]?.lease_id] })],
  ['no training steps', 'ListTrainingSteps', () => RUN],
  ['a score', 'Score', () => score({ reward: 'math', estimator: 'grpo:verl' })],
  [
    'a score under a recipe',
    'Score',
    () =>
      score(
        {
          reward: {
            scorers: [{ name: 'math' }, { name: 'format', pattern: 'boxed', weight: 0.1, required: false }],
            no_answer: 'unscorable',
          },
        },
        { completions: [{ text: '' }, { text: '\\boxed{18}' }, { text: '18' }] },
      ),
  ],
  [
    'a score of a row',
    'Score',
    () => ({
      groups: [
        { dataset: REAL_DATASET, pair_id: server.pairs[0]?.pairId, completions: [{ text: '\\boxed{1}' }] },
      ],
    }),
  ],
  ['advantages', 'ComputeAdvantages', () => advantages('grpo:trl')],
  ['advantages of one', 'ComputeAdvantages', () => advantages('rloo', { rewards: [1] })],
  [
    'advantages by objective',
    'ComputeAdvantages',
    () =>
      advantages(
        { name: 'gdpo:verl', weights: { a: 0.5 } },
        { components: { a: [1, 0, null, 1], b: [0, 0, null, 1] } },
      ),
  ],
];

const REFUSALS: readonly (readonly [...Case, code: string, field: string | undefined])[] = [
  ['a dataset that nobody has', 'GetDataset', () => ({ name: 'none' }), 'not_found', undefined],
  ['a run that nobody opened', 'GetRun', () => ({ run_id: 'none' }), 'not_found', undefined],
  ['a group that nobody leased', 'GetGroup', () => ({ ...RUN, group_id: 'none' }), 'not_found', undefined],
  [
    'a lease that nobody has',
    'SubmitCompletions',
    () => ({ ...RUN, groups: [{ lease_id: 'none', completions: [{ text: 'a' }] }] }),
    'not_found',
    'groups[0].lease_id',
  ],
  [
    'a member beyond the group',
    'SubmitCompletions',
    () => ({ ...RUN, groups: [{ lease_id: held(), completions: [{ text: 'a', member_index: 2 }] }] }),
    'invalid_argument',
    'groups[0].completions[0].member_index',
  ],
  [
    'other content for a member that is in',
    'SubmitCompletions',
    () => ({ ...RUN, groups: [{ lease_id: leases[0]?.lease_id, completions: [{ text: 'other' }] }] }),
    'already_exists',
    undefined,
  ],
  ['other settings for an open run', 'OpenRun', () => ({ ...OPEN, seed: 4 }), 'failed_precondition', 'seed'],
  ['a dataset that nobody has, for a run', 'OpenRun', () => ({ dataset: 'none' }), 'not_found', 'dataset'],
  [
    'a split that the dataset lacks',
    'OpenRun',
    () => ({ dataset: REAL_DATASET, split: 'dev' }),
    'not_found',
    'split',
  ],
  [
    'a template that nobody wrote',
    'OpenRun',
    () => ({ dataset: REAL_DATASET, prompt_template: 'none' }),
    'invalid_argument',
    'prompt_template',
  ],
  ['a verifier that nobody wrote', 'Score', () => score({ reward: 'none' }), 'invalid_argument', undefined],
  [
    'an option that the verifier lacks',
    'Score',
    () => score({ reward: { scorers: [{ name: 'math', colour: 'red' }] } }),
    'invalid_argument',
    undefined,
  ],
  [
    'an estimator that nobody published',
    'Score',
    () => score({ estimator: 'none' }),
    'invalid_argument',
    undefined,
  ],
  [
    'a constant that the estimator lacks',
    'ComputeAdvantages',
    () => advantages({ name: 'rloo', k: 3 }),
    'invalid_argument',
    undefined,
  ],
  [
    'lengths that the estimator needs',
    'ComputeAdvantages',
    () => advantages('opo'),
    'invalid_argument',
    undefined,
  ],
  [
    'components that the estimator needs',
    'ComputeAdvantages',
    () => advantages('gdpo:verl'),
    'invalid_argument',
    undefined,
  ],
  [
    'a row that the dataset lacks',
    'Score',
    () => ({ groups: [{ dataset: REAL_DATASET, pair_id: 'none', completions: [{ text: 'a' }] }] }),
    'not_found',
    undefined,
  ],
];

describe('both doors of the real services answer alike', () => {
  it.each(REPLIES)('%s (%s)', async (_, name, wire) => {
    const grpc = await doors.viaGrpc(name, wire());
    const rest = await doors.viaRest(name, wire());
    expect(grpc).toHaveProperty('reply');
    expect(still(grpc)).toEqual(still(rest));
    const { reply } = rest as { reply: unknown };
    expect(rowOf(name).reply.parse(reply)).toEqual(reply);
  });

  it.each(REFUSALS)('refusing %s (%s)', async (_, name, wire, code, field) => {
    const grpc = await doors.viaGrpc(name, wire());
    expect(grpc).toMatchObject(field === undefined ? { code } : { code, field });
    expect(await doors.viaRest(name, wire())).toEqual(grpc);
  });

  it('refusing everything that a closed run no longer takes', async () => {
    await doors.viaRest('CloseRun', RUN);
    const submit = { ...RUN, groups: [{ lease_id: held(), completions: [{ text: 'a' }] }] };
    for (const [name, wire] of [
      ['SubmitCompletions', submit],
      ['LeaseGroups', RUN],
    ] as const) {
      const refused = await doors.viaGrpc(name, wire);
      expect(refused).toMatchObject({ code: 'failed_precondition' });
      expect(await doors.viaRest(name, wire)).toEqual(refused);
    }
  });

  it('was never at fault itself', () => {
    expect(server.logLines.filter((line) => line.startsWith('error'))).toEqual([]);
  });
});

/** Without the count that a repeat adds to. */
function still(seen: unknown): unknown {
  return JSON.parse(JSON.stringify(seen).replace(/"repeats":\d+/, '"repeats":0'));
}
