// How a policy is graded: questions are scored by the server, with the rule that rewards them, and documents are continued behind
// their own words. What grading computes is charged to no arm, and it leaves the policy as it was.

import type { CallsClient } from '../../client/calls-client.ts';
import { EnvError } from '../../core/errors.ts';
import { PASS_THRESHOLD } from '../../core/pass-rate.ts';
import { createRandom, type Random } from '../../core/random.ts';
import { lastUserMessage } from '../loop/draw.ts';
import { type Patience, patiently } from '../loop/patience.ts';
import type { WarmUpRow } from '../loop/warm-up.ts';
import type { Policy, Tokenizer } from '../policy.ts';
import { promptTokens } from '../prompt-tokens.ts';
import type { SumRecord } from './records.ts';

/** Room for an answer and its end. */
export const ANSWER_TOKENS_MAX = 6;
const GROUPS_MAX = 1_000;

export interface Grading {
  readonly client: CallsClient;
  readonly patience: Patience;
  readonly policy: Policy;
}

export function questionTokens({ prompt }: WarmUpRow, tokenizer: Tokenizer): readonly number[] {
  return promptTokens(tokenizer, lastUserMessage(prompt));
}

/** Share of questions that are answered right, one completion each; unscorable ones are not counted. */
export async function gradeQuestions(
  rows: readonly WarmUpRow[],
  { client, patience, policy }: Grading,
  { temperature, random }: { readonly temperature: number; readonly random: Random },
): Promise<number> {
  const completions = await policy.sample({
    prompts: rows.map((row) => questionTokens(row, policy.tokenizer)),
    of: Array.from(rows.keys()),
    tokensMax: ANSWER_TOKENS_MAX,
    temperature,
    random,
  });
  const [first] = rows;
  const rewards: number[] = [];
  for (let start = 0; start < rows.length; start += GROUPS_MAX) {
    const groups = rows.slice(start, start + GROUPS_MAX).map(({ prompt, groundTruth, choices }, index) => {
      const { text = '', finishReason = 'stop', tokens = [] } = completions[start + index] ?? {};
      return {
        prompt,
        reference: { kind: 'inline' as const, groundTruth, choices },
        completions: [{ text, finishReason, tokenCount: tokens.length }],
      };
    });
    const score = () => client.score({ reward: first?.reward, groups });
    const reply = await patiently('score an evaluation', score, patience);
    for (const { completions: results } of reply.groups)
      for (const { outcome } of results) if (outcome.kind === 'scored') rewards.push(outcome.reward);
  }
  if (rewards.length === 0) throw new EnvError('failed_precondition', 'Cannot grade: no answer was scored');
  return rewards.filter((reward) => reward >= PASS_THRESHOLD).length / rewards.length;
}

/** Share of documents whose sum the policy writes, greedily, behind what stands before it. */
export async function gradeTexts(records: readonly SumRecord[], policy: Policy): Promise<number> {
  const { tokenizer } = policy;
  const rests = records.map(({ text, sumAt }) => text.slice(sumAt));
  const completions = await policy.sample({
    prompts: records.map(({ text, sumAt }) => [tokenizer.end, ...tokenizer.encode(text.slice(0, sumAt))]),
    of: Array.from(records.keys()),
    tokensMax: Math.max(...rests.map((rest) => tokenizer.encode(rest).length)),
    temperature: 0,
    random: createRandom(0),
  });
  return rests.filter((rest, index) => completions[index]?.text.startsWith(rest)).length / records.length;
}
