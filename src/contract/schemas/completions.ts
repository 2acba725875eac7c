// Prompts, references and completions as clients send them: the shapes of the hot paths.

import { z } from 'zod';
import { FINISH_REASONS } from '../../core/completion.ts';
import { ROLES } from '../../core/prompt.ts';
import { LIMITS, UINT32_MAX } from '../limits.ts';
import { must } from '../wording.ts';
import {
  counter,
  decimal,
  filledText,
  id,
  integer,
  list,
  name,
  object,
  oneOf,
  text,
  byName,
} from './values.ts';

export const message = object('a message', {
  role: oneOf(ROLES),
  content: text(LIMITS.promptCharsMax),
}).meta({ id: 'Message', description: 'One chat message of a prompt.' });

export const completion = object('a completion', {
  member_index: integer(0, LIMITS.groupSizeMax - 1)
    .optional()
    .describe('Which member of the group this is, from 0. Without it: its place in the list.'),
  text: text(LIMITS.completionCharsMax),
  finish_reason: oneOf(FINISH_REASONS).optional().describe('A "length" completion is truncated.'),
  token_count: integer(0, UINT32_MAX).optional().describe("Length in the policy's own tokens."),
  policy_version: counter().optional().describe('Which weights wrote it.'),
}).meta({ id: 'Completion', description: 'One completion that a client hands in for scoring.' });

const completions = list(completion, 1, LIMITS.groupSizeMax, 'completions');

export const groupCompletions = object('the completions of a group', {
  lease_id: id(),
  completions,
}).meta({ id: 'GroupCompletions', description: 'A whole group, or some of its members.' });

export const groupsOfCompletions = list(groupCompletions, 1, LIMITS.groupsPerRequestMax, 'groups');

const prompt = z.union(
  [text(LIMITS.promptCharsMax), list(message, 0, LIMITS.promptMessagesMax, 'messages')],
  { error: must('a string, or a list of messages') },
);

const answer = filledText(LIMITS.answerCharsMax);

export const scoreGroup = object('a group', {
  prompt: prompt
    .optional()
    .describe('What the policy was asked. Optional; guards against completions that echo the prompt.'),
  ground_truth: answer.optional().describe('The reference answer. This, or `pair_id` with `dataset`.'),
  pair_id: id().optional().describe('A row of `dataset`, whose ground truth and reward are used.'),
  aliases: list(answer, 0, LIMITS.aliasesMax, 'answers')
    .optional()
    .describe('Other answers that are as right as `ground_truth`.'),
  choices: list(answer, 0, LIMITS.choicesMax, 'choices')
    .optional()
    .describe('The options of a multiple-choice question, in order A, B, C, …'),
  dataset: name().optional().describe('Which dataset `pair_id` is a row of.'),
  completions,
}).meta({
  id: 'ScoreGroup',
  description: 'One prompt, its reference and the completions that share a baseline.',
});

const rewardValue = z.union([decimal(-LIMITS.rewardAbsMax, LIMITS.rewardAbsMax), z.null()], {
  error: must(
    `a number from ${-LIMITS.rewardAbsMax} to ${LIMITS.rewardAbsMax}, or null for an unscorable member`,
  ),
});

export const rewardGroup = object('a group', {
  rewards: list(rewardValue, 1, LIMITS.groupSizeMax, 'rewards').describe('`null`: unscorable.'),
  lengths: list(integer(0, UINT32_MAX), 0, LIMITS.groupSizeMax, 'lengths')
    .optional()
    .describe('Completion lengths in tokens, for estimators that weigh by length. As many as `rewards`.'),
  components: byName(
    list(rewardValue, 1, LIMITS.groupSizeMax, 'scores'),
    LIMITS.scorersPerRecipeMax,
    'lists of scores',
  )
    .optional()
    .describe('Scores by scorer name, for `gdpo:*`. Each list is as long as `rewards`.'),
}).meta({ id: 'RewardGroup', description: 'The rewards of one group.' });
