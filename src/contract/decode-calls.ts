// From what a client sent to what the service takes: checked against the schema of the call, then one pass that fills in
// defaults and the rules that span fields. Both doors come through here, so neither has a rule that the other lacks.

import type { z } from 'zod';
import type {
  ComputeAdvantagesCall,
  GroupCompletions,
  LeaseGroupsCall,
  LeasesCall,
  MemberCompletion,
  OpenRunCall,
  RolloutRequest,
  ScoreCall,
  ScoreGroup,
  SubmitCompletionsCall,
  TrainingStep,
} from '../core/calls.ts';
import { invalidArgument } from '../core/errors.ts';
import type { BatchId, GroupId, LeaseId, PairId, RunId } from '../core/ids.ts';
import type { Message } from '../core/prompt.ts';
import { decodeEstimator, decodeReward, decodeSampling } from './decode-recipe.ts';
import { DEFAULTS } from './defaults.ts';
import { LIMITS } from './limits.ts';
import { type PlainCheck, plainCheck } from './plain-check.ts';
import type * as parts from './schemas/completions.ts';
import * as requests from './schemas/requests.ts';
import { refusal } from './wording.ts';

type Wire<Schema extends z.ZodType> = z.output<Schema>;

/** Of the calls that come by the thousand. */
const PLAIN = new Map<z.ZodType, PlainCheck>(
  [requests.score, requests.submitCompletions, requests.rolloutSubmit].map((schema) => [
    schema,
    plainCheck(schema),
  ]),
);

export function decodeNothing(input: unknown): void {
  parse(requests.empty, input);
}

export function decodeGetDataset(input: unknown): string {
  return parse(requests.getDataset, input).name;
}

export function decodeOfRun(input: unknown): RunId {
  return parse(requests.ofOneRun, input).run_id as RunId;
}

export function decodeOpenRun(input: unknown): OpenRunCall {
  const wire = parse(requests.openRun, input);
  return {
    runId: (wire.run_id === '' ? undefined : wire.run_id) as RunId | undefined,
    dataset: wire.dataset,
    split: wire.split ?? DEFAULTS.split,
    groupSize: wire.group_size ?? DEFAULTS.groupSize,
    seed: wire.seed ?? DEFAULTS.seed,
    epochs: wire.epochs ?? DEFAULTS.epochs,
    reward: decodeReward(wire.reward),
    estimator: decodeEstimator(wire.estimator),
    sampling: decodeSampling(wire.sampling),
    leaseTtlMs: wire.lease_ttl_ms ?? DEFAULTS.leaseTtlMs,
    maxAttempts: wire.max_attempts ?? DEFAULTS.maxAttempts,
    maxDrift: wire.max_drift,
    promptTemplate: wire.prompt_template ?? DEFAULTS.promptTemplate,
  };
}

export function decodeLeaseGroups(input: unknown): LeaseGroupsCall {
  const wire = parse(requests.leaseGroups, input);
  return {
    runId: wire.run_id as RunId,
    groups: wire.groups ?? DEFAULTS.groupsPerLease,
    batchId: wire.batch_id as BatchId | undefined,
    policyVersion: wire.policy_version,
  };
}

export function decodeLeases(input: unknown): LeasesCall {
  const wire = parse(requests.leases, input);
  return { runId: wire.run_id as RunId, leaseIds: wire.lease_ids as LeaseId[] };
}

export function decodeSubmitCompletions(input: unknown): SubmitCompletionsCall {
  const wire = parse(requests.submitCompletions, input);
  return { runId: wire.run_id as RunId, groups: groupsOfCompletions(wire.groups), wait: wire.wait ?? true };
}

export function decodeGetGroup(input: unknown): { readonly runId: RunId; readonly groupId: GroupId } {
  const wire = parse(requests.getGroup, input);
  return { runId: wire.run_id as RunId, groupId: wire.group_id as GroupId };
}

export function decodeWatchRun(input: unknown): {
  readonly runId: RunId;
  readonly afterSequence: number | undefined;
} {
  const wire = parse(requests.watchRun, input);
  return { runId: wire.run_id as RunId, afterSequence: wire.after_sequence };
}

