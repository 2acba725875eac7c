// JSON bodies of the `score` scenario, and what their replies say. `score` is POST /v1/score; `get_reward` is the flat shape
// of the reward servers that trainers' examples show, so that one can be measured beside the other. Pure.

import { encodeScore } from '../contract/encode-calls.ts';
import type { ReplyCompletion, ReplyGroups } from './reply-check.ts';
import type { DecodedReply } from './reply-checker.ts';
import type { ScoreCase } from './score-case.ts';

export const BODIES = ['score', 'get_reward'] as const;
export type Body = (typeof BODIES)[number];

export const PATHS: Readonly<Record<Body, string>> = { score: '/v1/score', get_reward: '/get_reward' };

/** The body of one request, UTF-8. */
export function encodeBody(body: Body, scoreCase: ScoreCase): Buffer {
  return Buffer.from(
    JSON.stringify(body === 'score' ? encodeScore(scoreCase.input) : getRewardBody(scoreCase)),
  );
}

/** What a reply with status 200 says. Throws when it is not JSON of the expected shape. */
export function decodeBody(body: Body, reply: Buffer): DecodedReply {
  const parsed: unknown = JSON.parse(reply.toString('utf8'));
  return { kind: 'scored', groups: body === 'score' ? scoreGroups(parsed) : getRewardGroups(parsed) };
}

function getRewardBody({ input }: ScoreCase): unknown {
  const members = input.groups.flatMap((group) =>
    group.completions.map((completion) => ({
      prompt: (group.prompt ?? []).map((message) => message.content).join('\n'),
      completion: completion.text,
      label: group.reference.kind === 'inline' ? group.reference.groundTruth.answer : '',
    })),
  );
  return {
    prompts: members.map((member) => member.prompt),
    completions: members.map((member) => member.completion),
    labels: members.map((member) => member.label),
  };
}

function scoreGroups(reply: unknown): ReplyGroups {
  return listOf(reply, 'groups').map((group) =>
    listOf(group, 'completions').map((completion) => ({
      reward: numberOf(completion, 'reward'),
      advantage: numberOf(completion, 'advantage'),
    })),
  );
}

/** Flat: all completions of the request stand in one list, and there are no advantages. */
function getRewardGroups(reply: unknown): readonly [readonly ReplyCompletion[]] {
  return [
    listOf(reply, 'rewards').map((reward) => ({
      reward: typeof reward === 'number' ? reward : undefined,
      advantage: undefined,
    })),
  ];
}

function listOf(value: unknown, field: string): readonly unknown[] {
  const list: unknown = fieldOf(value, field);
  if (!Array.isArray(list)) throw new TypeError(`The reply has no list "${field}"`);
  return list;
}

function numberOf(value: unknown, field: string): number | undefined {
  const number = fieldOf(value, field);
  return typeof number === 'number' ? number : undefined;
}

/** The member `field` of parsed JSON, undefined when `value` is no object. */
export function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined;
}
