// What a recipe is called where several stand side by side: its scorers in their order, with what calls for each.

import type { encodeRecipe } from '../../contract/encode-replies.ts';
import type { Recipe } from '../../core/recipe.ts';

export type EncodedRecipe = ReturnType<typeof encodeRecipe>;

/** `math → judge (undecided)`. */
export function recipeName({ scorers }: Recipe): string {
  return scorers
    .map(({ name, when, gate }, index) => {
      const called = when === 'always' ? name : `${name} (${when})`;
      const joint =
        index === 0 ? '' : when === 'always' && scorers[index - 1]?.gate === undefined ? ' + ' : ' → ';
      return `${joint}${called}${gate === undefined ? '' : ` ≥ ${gate}`}`;
    })
    .join('');
}