export function decodeReportTrainingStep(input: unknown): {
  readonly runId: RunId;
  readonly trainingStep: TrainingStep;
} {
  const { run_id: runId, training_step: step } = parse(requests.reportTrainingStep, input);
  return {
    runId: runId as RunId,
    trainingStep: { number: step.number, metrics: step.metrics ?? {}, policyVersion: step.policy_version },
  };
}

export function decodeListTrainingSteps(input: unknown): {
  readonly runId: RunId;
  readonly afterNumber: number | undefined;
  readonly limit: number;
} {
  const wire = parse(requests.listTrainingSteps, input);
  return {
    runId: wire.run_id as RunId,
    afterNumber: wire.after_number,
    limit: wire.limit ?? DEFAULTS.trainingStepsPage,
  };
}

export function decodeScore(input: unknown): ScoreCall {
  const wire = parse(requests.score, input);
  checkTotal(wire.groups);
  return {
    reward: decodeReward(wire.reward),
    estimator: decodeEstimator(wire.estimator),
    groups: wire.groups.map(scoreGroup),
  };
}

export function decodeComputeAdvantages(input: unknown): ComputeAdvantagesCall {
  const wire = parse(requests.computeAdvantages, input);
  for (const [index, group] of wire.groups.entries()) checkLengths(group, `groups[${index}]`);
  return {
    estimator: decodeEstimator(wire.estimator),
    groups: wire.groups.map((group) => ({
      rewards: group.rewards,
      lengths: group.lengths?.length === 0 ? undefined : group.lengths,
      components: group.components,
    })),
  };
}

/** A frame as `{open: …}`, `{submit: …}`, … : exactly one of them. */
export function decodeRolloutRequest(input: Readonly<Record<string, unknown>>): RolloutRequest {
  if (input['submit'] !== undefined) {
    const { groups } = parse(requests.rolloutSubmit, input['submit'], 'submit');
    return { kind: 'submit', groups: groupsOfCompletions(groups, 'submit.') };
  }
  if (input['open'] !== undefined) {
    const wire = parse(requests.rolloutOpen, input['open'], 'open');
    return {
      kind: 'open',
      runId: wire.run_id as RunId,
      window: wire.window,
      policyVersion: wire.policy_version,
      batchGroups: wire.batch_groups ?? DEFAULTS.groupsPerLease,
    };
  }
  if (input['update'] !== undefined) {
    const wire = parse(requests.rolloutUpdate, input['update'], 'update');
    return { kind: 'update', window: wire.window, policyVersion: wire.policy_version };
  }
  for (const kind of ['heartbeat', 'release'] as const) {
    if (input[kind] === undefined) continue;
    return { kind, leaseIds: parse(requests.rolloutLeases, input[kind], kind).lease_ids as LeaseId[] };
  }
  throw invalidArgument('frame', 'Is missing: must be one of open, submit, heartbeat, release, update');
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown, prefix?: string): Wire<Schema> {
  if (PLAIN.get(schema)?.(input) === true) return input as Wire<Schema>;
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw refusal(parsed.error.issues, prefix);
}

type WireGroups = Wire<typeof parts.groupsOfCompletions>;

function groupsOfCompletions(groups: WireGroups, prefix = ''): readonly GroupCompletions[] {
  checkTotal(groups, prefix);
  return groups.map((group, index) => ({
    leaseId: group.lease_id as LeaseId,
    completions: members(group.completions, `${prefix}groups[${index}]`),
  }));
}

function checkTotal(groups: readonly { readonly completions: readonly unknown[] }[], prefix = ''): void {
  let total = 0;
  for (const group of groups) total += group.completions.length;
  if (total > LIMITS.completionsPerRequestMax) {
    throw invalidArgument(
      `${prefix}groups`,
      `Must hold at most ${LIMITS.completionsPerRequestMax} completions together, not ${total}`,
    );
  }
}

