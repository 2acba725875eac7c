// InsTag (arXiv 2308.07074), first half: a model names what a question is about and what it asks for, without a list to choose from.

import { z } from 'zod';

import { wordsOf } from '../../core/similarity/words.ts';
import { costSum } from '../costs.ts';
import { dropped, kept, noted, type Outcome, stageKind, type StageTools } from '../stage.ts';
import { asPair, type PairItem } from '../item.ts';

const TAG_WORDS_MAX = 6;

interface Options {
  readonly tags_max: number;
}

export const tag = stageKind<Options>({
  name: 'tag',
  summary: 'Names the topics and skills of each question, for `tag_select` (InsTag).',
  takes: 'pair',
  gives: 'pair',
  model: 'teacher',
  options: () => z.strictObject({ tags_max: z.int().min(1).max(50).default(20) }),
  build: ({ tags_max: tagsMax }) => ({
    kind: 'each',
    apply: (item, tools) => tagPair(asPair(item), tools, tagsMax),
  }),
  estimate: () => ({ calls: 1, promptTokens: 250, showsPassage: false, completionTokens: 80, yield: 1 }),
});

const replyShape = () => z.strictObject({ tags: z.array(z.string()) });

async function tagPair(item: PairItem, tools: StageTools, tagsMax: number): Promise<Outcome> {
  const { question } = item.draft;
  const answer = await tools.ask({ prompt: 'tag/question', values: { question }, reply: replyShape() });
  if (answer.kind === 'unreadable') return dropped('unreadable_reply', answer.detail);
  const tags = [...new Set(answer.value.tags.flatMap((name) => normalTag(name)))].slice(0, tagsMax);
  const costUsd = costSum(item.costUsd, answer.costUsd);
  return kept({ ...item, notes: noted(item.notes, 'tags', tags), costUsd });
}

/** A tag's rule-based normal form: words in lower case with plain endings. None for what is no tag but a sentence. */
function normalTag(name: string): readonly string[] {
  const words = wordsOf(name);
  if (words.length === 0 || words.length > TAG_WORDS_MAX) return [];
  return [words.map(stem).join(' ')];
}

/** Light stemming, enough to join "conversions" and "conversion"; "physics" is no plural. */
function stem(word: string): string {
  if (/[^a-z]/.test(word) || word.length < 5) return word;
  return word
    .replace(/(?<=[a-z]{2})ies$/, 'y')
    .replace(/(?<=(?:ss|x|ch|sh))es$/, '')
    .replace(/(?<!ic)(?<=[a-rt-z])s$/, '');
}
