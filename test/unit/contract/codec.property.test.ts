// The codec's two halves against each other and against the proto: what a client writes is what the service takes, what the
// service answers is what a client reads, through protobuf bytes and through JSON text alike.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallName, rowOf } from '../../../src/contract/calls.ts';
import { encodeScored } from '../../../src/contract/encode-replies.ts';
import type { ProtoMessage } from '../../../src/contract/proto-values.ts';
import { type ProtoGroupResult, resultBytes } from '../../../src/contract/result-bytes.ts';
import { scoreBytes } from '../../../src/contract/score-bytes.ts';
import { loadContract } from '../../../src/contract/service.ts';
import {
  rolloutFrameIn,
  rolloutFrameOut,
  rolloutInputOut,
  rolloutResponseIn,
  runEventIn,
  runEventOut,
} from '../../../src/contract/streams.ts';
import {
  EMPTY_REASONS,
  GROUP_STATES,
  RUN_STATES,
  type GroupResult,
  type ScoreReply,
} from '../../../src/core/calls.ts';
import { FINISH_REASONS } from '../../../src/core/completion.ts';
import { parseFormula } from '../../../src/core/formula.ts';
import { COMBINES, MISSING_RULES, SCORER_WHENS, TRUNCATED_RULES } from '../../../src/core/recipe.ts';
import { UNSCORABLE_CAUSES } from '../../../src/core/score.ts';
import { ROLES } from '../../../src/core/prompt.ts';

const contract = loadContract();

const count = fc.nat();
const version = fc.option(fc.maxSafeNat(), { nil: undefined });
const time = fc.integer({ min: 0, max: 4e12 });
const number = fc
  .double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
  .map((value) => value + 0);
const share = fc.double({ noNaN: true, min: 0, max: 1 });
const text = fc.string({ unit: 'binary' });
const id = fc.string({ minLength: 1, maxLength: 20 });
const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const shortList = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { maxLength: 3 });
const byName = <Value>(value: fc.Arbitrary<Value>) =>
  fc.dictionary(name.filter(isPlainKey), value, { maxKeys: 3 });

/** Keys that JavaScript means something else by are refused at the edge. */
function isPlainKey(key: string): boolean {
  return !['constructor', 'prototype'].includes(key);
}

