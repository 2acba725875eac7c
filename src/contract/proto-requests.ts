// Requests between the decoded proto message and the wire's JSON, one small function a shape. From the proto they patch
// the message in place, for it is freshly decoded and nobody else's: most fields already are what the JSON has. Fields
// without presence get back the zero that the encoding left out. Nothing is checked here, the schemas do that.

import { FINISH_REASONS } from '../core/completion.ts';
import { invalidArgument } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { PASS_THRESHOLD } from '../core/pass-rate.ts';
import {
  type ProtoMessage,
  type ProtoStruct,
  enumFromProto,
  enumToProto,
  objectFromProto,
  objectToProto,
} from './proto-values.ts';

const SCORER_FIELDS = [
  'name',
  'known_as',
  'weight',
  'required',
  'when',
  'gate',
  'undecided_between',
  'time_limit_ms',
] as const;

/** Score, OpenRun: `reward` from its oneof to a name or a recipe. */
export function rewardFromProto(reward: unknown, field = 'reward'): unknown {
  if (reward === undefined) return undefined;
  const { scorer, recipe } = reward as { scorer?: string; recipe?: ProtoMessage };
  if (recipe === undefined) return scorer;
  const scorers = (recipe['scorers'] ?? []) as ProtoMessage[];
  recipe['scorers'] = scorers.map((use, index) => scorerFromProto(use, `${field}.scorers[${index}]`));
  const penalty = recipe['length_penalty'] as ProtoMessage | undefined;
  if (penalty !== undefined) zeros(penalty, 'max_tokens', 'buffer_tokens');
  return recipe;
}

export function rewardToProto(reward: unknown): ProtoMessage | undefined {
  if (reward === undefined) return undefined;
  if (typeof reward === 'string') return { scorer: reward };
  const recipe = reward as ProtoMessage & { scorers: readonly JsonObject[] };
  return { recipe: { ...recipe, scorers: recipe.scorers.map(scorerToProto) } };
}

export function openRunFromProto(message: ProtoMessage): ProtoMessage {
  message['reward'] = rewardFromProto(message['reward']);
  const sampling = message['sampling'] as { pools?: ProtoMessage[] } | undefined;
  for (const pool of sampling?.pools ?? []) zeros(pool, 'pass_rate_max', 'weight');
  return message;
}

export function openRunToProto(wire: ProtoMessage): ProtoMessage {
  const { estimator, sampling } = wire;
  return {
    ...wire,
    reward: rewardToProto(wire['reward']),
    estimator: estimatorToProto(estimator),
    sampling: typeof sampling === 'string' ? { kind: sampling } : sampling,
  };
}

export function submitFromProto(message: ProtoMessage): ProtoMessage {
  groupsFromProto(message['groups']);
  return message;
}

export function submitToProto(wire: ProtoMessage): ProtoMessage {
  return { ...wire, groups: groupsToProto(wire['groups']) };
}

export function scoreFromProto(message: ProtoMessage): ProtoMessage {
  if (message['reward'] !== undefined) message['reward'] = rewardFromProto(message['reward']);
  for (const group of (message['groups'] ?? []) as ProtoMessage[]) {
    if (group['prompt'] !== undefined) textsOf(group['prompt'] as ProtoMessage[], 'content');
    completionsFromProto(group['completions']);
  }
  return message;
}

export function scoreToProto(wire: ProtoMessage): ProtoMessage {
  return {
    reward: rewardToProto(wire['reward']),
    estimator: estimatorToProto(wire['estimator']),
    groups: (groupsToProto(wire['groups']) as ProtoMessage[]).map((group) =>
      typeof group['prompt'] === 'string'
        ? { ...group, prompt: [{ role: 'user', content: group['prompt'] }] }
        : group,
    ),
  };
}

export function computeAdvantagesFromProto(message: ProtoMessage): ProtoMessage {
  for (const group of (message['groups'] ?? []) as ProtoMessage[]) {
    group['rewards'] = rewardValuesFromProto(group['rewards']);
    const components = group['components'] as Record<string, { values?: unknown }> | undefined;
    if (components === undefined) continue;
    group['components'] = Object.fromEntries(
      Object.entries(components).map(([name, list]) => [name, rewardValuesFromProto(list.values)]),
    );
  }
  return message;
}

