// The requests of the `score` scenario with the rewards they must earn. A few are made before the test and sent over and
// over, so that making them costs the client nothing while it measures. Pure.

import type { ScoreInput } from '../contract/encode-calls.ts';
import { arithmeticQuestion } from './arithmetic.ts';
import { isRightMember, knownCompletion } from './known-completion.ts';

export interface ScoreShape {
  readonly groupSize: number;
  readonly completionChars: number;
  readonly groupsPerRequest: number;
  /** Name of the verifier. */
  readonly reward: string;
}

export interface ScoreCase {
  readonly input: ScoreInput;
  /** [groups][members] */
  readonly rewards: readonly (readonly number[])[];
}

const CASES_MAX = 64;
const CHARS_MAX = 8 * 1024 * 1024;

/** Different requests of one shape: 64, or fewer when they are large. */
export function scoreCases(shape: ScoreShape): readonly ScoreCase[] {
  const charsPerCase = shape.groupSize * shape.completionChars * shape.groupsPerRequest;
  const count = Math.max(2, Math.min(CASES_MAX, Math.floor(CHARS_MAX / Math.max(1, charsPerCase))));
  return Array.from({ length: count }, (_, index) => scoreCase(shape, index * shape.groupsPerRequest));
}

function scoreCase(shape: ScoreShape, firstGroup: number): ScoreCase {
  const numbers = Array.from({ length: shape.groupsPerRequest }, (_, offset) => firstGroup + offset);
  const members = Array.from({ length: shape.groupSize }, (_, member) => member);
  const groups = numbers.map((group) => {
    const { question, answer } = arithmeticQuestion(group);
    const completions = members.map((member) => ({
      text: knownCompletion({
        answer,
        isRight: isRightMember(group, member),
        member,
        chars: shape.completionChars,
      }),
    }));
    const groundTruth = { answer, aliases: [] };
    return {
      prompt: [{ role: 'user' as const, content: question }],
      reference: { kind: 'inline' as const, groundTruth, choices: [] },
      completions,
    };
  });
  return {
    input: { reward: shape.reward, estimator: 'grpo:verl', groups },
    rewards: numbers.map((group) => members.map((member) => (isRightMember(group, member) ? 1 : 0))),
  };
}
