// Difficulty adaptation of Synthetic Data RL (arXiv 2505.17063): the policy tries each question once; what it solves is rewritten harder, what
// it does not is rewritten easier. Originals and rewrites go on together, and a rewrite's label is voted on like any other.

import { z } from 'zod';

import { costSum } from '../costs.ts';
import { childKey, type PairItem } from '../item.ts';
import { kept, noted, stageKind, type Outcome, type StageTools } from '../stage.ts';
import { labelByVote, voteShape, type VoteRule } from './label.ts';
import { solveTimes } from './solve.ts';
import { draftFrom, inputOutputReply } from './task-generate.ts';
import { taskOf, taskValues } from './task-values.ts';

const adaptOptions = () =>
  z.strictObject({
    policy: z.string().min(1).default('policy'),
    /** Of one completion of the policy. */
    policy_max_tokens: z.int().min(1).default(1_500),
    rewrite_temperature: z.number().min(0).max(2).default(0.7),
    vote: z.strictObject(voteShape()).prefault({}),
  });
type AdaptOptions = z.output<ReturnType<typeof adaptOptions>>;

export const adapt = stageKind({
  name: 'adapt',
  summary: 'What the policy solves is rewritten harder, the rest easier; both versions go on.',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  needs: ['task'],
  options: adaptOptions,
  asks: ({ policy }: AdaptOptions) => [policy],
  estimate: ({ vote }: AdaptOptions) => ({
    calls: 2 + vote.samples,
    promptTokens: 400,
    showsPassage: false,
    completionTokens: 300,
    yield: 1.85,
  }),
  build: (options: AdaptOptions) => ({
    kind: 'each',
    apply: (item, tools) =>
      item.kind === 'pair' ? adaptPair(item, tools, options) : Promise.resolve(kept(item)),
  }),
});

async function adaptPair(item: PairItem, tools: StageTools, options: AdaptOptions): Promise<Outcome> {
  const tried = await solveTimes(item, tools, {
    samples: 1,
    temperature: 0,
    maxTokens: options.policy_max_tokens,
    model: options.policy,
  });
  const isSolved = tried.passes > 0;
  const original: PairItem = {
    ...item,
    // A rewrite in another split than its original would give away what is tested.
    family: item.family ?? item.draft.question,
    notes: noted(item.notes, 'solved', isSolved),
    costUsd: costSum(item.costUsd, tried.costUsd),
  };
  const rewritten = await rewrite(original, isSolved, tools, options);
  return { kept: [original, ...rewritten.kept], drops: rewritten.drops };
}

async function rewrite(
  item: PairItem,
  isSolved: boolean,
  tools: StageTools,
  options: AdaptOptions,
): Promise<Outcome> {
  const { draft } = item;
  const answer = await tools.ask({
    prompt: isSolved ? 'adapt/harder' : 'adapt/easier',
    values: { ...taskValues(taskOf(tools), []), question: draft.question, answer: draft.answer },
    reply: inputOutputReply(),
    temperature: options.rewrite_temperature,
  });
  if (answer.kind === 'unreadable') return failed('unreadable_rewrite', answer.detail);
  const rewritten = draftFrom(answer.value, tools, { generator: 'adapt', written: answer.written });
  if (rewritten === undefined || rewritten.question === draft.question) {
    return failed('same_question', `nothing else was written than "${draft.question}"`);
  }
  const rule: VoteRule = options.vote;
  const child: PairItem = {
    ...item,
    key: childKey(item.key, 0),
    draft: { ...rewritten, domain: draft.domain, persona: draft.persona },
    notes: { adapt: { direction: isSolved ? 'harder' : 'easier', of: draft.question } },
    costUsd: answer.costUsd,
  };
  return labelByVote(child, rule, tools);
}

function failed(reason: string, detail: string): Outcome {
  return { kept: [], drops: [{ reason, detail }] };
}