const RESERVED_OPTIONS = new Set(['name', 'weight', 'required', 'when', 'gate']);
const options = fc.dictionary(
  fc.stringMatching(/^[a-z_]{1,8}$/).filter((key) => !RESERVED_OPTIONS.has(key) && isPlainKey(key)),
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as never),
  { maxKeys: 3, noNullPrototype: true },
);
const recipe = fc
  .record({
    scorers: fc.array(
      fc.record({
        name: id,
        knownAs: optional(fc.stringMatching(/^[a-z_][A-Za-z0-9_]{0,9}$/)),
        weight: number,
        required: fc.boolean(),
        when: fc.constantFrom(...SCORER_WHENS),
        options,
        gate: optional(share.filter((value) => value > 0)),
        undecidedBetween: optional(fc.tuple(share, share)),
        timeLimitMs: optional(fc.integer({ min: 1, max: 3_600_000 })),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    combine: fc.constantFrom(...COMBINES),
    truncated: fc.constantFrom(...TRUNCATED_RULES),
    noAnswer: fc.constantFrom(...MISSING_RULES),
    undecided: fc.constantFrom(...MISSING_RULES),
    lengthPenalty: optional(fc.constant({ maxTokens: 9, bufferTokens: 0, factor: 0 })),
    floor: optional(number),
  })
  // A formula goes with the rule of that name, and with no other.
  .map((given) =>
    given.combine === 'formula' ? { ...given, formula: parseFormula('min(a, 1) - 2', 'formula') } : given,
  );
const estimator = fc
  .record(
    {
      name: id,
      ddof: fc.constantFrom(0, 1),
      epsilon: share,
      k: fc.integer({ min: 1, max: 1024 }),
      weights: byName(number),
    },
    { requiredKeys: ['name'] },
  )
  // An empty map is not sent.
  .map(({ weights, ...choice }) =>
    weights && Object.keys(weights).length > 0 ? { ...choice, weights } : choice,
  );
const sampling = fc.oneof(
  fc.record({
    kind: fc.constantFrom('sequential' as const, 'shuffled' as const),
    refill: fc.boolean(),
    pools: fc.constant([]),
    unseenWeight: fc.constant(1),
  }),
  fc.record({
    kind: fc.constant('curriculum' as const),
    refill: fc.boolean(),
    pools: fc.constant([
      { name: 'a', passRateMax: 0, weight: 0 },
      { name: 'b', passRateMax: 1, weight: 2 },
    ]),
    unseenWeight: share,
  }),
);
const completion = fc.record({
  text,
  finishReason: optional(fc.constantFrom(...FINISH_REASONS)),
  tokenCount: optional(count),
  policyVersion: version,
});
const completions = fc
  .array(completion, { minLength: 1, maxLength: 4 })
  .map((members) => members.map((member, memberIndex) => ({ ...member, memberIndex })));
const groupCompletions = fc.array(fc.record({ leaseId: id, completions }), { minLength: 1, maxLength: 3 });
const settings = {
  dataset: name,
  split: name,
  groupSize: fc.integer({ min: 1, max: 1024 }),
  seed: count,
  epochs: fc.integer({ min: 1, max: 1e6 }),
  reward: optional(recipe),
  estimator,
  sampling,
  leaseTtlMs: fc.integer({ min: 1000, max: 1e6 }),
  maxAttempts: fc.integer({ min: 1, max: 1000 }),
  maxDrift: version,
  promptTemplate: name,
};
const rewards = fc.array(fc.option(number), { minLength: 1, maxLength: 4 });

const CALLS: Readonly<Partial<Record<CallName, fc.Arbitrary<unknown>>>> = {
  OpenRun: fc.record({ runId: optional(name), ...settings }),
  LeaseGroups: fc.record({
    runId: id,
    groups: fc.integer({ min: 1, max: 4096 }),
    batchId: optional(id),
    policyVersion: version,
  }),
  Heartbeat: fc.record({ runId: id, leaseIds: fc.array(id, { minLength: 1, maxLength: 3 }) }),
  SubmitCompletions: fc.record({ runId: id, groups: groupCompletions, wait: fc.boolean() }),
  GetGroup: fc.record({ runId: id, groupId: id }),
  ListTrainingSteps: fc.record({
    runId: id,
    afterNumber: version,
    limit: fc.integer({ min: 1, max: 10_000 }),
  }),
  ReportTrainingStep: fc.record({
    runId: id,
    trainingStep: fc.record({ number: fc.maxSafeNat(), metrics: byName(number), policyVersion: version }),
  }),
  Score: fc.record({
    reward: optional(recipe),
    estimator,
    groups: fc.array(
      fc.record({
        prompt: shortList(fc.record({ role: fc.constantFrom(...ROLES), content: text })),
        reference: fc.oneof(
          fc.record({
            kind: fc.constant('inline' as const),
            groundTruth: fc.record({ answer: id, aliases: shortList(id) }),
            choices: shortList(id),
          }),
          fc.record({ kind: fc.constant('row' as const), dataset: name, pairId: id }),
        ),
        completions,
      }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  ComputeAdvantages: fc.record({
    estimator,
    groups: fc.array(
      rewards.chain((values) =>
        fc.record({
          rewards: fc.constant(values),
          lengths: optional(fc.constant(values.map((_, index) => index))),
          components: optional(fc.constant({ math: values })),
        }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  }),
};

const unscorable = fc.record({ cause: fc.constantFrom(...UNSCORABLE_CAUSES), scorer: id, detail: id });
const cost = fc.record({
  usd: fc.option(fc.double({ noNaN: true, min: 0, max: 1e6 }).map((value) => value + 0)),
  isCached: fc.boolean(),
  promptTokens: fc.maxSafeNat(),
  completionTokens: fc.maxSafeNat(),
  verdicts: optional(fc.record({ asked: fc.nat(), known: fc.nat() })),
});
const score = fc.oneof(
  fc.record({
    kind: fc.constant('scored' as const),
    scorer: id,
    score: share,
    answer: optional(text),
    answerSource: optional(id),
    reason: optional(text),
    replacedBy: optional(id),
    cost: optional(cost),
  }),
  fc.record({
    kind: fc.constant('unscorable' as const),
    scorer: id,
    unscorable,
    answer: optional(text),
    answerSource: optional(id),
    reason: optional(text),
    replacedBy: optional(id),
    cost: optional(cost),
  }),
);
const completionResult = fc.record({
  memberIndex: count,
  outcome: fc.oneof(
    fc.record({ kind: fc.constant('scored' as const), reward: number, scores: shortList(score) }),
    fc.record({ kind: fc.constant('unscorable' as const), unscorable, scores: shortList(score) }),
  ),
  advantage: optional(number),
  drift: version,
});
const flags = fc.subarray(['zero_variance' as const, 'insufficient_valid' as const]);
const groupResult = fc.record({
  groupId: id,
  leaseId: id,
  batchId: id,
  state: fc.constantFrom(...GROUP_STATES),
  completions: shortList(completionResult),
  missing: shortList(count),
  flags,
  estimator,
  batchOwed: optional(count),
});
const leasedGroup = fc.record({
  groupId: id,
  leaseId: id,
  batchId: id,
  pairId: id,
  prompt: shortList(fc.record({ role: fc.constantFrom(...ROLES), content: text })),
  groupSize: count,
  attempt: count,
  expiresAt: time,
  epoch: count,
});
const namedCounts = shortList(fc.record({ name: text, count: fc.maxSafeNat() }));
const trainingStep = fc.record({ number: fc.maxSafeNat(), metrics: byName(number), policyVersion: version });
const dataset = fc.record({
  name,
  version: id,
  description: text,
  createdAt: time,
  splits: namedCounts,
  answerTypes: namedCounts,
  domains: namedCounts,
  reward: optional(recipe),
  provenance: fc.record({ source: text, license: text, generator: text }),
});
const run = fc.record({
  ...settings,
  runId: id,
  state: fc.constantFrom(...RUN_STATES),
  datasetVersion: id,
  createdAt: time,
  groupsTotal: fc.maxSafeNat(),
  groupsCompleted: fc.maxSafeNat(),
  policyVersion: version,
});
const heartbeat = fc.record({
  leases: shortList(fc.record({ leaseId: id, expiresAt: time })),
  lost: shortList(id),
});
const idle = fc.constantFrom(...EMPTY_REASONS);

const REPLIES: Readonly<Record<Exclude<CallName, 'ReportTrainingStep'>, fc.Arbitrary<unknown>>> = {
  ListDatasets: shortList(dataset),
  GetDataset: dataset,
  OpenRun: run,
  ListRuns: shortList(run),
  GetRun: run,
  CloseRun: run,
  LeaseGroups: fc.record({
    batchId: id,
    groups: shortList(leasedGroup),
    emptyReason: optional(idle),
    retryAfterMs: optional(count),
  }),
  Heartbeat: heartbeat,
  ReleaseGroups: fc.record({ released: count }),
  SubmitCompletions: shortList(groupResult),
  GetGroup: groupResult,
  GetAccounting: fc.record({
    leases: fc.record({
      leased: count,
      completed: count,
      expired: count,
      released: count,
      quarantined: count,
      open: count,
    }),
    groups: fc.record({
      total: count,
      issued: count,
      completed: count,
      quarantined: count,
      inProgress: count,
    }),
    completions: fc.record({
      submitted: count,
      scored: count,
      unscorable: count,
      inFlight: count,
      unscorableByCause: namedCounts,
      truncated: count,
      repeats: count,
    }),
    meanReward: optional(number),
    passRate: optional(share),
    passThreshold: share,
    zeroVarianceGroups: count,
    zeroVarianceShare: optional(share),
    insufficientValidGroups: count,
    cache: fc.record({ hits: count, misses: count }),
    costUsd: optional(share),
    judgePromptTokens: count,
    judgeCompletionTokens: count,
    drift: shortList(fc.record({ drift: count, completions: count })),
    audits: shortList(
      fc.record({
        scorer: id,
        domain: text,
        answerType: text,
        bothYes: count,
        onlyScorer: count,
        onlyJudge: count,
        bothNo: count,
        unjudged: count,
        agreement: optional(share),
        precision: optional(share),
        recall: optional(share),
      }),
    ),
  }),
  ListTrainingSteps: shortList(trainingStep),
  Score: fc.record({
    estimator,
    groups: shortList(fc.record({ flags, completions: shortList(completionResult) })),
  }),
  ComputeAdvantages: fc.record({
    estimator,
    groups: shortList(fc.record({ advantages: shortList(number), flags })),
  }),
};

/** Through real bytes of the message that is sent in this direction. */
function overProto(
  call: CallName | 'Rollout' | 'WatchRun',
  message: ProtoMessage,
  way: 'request' | 'reply',
): ProtoMessage {
  const method = contract.method(call);
  return way === 'request'
    ? method.requestDeserialize(method.requestSerialize(message))
    : method.responseDeserialize(method.responseSerialize(message));
}

const overJson = (wire: unknown): unknown => JSON.parse(JSON.stringify(wire));

describe('calls arrive as they were written', () => {
  it.each(Object.entries(CALLS) as [CallName, fc.Arbitrary<unknown>][])(
    '%s, by either door',
    (call, arbitrary) => {
      const row = rowOf(call);
      fc.assert(
        fc.property(arbitrary, (written) => {
          const wire = row.encodeCall(written);
          const message = overProto(call, row.requestToProto(wire), 'request');
          expect(row.decode(row.requestFromProto(message))).toEqual(written);
          expect(row.decode(overJson(wire))).toEqual(written);
        }),
      );
    },
  );
});

describe('replies arrive as they were given', () => {
  it.each(Object.entries(REPLIES) as [CallName, fc.Arbitrary<unknown>][])(
    '%s, by either door',
    (call, arbitrary) => {
      const row = rowOf(call);
      fc.assert(
        fc.property(arbitrary, (given) => {
          const wire = row.encode(given);
          const message = overProto(call, row.replyToProto(wire), 'reply');
          expect(row.decodeReply(row.replyFromProto(message))).toEqual(given);
          expect(row.decodeReply(overJson(wire))).toEqual(given);
          // And the reference has every field of it.
          expect(row.reply.parse(wire)).toEqual(wire);
        }),
      );
    },
  );
});

const answers = (length: number) => ({
  estimator: { name: 'grpo:verl', ddof: 1, epsilon: 1e-6 },
  groups: [
    {
      flags: [],
      completions: Array.from({ length: 3 }, (_, index) => ({
        member_index: 2 ** (7 * index),
        reward: -0.5,
        drift: Number.MAX_SAFE_INTEGER,
        scores: [{ scorer: 'math', score: 1, answer: 'é'.repeat(length) }],
      })),
    },
  ],
});

describe('scoreBytes()', () => {
  it('writes what the general encoder writes, byte by byte', () => {
    const encode = scoreBytes();
    const { responseSerialize } = contract.method('Score');
    fc.assert(
      fc.property(REPLIES.Score, (given) => {
        const wire = encodeScored(given as ScoreReply);
        expect(encode(wire).equals(responseSerialize(wire))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('grows for a large reply, and is as before after it', () => {
    const encode = scoreBytes();
    const { responseSerialize } = contract.method('Score');
    for (const length of [1, 23, 24, 25, 100, 5_000, 1_000_000, 3]) {
      const wire = answers(length);
      expect(encode(wire).equals(responseSerialize(wire))).toBe(true);
    }
  });
});

describe('resultBytes()', () => {
  it('writes what the general encoder writes, byte by byte', () => {
    const encode = resultBytes();
    const { responseSerialize } = contract.method('Rollout');
    fc.assert(
      fc.property(groupResult, (result) => {
        const frame = rolloutFrameOut({ kind: 'result', result: result as unknown as GroupResult });
        expect(encode(frame as { result: ProtoGroupResult }).equals(responseSerialize(frame))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('frames and events arrive as they were sent', () => {
  it('rolloutFrameIn() reads what rolloutInputOut() wrote', () => {
    const frame = fc.oneof(
      fc.record({
        kind: fc.constant('open' as const),
        runId: id,
        window: fc.integer({ min: 1, max: 4096 }),
        policyVersion: version,
        batchGroups: fc.integer({ min: 1, max: 9 }),
      }),
      fc.record({ kind: fc.constant('submit' as const), groups: groupCompletions }),
      fc.record({
        kind: fc.constantFrom('heartbeat' as const, 'release' as const),
        leaseIds: fc.array(id, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({
        kind: fc.constant('update' as const),
        window: optional(fc.integer({ min: 0, max: 4096 })),
        policyVersion: version,
      }),
    );
    fc.assert(
      fc.property(frame, (sent) => {
        expect(rolloutFrameIn(overProto('Rollout', rolloutInputOut(sent as never), 'request'))).toEqual(sent);
      }),
    );
  });

  it('rolloutResponseIn() reads what rolloutFrameOut() wrote', () => {
    const problem = fc.record({
      code: fc.constantFrom('not_found', 'invalid_argument'),
      detail: text,
      field: optional(text),
      retryAfterMs: optional(count),
    });
    const frame = fc.oneof(
      fc.record({ kind: fc.constant('group'), group: leasedGroup }),
      fc.record({ kind: fc.constant('result'), result: groupResult }),
      fc.record({ kind: fc.constant('idle'), reason: idle, retryAfterMs: optional(count) }),
      fc.record({ kind: fc.constant('heartbeat'), reply: heartbeat }),
      fc.record({ kind: fc.constant('problem'), problem, leaseIds: shortList(id) }),
    );
    fc.assert(
      fc.property(frame, (sent) => {
        expect(rolloutResponseIn(overProto('Rollout', rolloutFrameOut(sent as never), 'reply'))).toEqual(
          sent,
        );
      }),
    );
  });

  it('runEventIn() reads what runEventOut() wrote', () => {
    const at = { sequence: fc.maxSafeNat(), at: time };
    const event = fc.oneof(
      fc.record({ ...at, kind: fc.constant('group-leased'), group: leasedGroup }),
      fc.record({ ...at, kind: fc.constant('group-scored'), result: groupResult }),
      fc.record({
        ...at,
        kind: fc.constantFrom('lease-expired', 'group-released', 'group-quarantined'),
        ended: fc.record({ groupId: id, leaseId: id, attempt: fc.integer({ min: 1, max: 9 }) }),
      }),
      fc.record({ ...at, kind: fc.constant('training-step-reported'), trainingStep }),
      fc.record({ ...at, kind: fc.constant('run-closed') }),
      fc.record({ ...at, kind: fc.constant('events-lost'), count: fc.nat() }),
    );
    fc.assert(
      fc.property(event, (sent) => {
        expect(runEventIn(overProto('WatchRun', runEventOut(sent as never), 'reply'))).toEqual(sent);
      }),
    );
  });
});

interface EnumDescriptor {
  readonly value: readonly { readonly name: string; readonly number: number }[];
}

describe('the enums of the proto', () => {
  const enums = [
    ['FinishReason', 'FINISH_REASON_', FINISH_REASONS],
    ['RunState', 'RUN_STATE_', RUN_STATES],
    ['EmptyReason', 'EMPTY_REASON_', EMPTY_REASONS],
    ['GroupState', 'GROUP_STATE_', GROUP_STATES],
  ] as const;

  it.each(enums)(
    '%s lists the values of the core in their order, after UNSPECIFIED',
    (type, prefix, values) => {
      const definition = contract.packageDefinition[`groupwise.v1.${type}`];
      if (definition === undefined) throw new Error(`No enum ${type}`);
      const { value } = definition.type as unknown as EnumDescriptor;
      expect(value.map(({ name: label, number: at }) => [label, at])).toEqual(
        ['unspecified', ...values].map((label, index) => [`${prefix}${label.toUpperCase()}`, index]),
      );
    },
  );
});