/** Texts are made well-formed here, as gRPC's UTF-8 does of itself, so that one text has one hash at either door. */
function members(completions: readonly Wire<typeof parts.completion>[], field: string): MemberCompletion[] {
  let hasOwnIndexes = false;
  const decoded = completions.map((completion, place) => {
    if (completion.member_index !== undefined) hasOwnIndexes = true;
    return {
      memberIndex: completion.member_index ?? place,
      text: completion.text.toWellFormed(),
      finishReason: completion.finish_reason,
      tokenCount: completion.token_count,
      policyVersion: completion.policy_version,
    };
  });
  if (hasOwnIndexes) checkUnique(decoded, field);
  return decoded;
}

function checkUnique(completions: readonly MemberCompletion[], field: string): void {
  const seen = new Set<number>();
  for (const [place, { memberIndex }] of completions.entries()) {
    if (seen.has(memberIndex)) {
      throw invalidArgument(
        `${field}.completions[${place}].member_index`,
        `Must differ from those of the other completions, not ${memberIndex} again`,
      );
    }
    seen.add(memberIndex);
  }
}

function scoreGroup(wire: Wire<typeof parts.scoreGroup>, index: number): ScoreGroup {
  const field = `groups[${index}]`;
  return {
    prompt: prompt(wire.prompt, `${field}.prompt`),
    reference: reference(wire, field),
    completions: members(wire.completions, field),
  };
}

function prompt(wire: Wire<typeof parts.scoreGroup>['prompt'], field: string): readonly Message[] {
  if (wire === undefined) return [];
  if (typeof wire === 'string') return [{ role: 'user', content: wire.toWellFormed() }];
  const chars = wire.reduce((sum, message) => sum + message.content.length, 0);
  if (chars > LIMITS.promptCharsMax) {
    throw invalidArgument(
      field,
      `Must hold at most ${LIMITS.promptCharsMax} characters together, not ${chars}`,
    );
  }
  return wire.map(({ role, content }) => ({ role, content: content.toWellFormed() }));
}

function reference(wire: Wire<typeof parts.scoreGroup>, field: string): ScoreGroup['reference'] {
  const { ground_truth: answer, pair_id: pairId, dataset, aliases = [], choices = [] } = wire;
  if (answer !== undefined && pairId !== undefined) {
    throw invalidArgument(
      `${field}.pair_id`,
      'Must be absent beside ground_truth: a group has one reference',
    );
  }
  if (answer !== undefined) {
    if (dataset !== undefined) throw invalidArgument(`${field}.dataset`, 'Must be absent without pair_id');
    const groundTruth = {
      answer: answer.toWellFormed(),
      aliases: aliases.map((alias) => alias.toWellFormed()),
    };
    return { kind: 'inline', groundTruth, choices: choices.map((choice) => choice.toWellFormed()) };
  }
  if (pairId === undefined) {
    throw invalidArgument(
      `${field}.ground_truth`,
      'Is missing: a group needs ground_truth, or pair_id with dataset',
    );
  }
  if (dataset === undefined)
    throw invalidArgument(`${field}.dataset`, 'Is missing: pair_id is a row of a dataset');
  if (aliases.length > 0)
    throw invalidArgument(`${field}.aliases`, 'Must be absent beside pair_id: the row has its own');
  if (choices.length > 0)
    throw invalidArgument(`${field}.choices`, 'Must be absent beside pair_id: the row has its own');
  return { kind: 'row', dataset, pairId: pairId as PairId };
}

function checkLengths(group: Wire<typeof parts.rewardGroup>, field: string): void {
  const expected = group.rewards.length;
  const { lengths = [], components = {} } = group;
  if (lengths.length > 0 && lengths.length !== expected) {
    throw invalidArgument(
      `${field}.lengths`,
      `Must be as many as rewards, ${expected}, not ${lengths.length}`,
    );
  }
  for (const [name, values] of Object.entries(components)) {
    if (values.length !== expected) {
      throw invalidArgument(
        `${field}.components.${name}`,
        `Must be as many as rewards, ${expected}, not ${values.length}`,
      );
    }
  }
}
