// One table of calls, valid and invalid, sent through both doors of one server: the same reply, or the same refusal with
// the same words. Rules of one door only have nowhere to hide.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CALL_NAMES, type CallName, rowOf } from '../../src/contract/calls.ts';
import { LIMITS } from '../../src/contract/limits.ts';
import type { ProtoMessage } from '../../src/contract/proto-values.ts';
import { ERROR_CODES } from '../../src/core/errors.ts';
import { type Doors, openDoors } from '../support/doors.ts';
import { createFakeServices } from '../support/fake-service.ts';
import { type TestServer, startTestServer } from '../support/test-server.ts';

let server: TestServer;
let doors: Doors;

beforeAll(async () => {
  server = await startTestServer(createFakeServices());
  doors = openDoors(server);
  await doors.viaRest('OpenRun', { dataset: 'tiny', run_id: 'r' });
  await doors.viaRest('ReportTrainingStep', {
    run_id: 'r',
    training_step: { number: 4, metrics: { loss: 0.5 } },
  });
});

afterAll(() => {
  doors.close();
  server.close();
});

const run = { run_id: 'r' };
const open = { dataset: 'tiny', run_id: 'again' };
const group = { ground_truth: '18', completions: [{ text: 'It is 18' }, { text: '9' }] };
const submit = (completions: unknown) => ({ ...run, groups: [{ lease_id: 'l-0', completions }] });
const score = (changes: ProtoMessage) => ({ groups: [{ ...group, ...changes }] });
const recipe = (...scorers: unknown[]) => ({ ...open, reward: { scorers } });
const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);
const text = (length: number) => 'x'.repeat(length);

type Case = readonly [title: string, name: CallName, wire: ProtoMessage];

const VALID: readonly Case[] = [
  ['all datasets', 'ListDatasets', {}],
  ['one dataset', 'GetDataset', { name: 'tiny' }],
  ['the defaults', 'OpenRun', open],
  ['a reward by name', 'OpenRun', { ...open, reward: 'math' }],
  [
    'a recipe with options of all JSON types',
    'OpenRun',
    {
      ...open,
      reward: {
        scorers: [
          { name: 'format', pattern: 'boxed', weight: -0.5, required: false, when: 'undecided' },
          { name: 'x', a: [1, null, true, { b: 'c' }], d: {}, e: [] },
        ],
        combine: 'product',
        truncated: 'zero',
        no_answer: 'unscorable',
        undecided: 'unscorable',
        length_penalty: { max_tokens: 100, buffer_tokens: 0 },
      },
    },
  ],
  ['an estimator by name', 'OpenRun', { ...open, estimator: 'rloo' }],
  [
    'an estimator with constants',
    'OpenRun',
    { ...open, estimator: { name: 'gdpo:trl', ddof: 0, epsilon: 0, weights: { a: 0 } } },
  ],
  [
    'every setting at its zero or least',
    'OpenRun',
    { ...open, group_size: 1, seed: 0, epochs: 1, lease_ttl_ms: 1000, max_attempts: 1, max_drift: 0 },
  ],
  [
    'every setting at its largest',
    'OpenRun',
    { ...open, group_size: 1024, seed: 2 ** 32 - 1, epochs: 1_000_000, max_drift: Number.MAX_SAFE_INTEGER },
  ],
  [
    'a curriculum with zeros',
    'OpenRun',
    {
      ...open,
      sampling: {
        kind: 'curriculum',
        refill: true,
        unseen_weight: 0,
        pools: [
          { name: 'a', pass_rate_max: 0, weight: 0 },
          { name: 'b', pass_rate_max: 1, weight: 2 },
        ],
      },
    },
  ],
  ['a curriculum of its defaults', 'OpenRun', { ...open, sampling: 'curriculum' }],
  ['an empty run id', 'OpenRun', { dataset: 'tiny', run_id: '' }],
  ['all runs', 'ListRuns', {}],
  ['one run', 'GetRun', run],
  ['a lease', 'LeaseGroups', { ...run, groups: 2, policy_version: 0 }],
  ['a lease into a batch', 'LeaseGroups', { ...run, batch_id: 'b-9' }],
  ['an empty lease', 'LeaseGroups', { ...run, groups: 3 }],
  ['a heartbeat with losses', 'Heartbeat', { ...run, lease_ids: ['l-0', 'gone'] }],
  ['a release of nothing', 'ReleaseGroups', { ...run, lease_ids: ['gone'] }],
  [
    'a submit',
    'SubmitCompletions',
    submit([{ text: '', finish_reason: 'length', token_count: 0, policy_version: 0, member_index: 1 }]),
  ],
  [
    'a submit in order',
    'SubmitCompletions',
    { ...submit([{ text: 'a' }, { text: 'b', finish_reason: 'stop' }]), wait: false },
  ],
  ['one group', 'GetGroup', { ...run, group_id: 'g-0' }],
  ['the books', 'GetAccounting', run],
  ['a training step without metrics', 'ReportTrainingStep', { ...run, training_step: { number: 5 } }],
  ['training steps', 'ListTrainingSteps', { ...run, after_number: 3, limit: 1 }],
  ['a score', 'Score', { groups: [group] }],
  [
    'a score with all options',
    'Score',
    {
      reward: 'math',
      estimator: { name: 'grpo:trl', k: 2 },
      groups: [
        { ...group, prompt: [{ role: 'system', content: '' }], aliases: ['18.0'], choices: ['18', '19'] },
      ],
    },
  ],
  ['a score with a prompt as text', 'Score', score({ prompt: 'What is 9 + 9?' })],
  [
    'a score of a row',
    'Score',
    { groups: [{ dataset: 'tiny', pair_id: 'p', completions: [{ text: 'a' }] }] },
  ],
  ['astral and control characters', 'Score', score({ completions: [{ text: '𝟙8 \u0000 é \u{10ffff} 18' }] })],
  ['advantages', 'ComputeAdvantages', { groups: [{ rewards: [1, 0, null, -0.5] }] }],
  [
    'advantages with components',
    'ComputeAdvantages',
    {
      estimator: 'gdpo:verl',
      groups: [{ rewards: [1, null], lengths: [0, 7], components: { math: [1, null], format: [0, 1] } }],
    },
  ],
  ['a closed run', 'CloseRun', { run_id: 'again' }],
];

