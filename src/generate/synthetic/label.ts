// The label of a question by majority vote: Synthetic Data RL has the teacher answer 16 times, counts the answer that came with the
// question as one more vote, and takes the most frequent. Here a least share of agreement is asked for as well.

import { z } from 'zod';

import { costSum } from '../costs.ts';
import type { PairItem } from '../item.ts';
import { dropped, kept, noted, type Outcome, type StageTools } from '../stage.ts';
import { taskValuesOf } from './task-values.ts';
import { tallyAnswers } from './votes.ts';

export const voteShape = () => ({
  samples: z.int().min(1).max(256).default(16),
  /** Least share of all votes, unreadable ones included, for the most frequent answer. */
  agreement: z.number().min(0).max(1).default(0.5),
  temperature: z.number().min(0).max(2).default(0.7),
});

export interface VoteRule {
  readonly samples: number;
  readonly agreement: number;
  readonly temperature: number;
}

/** The pair with the label that the vote gives it, or why it has none. */
export async function labelByVote(item: PairItem, rule: VoteRule, tools: StageTools): Promise<Outcome> {
  const { draft } = item;
  const values = { ...taskValuesOf(tools), question: draft.question, choices: draft.choices ?? [] };
  const answers = await Promise.all(
    Array.from({ length: rule.samples }, (_, sample) =>
      tools.ask<string>({
        prompt: 'solve/question',
        values,
        reply: 'text',
        sample,
        temperature: rule.temperature,
      }),
    ),
  );
  const completions = answers.map((answer) => (answer.kind === 'answer' ? answer.value : undefined));
  const tally = tallyAnswers(draft, completions);
  if (tally === undefined) return dropped('no_answer', `nobody answers "${draft.question}"`);
  const agreement = tally.votes / tally.voters;
  if (agreement < rule.agreement) {
    return dropped(
      'no_agreement',
      `${tally.votes} of ${tally.voters} say ${tally.answer}: "${draft.question}"`,
    );
  }
  const note = { agreement, votes: tally.votes, voters: tally.voters, unreadable: tally.unreadable };
  return kept({
    ...item,
    draft: { ...draft, answer: tally.answer },
    notes: noted(item.notes, 'vote', note),
    costUsd: costSum(item.costUsd, ...answers.map(({ costUsd }) => costUsd)),
  });
}
