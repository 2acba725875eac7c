// InsTag (arXiv 2308.07074), second half: tags that are rare or mean the same are cleared away, and then questions are chosen with
// many tags first, each pass taking only those that bring a new tag.

import { z } from 'zod';

import { mergeByAssociation, type AssociationOptions } from '../../core/similarity/tag-association.ts';
import { complexityFirst } from '../../core/similarity/diverse-tags.ts';
import { type Decision, type ItemTable, stageKind } from '../stage.ts';
import { collect, keepChosen, sizeOf, textsNoted } from './pairs.ts';
import { ONE_SIZE, selectionShape } from './selection-options.ts';

interface Options {
  readonly size: number | null;
  readonly share: number | null;
  readonly frequency_min: number;
  readonly support_min: number;
  readonly confidence_min: number;
}

export const tagSelect = stageKind<Options>({
  name: 'tag_select',
  summary: 'Chooses questions with many tags that cover all tags (InsTag, complexity first).',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  options: () =>
    z
      .strictObject({
        ...selectionShape(),
        frequency_min: z.int().min(1).default(20),
        support_min: z.int().min(1).default(40),
        confidence_min: z.number().gt(0).max(1).default(0.99),
      })
      .refine(...ONE_SIZE),
  build: (options) => ({ kind: 'whole', apply: (items) => select(items, options) }),
  estimate: ({ share }) => ({
    calls: 0,
    promptTokens: 0,
    showsPassage: false,
    completionTokens: 0,
    yield: share ?? 0.5,
  }),
});

async function* select(items: ItemTable, options: Options): AsyncIterable<Decision> {
  const rules: AssociationOptions = {
    frequencyMin: options.frequency_min,
    supportMin: options.support_min,
    confidenceMin: options.confidence_min,
  };
  const tags = mergeByAssociation(await collect(items, ({ notes }) => textsNoted(notes, 'tags')), rules);
  const chosen = complexityFirst(tags, sizeOf(items.count, options));
  yield* keepChosen(items, new Set(chosen), {
    reason: 'not_selected',
    detail: 'others have more tags, or the same',
  });
}
