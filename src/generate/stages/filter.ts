// Whether a passage is worth asking about: the filter of Webscale-RL (arXiv 2510.06499, section 3.2). It does not look at
// difficulty, subject or format: what is dropped here is missing from the dataset's variety.

import { z } from 'zod';

import { asPassage, type PassageItem } from '../item.ts';
import { dropped, kept, stageKind, type Outcome, type StageTools } from '../stage.ts';
import { passageValues } from './passage-values.ts';

const CRITERIA = ['informative', 'self_contained', 'deep_enough', 'answerable'] as const;

/** A drop counts under the first criterion that fails. */
const REASONS: Readonly<Record<(typeof CRITERIA)[number], string>> = {
  informative: 'not_informative',
  self_contained: 'not_self_contained',
  deep_enough: 'too_shallow',
  answerable: 'not_answerable',
};

const filterOptions = () =>
  z.strictObject({
    /** Which of the four must hold. */
    require: z
      .array(z.enum(CRITERIA))
      .min(1)
      .default([...CRITERIA]),
  });
type FilterOptions = z.output<ReturnType<typeof filterOptions>>;

/** True or false and nothing else: a model that says "maybe" is asked again. */
const replySchema = () =>
  z.object({
    reasoning: z.string(),
    informative: z.boolean(),
    self_contained: z.boolean(),
    deep_enough: z.boolean(),
    answerable: z.boolean(),
  });

export const filter = stageKind({
  name: 'filter',
  summary: 'A model decides whether a passage is informative, self-contained, deep enough and answerable.',
  takes: 'passage',
  gives: 'passage',
  model: 'teacher',
  options: filterOptions,
  estimate: () => ({ calls: 1, promptTokens: 350, showsPassage: true, completionTokens: 120, yield: 0.7 }),
  build: (options: FilterOptions) => {
    const reply = replySchema();
    return {
      kind: 'each',
      apply: async (item, tools) => judge(asPassage(item), { options, tools, reply }),
    };
  },
});

async function judge(
  item: PassageItem,
  by: {
    readonly options: FilterOptions;
    readonly tools: StageTools;
    readonly reply: ReturnType<typeof replySchema>;
  },
): Promise<Outcome> {
  const answer = await by.tools.ask({
    prompt: 'filter/passage',
    values: passageValues(item.passage),
    reply: by.reply,
    temperature: 0,
  });
  if (answer.kind === 'unreadable') return dropped('unreadable_reply', answer.detail);
  const failed = CRITERIA.filter((name) => by.options.require.includes(name) && !answer.value[name]);
  const [first] = failed;
  if (first === undefined) return kept(item);
  return dropped(REASONS[first], `${failed.join(', ')}: ${answer.value.reasoning}`);
}
