// The stage of the vote on a question's label. It also answers questions that nobody has answered yet, and needs no task for either.

import { z } from 'zod';

import { kept, stageKind } from '../stage.ts';
import { labelByVote, voteShape } from './label.ts';

const voteOptions = () => z.strictObject(voteShape());
type VoteOptions = z.output<ReturnType<typeof voteOptions>>;

export const majorityVote = stageKind({
  name: 'majority_vote',
  summary: 'The teacher answers each question several times; the most frequent answer becomes the label.',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  options: voteOptions,
  estimate: ({ samples }: VoteOptions) => ({
    calls: samples,
    promptTokens: 300,
    showsPassage: false,
    completionTokens: 300,
    yield: 0.85,
  }),
  build: (options: VoteOptions) => ({
    kind: 'each',
    apply: (item, tools) =>
      item.kind === 'pair' ? labelByVote(item, options, tools) : Promise.resolve(kept(item)),
  }),
});