const INVALID: readonly (readonly [...Case, field: string, message: RegExp])[] = [
  [
    'a name that nobody has',
    'GetDataset',
    { name: text(257) },
    'name',
    /^Must be a string of 1 to 256 characters, not a string of 257/,
  ],
  ['no dataset', 'OpenRun', {}, 'dataset', /^Is missing: must be a name/],
  ['a name with a slash', 'OpenRun', { dataset: 'a/b' }, 'dataset', /letters, digits/],
  [
    'a name that is too long',
    'OpenRun',
    { dataset: text(LIMITS.nameCharsMax + 1) },
    'dataset',
    /not a string of 129/,
  ],
  ['a hostile run id', 'OpenRun', { ...open, run_id: '../x' }, 'run_id', /letters, digits/],
  ['an empty split', 'OpenRun', { ...open, split: '' }, 'split', /^Is missing/],
  [
    'a group of none',
    'OpenRun',
    { ...open, group_size: 0 },
    'group_size',
    /^Must be an integer from 1 to 1024, not 0$/,
  ],
  [
    'a group that is too large',
    'OpenRun',
    { ...open, group_size: LIMITS.groupSizeMax + 1 },
    'group_size',
    /not 1025$/,
  ],
  ['no epochs', 'OpenRun', { ...open, epochs: 0 }, 'epochs', /from 1 to 1000000/],
  ['too many epochs', 'OpenRun', { ...open, epochs: LIMITS.epochsMax + 1 }, 'epochs', /not 1000001$/],
  [
    'a lease that is too short',
    'OpenRun',
    { ...open, lease_ttl_ms: LIMITS.leaseTtlMsMin - 1 },
    'lease_ttl_ms',
    /not 999$/,
  ],
  [
    'a lease that is too long',
    'OpenRun',
    { ...open, lease_ttl_ms: LIMITS.leaseTtlMsMax + 1 },
    'lease_ttl_ms',
    /604800001$/,
  ],
  ['no attempts', 'OpenRun', { ...open, max_attempts: 0 }, 'max_attempts', /from 1 to 1000/],
  [
    'too many attempts',
    'OpenRun',
    { ...open, max_attempts: LIMITS.maxAttemptsMax + 1 },
    'max_attempts',
    /not 1001$/,
  ],
  [
    'a drift beyond exact integers',
    'OpenRun',
    { ...open, max_drift: 2 ** 60 },
    'max_drift',
    /from 0 to 9007199254740991, not 1152921504606847000$/,
  ],
  [
    'no scorers',
    'OpenRun',
    { ...open, reward: { scorers: [] } },
    'reward.scorers',
    /^Is missing: must be a list of 1 to 32/,
  ],
  [
    'too many scorers',
    'OpenRun',
    recipe(...times(33, { name: 'math' })),
    'reward.scorers',
    /not a list of 33$/,
  ],
  ['a scorer without a name', 'OpenRun', recipe({ weight: 1 }), 'reward.scorers[0].name', /^Is missing/],
  [
    'an infinite weight',
    'Score',
    { ...score({}), reward: { scorers: [{ name: 'm', weight: 1e7 }] } },
    'reward.scorers[0].weight',
    /from -1000000 to 1000000/,
  ],
  [
    'an unknown condition',
    'OpenRun',
    recipe({ name: 'm', when: 'never' }),
    'reward.scorers[0].when',
    /"always", "undecided"/,
  ],
  [
    'options that are too deep',
    'OpenRun',
    recipe({ name: 'm', o: nested(20) }),
    'reward.scorers[0].o',
    /16 levels deep/,
  ],
  [
    'options that are too long',
    'OpenRun',
    recipe({ name: 'm', o: text(LIMITS.optionsCharsMax) }),
    'reward.scorers[0]',
    /at most 100000 characters/,
  ],
  [
    'an unknown combination',
    'OpenRun',
    { ...open, reward: { scorers: [{ name: 'm' }], combine: 'max' } },
    'reward.combine',
    /"weighted_sum", "product"/,
  ],
  [
    'a penalty without a limit',
    'OpenRun',
    { ...open, reward: { scorers: [{ name: 'm' }], length_penalty: { max_tokens: 0, buffer_tokens: 0 } } },
    'reward.length_penalty.max_tokens',
    /not 0$/,
  ],
  [
    'a buffer beyond the limit',
    'OpenRun',
    { ...open, reward: { scorers: [{ name: 'm' }], length_penalty: { max_tokens: 5, buffer_tokens: 6 } } },
    'reward.length_penalty.buffer_tokens',
    /at most max_tokens, 5, not 6$/,
  ],
  [
    'an estimator without a name',
    'OpenRun',
    { ...open, estimator: { ddof: 1 } },
    'estimator.name',
    /^Is missing/,
  ],
  [
    'an unknown ddof',
    'OpenRun',
    { ...open, estimator: { name: 'rloo', ddof: 2 } },
    'estimator.ddof',
    /from 0 to 1, not 2$/,
  ],
  [
    'a negative epsilon',
    'OpenRun',
    { ...open, estimator: { name: 'rloo', epsilon: -1 } },
    'estimator.epsilon',
    /from 0 to 1/,
  ],
  [
    'pools without a curriculum',
    'OpenRun',
    { ...open, sampling: { pools: [{ name: 'a', pass_rate_max: 1, weight: 1 }] } },
    'sampling.pools',
    /only curriculum/,
  ],
  [
    'a weight without a curriculum',
    'OpenRun',
    { ...open, sampling: { kind: 'shuffled', unseen_weight: 1 } },
    'sampling.unseen_weight',
    /only curriculum/,
  ],
  [
    'pools that do not rise',
    'OpenRun',
    {
      ...open,
      sampling: {
        kind: 'curriculum',
        pools: [
          { name: 'a', pass_rate_max: 0.5, weight: 1 },
          { name: 'b', pass_rate_max: 0.5, weight: 1 },
        ],
      },
    },
    'sampling.pools[1].pass_rate_max',
    /above 0.5/,
  ],
  [
    'pools that do not end at 1',
    'OpenRun',
    { ...open, sampling: { kind: 'curriculum', pools: [{ name: 'a', pass_rate_max: 0.5, weight: 1 }] } },
    'sampling.pools[0].pass_rate_max',
    /1 in the last pool/,
  ],
  [
    'pools of one name',
    'OpenRun',
    {
      ...open,
      sampling: {
        kind: 'curriculum',
        pools: [
          { name: 'a', pass_rate_max: 0.5, weight: 1 },
          { name: 'a', pass_rate_max: 1, weight: 1 },
        ],
      },
    },
    'sampling.pools[1].name',
    /differ/,
  ],
  [
    'too many pools',
    'OpenRun',
    {
      ...open,
      sampling: { kind: 'curriculum', pools: times(33, { name: 'a', pass_rate_max: 1, weight: 1 }) },
    },
    'sampling.pools',
    /not a list of 33/,
  ],
  [
    'an unknown sampling',
    'OpenRun',
    { ...open, sampling: { kind: 'random' } },
    'sampling.kind',
    /"sequential", "shuffled", "curriculum"/,
  ],
  ['no groups', 'LeaseGroups', { ...run, groups: 0 }, 'groups', /from 1 to 4096/],
  ['too many groups', 'LeaseGroups', { ...run, groups: LIMITS.groupsPerLeaseMax + 1 }, 'groups', /not 4097$/],
  [
    'no lease ids',
    'Heartbeat',
    { ...run, lease_ids: [] },
    'lease_ids',
    /^Is missing: must be a list of 1 to 4096 lease ids$/,
  ],
  [
    'too many lease ids',
    'ReleaseGroups',
    { ...run, lease_ids: times(4097, 'l') },
    'lease_ids',
    /not a list of 4097$/,
  ],
  ['an empty lease id', 'ReleaseGroups', { ...run, lease_ids: ['l', ''] }, 'lease_ids[1]', /^Is missing/],
  [
    'an id that is too long',
    'GetGroup',
    { ...run, group_id: text(LIMITS.idCharsMax + 1) },
    'group_id',
    /not a string of 257/,
  ],
  [
    'no completions',
    'SubmitCompletions',
    submit([]),
    'groups[0].completions',
    /^Is missing: must be a list of 1 to 1024/,
  ],
  [
    'too many completions',
    'SubmitCompletions',
    submit(times(1025, { text: 'a' })),
    'groups[0].completions',
    /not a list of 1025$/,
  ],
  [
    'too many submitted groups',
    'SubmitCompletions',
    { ...run, groups: times(4097, { lease_id: 'l', completions: [{ text: '' }] }) },
    'groups',
    /not a list of 4097$/,
  ],
  [
    'too many completions together',
    'SubmitCompletions',
    { ...run, groups: times(65, { lease_id: 'l', completions: times(1024, { text: '' }) }) },
    'groups',
    /at most 65536 completions together, not 66560$/,
  ],
  [
    'a completion that is too long',
    'SubmitCompletions',
    submit([{ text: 'a' }, { text: text(1_000_001) }]),
    'groups[0].completions[1].text',
    /not a string of 1000001 characters$/,
  ],
  [
    'a member beyond the group',
    'SubmitCompletions',
    submit([{ text: 'a', member_index: 1024 }]),
    'groups[0].completions[0].member_index',
    /from 0 to 1023, not 1024$/,
  ],
  [
    'one member twice',
    'SubmitCompletions',
    submit([{ text: 'a', member_index: 1 }, { text: 'b' }]),
    'groups[0].completions[1].member_index',
    /not 1 again$/,
  ],
  ['no training step', 'ReportTrainingStep', run, 'training_step', /^Is missing/],
  [
    'too many metrics',
    'ReportTrainingStep',
    {
      ...run,
      training_step: { number: 1, metrics: Object.fromEntries(times(257, 0).map((_, n) => [`m${n}`, n])) },
    },
    'training_step.metrics',
    /at most 256 metrics/,
  ],
  [
    'a page that is too long',
    'ListTrainingSteps',
    { ...run, limit: LIMITS.trainingStepsPageMax + 1 },
    'limit',
    /not 10001$/,
  ],
  ['no page', 'ListTrainingSteps', { ...run, limit: 0 }, 'limit', /from 1 to 10000/],
  ['no groups to score', 'Score', { groups: [] }, 'groups', /^Is missing: must be a list of 1 to 4096/],
  [
    'no ground truth',
    'Score',
    { groups: [{ completions: [{ text: 'a' }] }] },
    'groups[0].ground_truth',
    /ground_truth, or pair_id/,
  ],
  ['an empty ground truth', 'Score', score({ ground_truth: '' }), 'groups[0].ground_truth', /^Is missing/],
  [
    'a ground truth that is too long',
    'Score',
    score({ ground_truth: text(100_001) }),
    'groups[0].ground_truth',
    /not a string of 100001/,
  ],
  [
    'too many aliases',
    'Score',
    score({ aliases: times(1001, 'a') }),
    'groups[0].aliases',
    /not a list of 1001$/,
  ],
  [
    'too many choices',
    'Score',
    score({ choices: times(101, 'a') }),
    'groups[0].choices',
    /not a list of 101$/,
  ],
  [
    'a row without its dataset',
    'Score',
    { groups: [{ pair_id: 'p', completions: [{ text: 'a' }] }] },
    'groups[0].dataset',
    /^Is missing/,
  ],
  ['a dataset without a row', 'Score', score({ dataset: 'tiny' }), 'groups[0].dataset', /without pair_id/],
  [
    'aliases of a row',
    'Score',
    { groups: [{ pair_id: 'p', dataset: 'tiny', aliases: ['a'], completions: [{ text: 'a' }] }] },
    'groups[0].aliases',
    /beside pair_id/,
  ],
  [
    'choices of a row',
    'Score',
    { groups: [{ pair_id: 'p', dataset: 'tiny', choices: ['a'], completions: [{ text: 'a' }] }] },
    'groups[0].choices',
    /beside pair_id/,
  ],
  [
    'an unknown role',
    'Score',
    score({ prompt: [{ role: 'tool', content: 'a' }] }),
    'groups[0].prompt[0].role',
    /"system", "user", "assistant"/,
  ],
  [
    'too many messages',
    'Score',
    score({ prompt: times(1001, { role: 'user', content: 'a' }) }),
    'groups[0].prompt',
    /not a list of 1001$/,
  ],
  [
    'messages that are too long together',
    'Score',
    score({ prompt: times(3, { role: 'user', content: text(400_000) }) }),
    'groups[0].prompt',
    /together, not 1200000$/,
  ],
  ['no rewards', 'ComputeAdvantages', { groups: [{ rewards: [] }] }, 'groups[0].rewards', /^Is missing/],
  [
    'a reward that is too large',
    'ComputeAdvantages',
    { groups: [{ rewards: [1, 1e31] }] },
    'groups[0].rewards[1]',
    /from -1e\+30 to 1e\+30/,
  ],
  [
    'lengths that are too few',
    'ComputeAdvantages',
    { groups: [{ rewards: [1, 2], lengths: [1] }] },
    'groups[0].lengths',
    /2, not 1$/,
  ],
  [
    'components that are too few',
    'ComputeAdvantages',
    { groups: [{ rewards: [1, 2], components: { a: [1] } }] },
    'groups[0].components.a',
    /2, not 1$/,
  ],
  [
    'components with a trap for a name',
    'ComputeAdvantages',
    { groups: [{ rewards: [1], components: { constructor: [1] } }] },
    'groups[0].components',
    /by name/,
  ],
];

