// Pairs that are made of other pairs. The original goes on beside them; all of them share a split, since who has seen one half
// knows the other; and no method is applied to what a method has made.

import type { JsonObject } from '../../core/json.ts';
import { childKey, type Draft, type Drop, type PairItem } from '../item.ts';
import { kept, noted, type Outcome } from '../stage.ts';

/** Each method numbers its children in a range of its own: two methods of one recipe never meet at one key. */
const PLACES = { rephrase: 1_000, self_verification: 2_000, fobar: 3_000 } as const;
export type FamilyMethod = keyof typeof PLACES;

/** What a method leaves in the notes of pairs that it made. */
const DERIVED = 'derived';

/** Whether a method may be applied: to no pair that was derived, and to none a second time. */
export function isFresh({ notes }: PairItem, method: FamilyMethod): boolean {
  return notes[DERIVED] === undefined && notes[method] === undefined;
}

/** What a pair and those made of it have in common: see `PairItem.family`. */
export function familyOf({ family, draft }: PairItem): string {
  return family ?? draft.question;
}

/** The `index`th pair that `method` makes of `parent`. What was noted of its parent was noted of another question. */
export function derived(
  parent: PairItem,
  made: {
    readonly method: FamilyMethod;
    readonly index: number;
    readonly draft: Pick<Draft, 'question' | 'answer' | 'aliases' | 'answerType' | 'choices' | 'written'>;
    readonly costUsd: number | null;
    readonly note: JsonObject;
  },
): PairItem {
  const { domain, persona } = parent.draft;
  return {
    kind: 'pair',
    key: childKey(parent.key, PLACES[made.method] + made.index),
    draft: { ...made.draft, domain, persona, generator: made.method },
    ...(parent.passage !== undefined && { passage: parent.passage }),
    family: familyOf(parent),
    costUsd: made.costUsd,
    notes: { [DERIVED]: parent.draft.question, [made.method]: made.note },
  };
}

/** The original, if it is to stay, and what was made of it. */
export function withOriginal(
  original: PairItem,
  made: {
    readonly method: FamilyMethod;
    readonly children: readonly PairItem[];
    readonly drops: readonly Drop[];
    readonly keepOriginal: boolean;
  },
): Outcome {
  const own = {
    ...original,
    family: familyOf(original),
    notes: noted(original.notes, made.method, made.children.length),
  };
  return {
    kept: [...(made.keepOriginal ? kept(own).kept : []), ...made.children],
    drops: made.drops,
  };
}
