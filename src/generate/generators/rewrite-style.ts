// The styles of WRAP (arXiv 2401.16380): a passage in words for a child, in those of an encyclopedia, in terse and learned ones, or as questions and
// answers. WRAP rewrites about 300 tokens at a time, since longer texts lose much on the way: cut passages accordingly.

import { z } from 'zod';

import { asPassage, type PassageItem } from '../item.ts';
import { kept, stageKind, type Outcome, type StageTools } from '../stage.ts';
import { passageValues } from '../stages/passage-values.ts';
import { isUnwritten, rewritings } from './rewriting.ts';

const STYLES = ['easy', 'medium', 'hard', 'qa'] as const;

const rewriteStyleOptions = () =>
  z.strictObject({
    /** One rewriting for each. */
    styles: z
      .array(z.enum(STYLES))
      .min(1)
      .refine((styles) => new Set(styles).size === styles.length, 'names a style twice')
      .default(['medium']),
    keep_original: z.boolean().default(false),
    /** Shorter rewritings, as a share of the original's words, have lost too much. */
    min_share: z.number().min(0).max(1).default(0.2),
    temperature: z.number().min(0).max(2).default(0.7),
  });
type RewriteStyleOptions = z.output<ReturnType<typeof rewriteStyleOptions>>;

export const rewriteStyle = stageKind({
  name: 'rewrite_style',
  summary: 'Rewrites passages in easy, medium or hard words, or as questions and answers (WRAP).',
  takes: 'passage',
  gives: 'passage',
  model: 'teacher',
  options: rewriteStyleOptions,
  estimate: ({ styles, keep_original: keeps }: RewriteStyleOptions) => ({
    calls: styles.length,
    promptTokens: 200,
    showsPassage: true,
    completionTokens: 300,
    yield: 0.95 * styles.length + (keeps ? 1 : 0),
  }),
  build: (options: RewriteStyleOptions) => ({
    kind: 'each',
    apply: async (item, tools) => restyle(asPassage(item), options, tools),
  }),
});

async function restyle(item: PassageItem, options: RewriteStyleOptions, tools: StageTools): Promise<Outcome> {
  if (!isUnwritten(item, 'rewrite_style')) return kept(item);
  const answers = await Promise.all(
    options.styles.map(async (style) => ({
      manner: { style },
      answer: await tools.ask<string>({
        prompt: `rewrite_style/${style}`,
        values: passageValues(item.passage),
        reply: 'text',
        temperature: options.temperature,
      }),
    })),
  );
  return rewritings(item, {
    method: 'rewrite_style',
    answers,
    keepOriginal: options.keep_original,
    minShare: options.min_share,
  });
}