describe('both doors answer alike', () => {
  it.each(VALID)('%s (%s)', async (_, name, wire) => {
    const grpc = await doors.viaGrpc(name, wire);
    const rest = await doors.viaRest(name, wire);
    expect(grpc).toHaveProperty('reply');
    expect(withoutMadeUpIds(grpc)).toEqual(withoutMadeUpIds(rest));
    // The reference knows every field of it.
    const { reply } = rest as { reply: unknown };
    expect(rowOf(name).reply.parse(reply)).toEqual(reply);
  });

  it('covers every call of the table', () => {
    expect(new Set(VALID.map(([, name]) => name))).toEqual(new Set(CALL_NAMES));
  });
});

describe('both doors refuse alike', () => {
  it.each(INVALID)('%s (%s)', async (_, name, wire, field, message) => {
    const grpc = await doors.viaGrpc(name, wire);
    expect(grpc).toMatchObject({ code: 'invalid_argument', field, message: expect.stringMatching(message) });
    expect(await doors.viaRest(name, wire)).toEqual(grpc);
  });

  it.each(ERROR_CODES)('what the service throws as %s', async (code) => {
    const wire = { name: `throws-${code}` };
    const grpc = await doors.viaGrpc('GetDataset', wire);
    expect(grpc).toEqual({
      code,
      message: `Cannot do it: thrown as ${code}`,
      field: code === 'invalid_argument' ? 'name' : undefined,
      retryAfterMs: code === 'resource_exhausted' ? 1500 : undefined,
    });
    expect(await doors.viaRest('GetDataset', wire)).toEqual(grpc);
  });

  it('a message larger than both take', async () => {
    const wire = score({ completions: times(70, { text: text(1_000_000) }) });
    expect(await doors.viaGrpc('Score', wire)).toMatchObject({ code: 'resource_exhausted' });
    expect(await doors.viaRest('Score', wire)).toMatchObject({ code: 'resource_exhausted' });
  });

  it('a bug, without a word of it, and with its stack in the report', async () => {
    const before = server.bugsMet.length;
    const wire = { name: 'throws-bug' };
    for (const seen of [await doors.viaGrpc('GetDataset', wire), await doors.viaRest('GetDataset', wire)]) {
      expect(seen).toMatchObject({ code: 'internal', field: undefined });
      const { message } = seen as { message: string };
      const met = server.bugsMet.find(({ requestId }) => message.endsWith(requestId));
      expect(message).toMatch(
        /^Cannot answer because of an internal error: the server's log has it as request [\w-]+$/,
      );
      expect(met?.error).toBeInstanceOf(TypeError);
    }
    expect(server.bugsMet.length - before).toBe(2);
  });
});

/** Each door makes a run of its own when no id is given. */
function withoutMadeUpIds(seen: unknown): unknown {
  return JSON.parse(JSON.stringify(seen).replaceAll(/"run-\d+"/g, '"run-n"'));
}

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) };
}
