// What travels through the stages of a generation run: passages of documents first, question-answer pairs in the making
// after that. Items are plain data; a stage makes new ones and never changes one.

import type { ByteSpan, Passage } from '../core/document.ts';
import type { JsonObject } from '../core/json.ts';
import type { AnswerType } from '../core/qa-pair.ts';
import type { Recipe } from '../core/recipe.ts';

/** A passage on its way to questions. */
export interface PassageItem {
  readonly kind: 'passage';
  /** Place in the run: its ancestors' places and its own. Sorts as text, and never depends on who finished first. */
  readonly key: string;
  readonly passage: Passage;
  readonly domain?: string | undefined;
  readonly personas?: readonly string[] | undefined;
  /** US dollars for what was asked about it so far; the run counts it, stages do not. Absent: nothing was. */
  readonly costUsd?: number | null | undefined;
  /** What stages measured or decided, under the stage's name. */
  readonly notes: JsonObject;
}

/** A pair in the making. */
export interface Draft {
  readonly question: string;
  /** Empty for a question that nobody has answered yet. */
  readonly answer: string;
  readonly aliases: readonly string[];
  /** Undefined: what the answer looks like. */
  readonly answerType?: AnswerType | undefined;
  readonly choices?: readonly string[] | undefined;
  /** Undefined: the verifier of its answer type. */
  readonly reward?: Recipe | undefined;
  readonly domain?: string | undefined;
  readonly persona?: string | undefined;
  /** Share of right answers of the policy, in [0, 1]. */
  readonly passRate?: number | undefined;
  /** Bytes of the document's text that hold the answer. */
  readonly evidence?: ByteSpan | undefined;
  /** The stage that wrote it. */
  readonly generator: string;
  /** Of the reply that it was read from; absent for what no model wrote. */
  readonly written?: { readonly prompt: string; readonly model: string } | undefined;
}

export interface PairItem {
  readonly kind: 'pair';
  readonly key: string;
  readonly draft: Draft;
  /** What it was made from, for the stages that check it. Absent where it was made from no document. */
  readonly passage?: Passage | undefined;
  /**
   * The question that it was made of, or its own: pairs of one family share a split, as those of one document do. Absent where
   * nothing was made of it.
   */
  readonly family?: string | undefined;
  /**
   * US dollars for all replies that made it and tested it, and its share of what was asked about its passage before; null when
   * a price is not known.
   */
  readonly costUsd: number | null;
  readonly notes: JsonObject;
}

export type Item = PassageItem | PairItem;
export type ItemKind = Item['kind'];

/** The item as a passage. A recipe whose stages do not fit is refused by the plan, so that anything else is a bug. */
export function asPassage(item: Item): PassageItem {
  if (item.kind === 'passage') return item;
  throw new TypeError(`A stage that takes passages was handed a ${item.kind}`);
}

/** The item as a pair. Throws as `asPassage` does. */
export function asPair(item: Item): PairItem {
  if (item.kind === 'pair') return item;
  throw new TypeError(`A stage that takes pairs was handed a ${item.kind}`);
}

/** Why an item goes no further. */
export interface Drop {
  /** Counted in the report: `leaks_answer`. */
  readonly reason: string;
  /** For the report's examples: what was seen. */
  readonly detail: string;
}

/** Key of the `index`th child of an item. Children sort behind their parent and in order. */
export function childKey(parent: string, index: number): string {
  return `${parent}.${String(index).padStart(4, '0')}`;
}

/** Key of the `index`th passage of a run. */
export function rootKey(index: number): string {
  return String(index).padStart(10, '0');
}
