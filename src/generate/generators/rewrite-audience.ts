// Cosmopedia's audiences and styles: the same matter for children, pupils, students or specialists, as a lesson, a manual, a post or a story.
// Audiences and styles are a data file; which of them a passage gets is drawn for each passage.

import { z } from 'zod';

import { invalidArgument } from '../../core/errors.ts';
import type { PromptData } from '../../ports/prompt-data.ts';
import { asPassage, type PassageItem } from '../item.ts';
import { kept, stageKind, type Outcome, type StageTools } from '../stage.ts';
import { passageValues } from '../stages/passage-values.ts';
import { drawFrom } from './draw.ts';
import { isUnwritten, rewritings } from './rewriting.ts';

const FILE = 'rewrite_audience/audiences';

const rewriteAudienceOptions = () =>
  z.strictObject({
    /** Names of the data file `rewrite_audience/audiences`; none: all of it. */
    audiences: z.array(z.string().min(1)).default([]),
    styles: z.array(z.string().min(1)).default([]),
    /** Rewritings of each passage, each for another audience or in another style. */
    per_passage: z.int().min(1).max(20).default(1),
    keep_original: z.boolean().default(false),
    /** Shorter rewritings, as a share of the original's words, have lost too much. */
    min_share: z.number().min(0).max(1).default(0.2),
    temperature: z.number().min(0).max(2).default(0.6),
  });
type RewriteAudienceOptions = z.output<ReturnType<typeof rewriteAudienceOptions>>;

export const rewriteAudience = stageKind({
  name: 'rewrite_audience',
  summary: 'Rewrites passages for an audience and in a style that are drawn for each (Cosmopedia).',
  takes: 'passage',
  gives: 'passage',
  model: 'teacher',
  options: rewriteAudienceOptions,
  estimate: ({ per_passage: perPassage, keep_original: keeps }: RewriteAudienceOptions) => ({
    calls: perPassage,
    promptTokens: 300,
    showsPassage: true,
    completionTokens: 700,
    yield: 0.95 * perPassage + (keeps ? 1 : 0),
  }),
  build: (options: RewriteAudienceOptions) => ({
    kind: 'each',
    apply: async (item, tools) => readdress(asPassage(item), options, tools),
  }),
});

async function readdress(
  item: PassageItem,
  options: RewriteAudienceOptions,
  tools: StageTools,
): Promise<Outcome> {
  if (!isUnwritten(item, 'rewrite_audience')) return kept(item);
  const file = readFile(tools.data);
  const audiences = chosen('audiences', file.audiences, options.audiences);
  const styles = chosen('styles', file.styles, options.styles);
  const all = audiences.flatMap((audience) => styles.map((style) => ({ audience, style })));
  const answers = await Promise.all(
    drawFrom(all, options.per_passage, tools.random).map(async ({ audience, style }) => ({
      manner: { audience: audience.name, style: style.name },
      answer: await tools.ask<string>({
        prompt: 'rewrite_audience/passage',
        values: { ...passageValues(item.passage), audience: audience.described, style: style.described },
        reply: 'text',
        temperature: options.temperature,
      }),
    })),
  );
  return rewritings(item, {
    method: 'rewrite_audience',
    answers,
    keepOriginal: options.keep_original,
    minShare: options.min_share,
  });
}

interface Described {
  readonly name: string;
  readonly described: string;
}

function readFile(data: PromptData): {
  readonly audiences: readonly Described[];
  readonly styles: readonly Described[];
} {
  const described = z.array(z.strictObject({ name: z.string().min(1), described: z.string().min(1) })).min(1);
  const read = z.strictObject({ audiences: described, styles: described }).safeParse(data.find(FILE));
  if (read.success) return read.data;
  throw invalidArgument('prompts', `Cannot use the data file "${FILE}.yaml": ${z.prettifyError(read.error)}`);
}

/** @throws EnvError `invalid_argument` for a name that is not in the file */
function chosen(field: string, all: readonly Described[], names: readonly string[]): readonly Described[] {
  if (names.length === 0) return all;
  return names.map((name) => {
    const found = all.find((each) => each.name === name);
    if (found !== undefined) return found;
    const known = all.map((each) => each.name).join(', ');
    throw invalidArgument(field, `There is no "${name}" in the data file "${FILE}.yaml": there are ${known}`);
  });
}