export function computeAdvantagesToProto(wire: ProtoMessage): ProtoMessage {
  const groups = wire['groups'] as readonly {
    readonly rewards: readonly (number | null)[];
    readonly lengths?: readonly number[];
    readonly components?: Readonly<Record<string, readonly (number | null)[]>>;
  }[];
  return {
    estimator: estimatorToProto(wire['estimator']),
    groups: groups.map(({ rewards, lengths, components }) => ({
      rewards: rewardValuesToProto(rewards),
      lengths,
      components:
        components &&
        Object.fromEntries(
          Object.entries(components).map(([name, values]) => [name, { values: rewardValuesToProto(values) }]),
        ),
    })),
  };
}

export function reportTrainingStepFromProto(message: ProtoMessage): ProtoMessage {
  const step = message['training_step'] as ProtoMessage | undefined;
  if (step !== undefined) zeros(step, 'number');
  return message;
}

export function rolloutRequestFromProto(message: ProtoMessage): ProtoMessage {
  if (message['submit'] !== undefined) groupsFromProto((message['submit'] as ProtoMessage)['groups']);
  if (message['open'] !== undefined) zeros(message['open'] as ProtoMessage, 'window');
  return message;
}

export function rolloutRequestToProto(wire: ProtoMessage): ProtoMessage {
  const submit = wire['submit'] as ProtoMessage | undefined;
  return submit === undefined ? wire : { submit: { groups: groupsToProto(submit['groups']) } };
}

export function unchanged(message: ProtoMessage): ProtoMessage {
  return message;
}

function scorerFromProto(use: ProtoMessage, field: string): ProtoMessage {
  const { options: struct, ...scorer } = use;
  if (struct === undefined) return scorer;
  const options = objectFromProto(struct as ProtoStruct);
  const taken = SCORER_FIELDS.find((name) => Object.hasOwn(options, name));
  if (taken !== undefined) {
    throw invalidArgument(
      `${field}.options.${taken}`,
      'Must not be an option: it is a field of the scorer itself',
    );
  }
  return { ...options, ...scorer };
}

/** Options stand beside the name in JSON, and in a struct of their own in the proto. */
export function scorerToProto(scorer: JsonObject): ProtoMessage {
  const {
    name,
    known_as: knownAs,
    weight,
    required,
    when,
    gate,
    undecided_between: between,
    time_limit_ms: timeLimit,
    ...options
  } = scorer;
  return {
    name,
    known_as: knownAs,
    weight,
    required,
    when,
    gate: gate === true ? PASS_THRESHOLD : gate,
    undecided_between: between,
    time_limit_ms: timeLimit,
    options: Object.keys(options).length === 0 ? undefined : objectToProto(options),
  };
}

function estimatorToProto(estimator: unknown): unknown {
  return typeof estimator === 'string' ? { name: estimator } : estimator;
}

function groupsFromProto(groups: unknown): void {
  for (const group of (groups ?? []) as ProtoMessage[]) completionsFromProto(group['completions']);
}

function groupsToProto(groups: unknown): readonly ProtoMessage[] {
  return (groups as readonly ProtoMessage[]).map((group) => ({
    ...group,
    completions: (group['completions'] as readonly ProtoMessage[]).map((completion) =>
      typeof completion['finish_reason'] === 'string'
        ? { ...completion, finish_reason: enumToProto(FINISH_REASONS, completion['finish_reason']) }
        : completion,
    ),
  }));
}

function completionsFromProto(completions: unknown): void {
  for (const completion of (completions ?? []) as { text?: string; finish_reason?: unknown }[]) {
    completion.text ??= '';
    if (completion.finish_reason !== undefined) {
      completion.finish_reason = enumFromProto(FINISH_REASONS, completion.finish_reason);
    }
  }
}

function rewardValuesFromProto(values: unknown): (number | null)[] {
  return ((values ?? []) as { value?: number }[]).map(({ value }) => value ?? null);
}

function rewardValuesToProto(values: readonly (number | null)[]): ProtoMessage[] {
  return values.map((value) => (value === null ? {} : { value }));
}

function zeros(message: ProtoMessage, ...fields: readonly string[]): void {
  for (const field of fields) message[field] ??= 0;
}

function textsOf(messages: readonly ProtoMessage[], field: string): void {
  for (const message of messages) message[field] ??= '';
}
