// Lists of texts that a model writes: topics, questions. What comes twice is left out with a reason, case and punctuation aside, and
// a list that is longer than asked for is cut.

import { z } from 'zod';

import { wordsOf } from '../../core/similarity/words.ts';
import { costShare } from '../costs.ts';
import type { Draft, Drop, PairItem } from '../item.ts';
import type { Answer } from '../stage.ts';

export const listReply = () => z.strictObject({ items: z.array(z.string()) });
export type ListReply = z.output<ReturnType<typeof listReply>>;

/** Texts that were seen, across all lists of a stage. */
export class Seen {
  readonly #forms = new Set<string>();

  /** Whether it is new; from now on it is not. */
  add(text: string): boolean {
    const form = wordsOf(text).join(' ');
    if (form === '' || this.#forms.has(form)) return false;
    this.#forms.add(form);
    return true;
  }
}

export interface ReadList {
  readonly texts: readonly string[];
  readonly drops: readonly Drop[];
  /** What each of the texts cost. */
  readonly costUsd: number | null;
  readonly written?: Draft['written'];
}

/** The new texts of a list, `most` at most. */
export function readList(answer: Answer<ListReply>, most: number, seen: Seen): ReadList {
  if (answer.kind === 'unreadable') {
    const drops = [{ reason: 'unreadable_reply', detail: answer.detail }];
    return { texts: [], drops, costUsd: answer.costUsd };
  }
  const texts: string[] = [];
  const drops: Drop[] = [];
  for (const item of answer.value.items.map((each) => each.trim())) {
    if (texts.length >= most) drops.push({ reason: 'more_than_asked', detail: item });
    else if (!seen.add(item)) drops.push({ reason: 'written_before', detail: item });
    else texts.push(item);
  }
  return { texts, drops, costUsd: costShare(answer.costUsd, texts.length), written: answer.written };
}

/** A question that nobody has answered. */
export function openQuestion(
  question: string,
  of: {
    readonly key: string;
    readonly generator: string;
    readonly list: ReadList;
    readonly domain: string;
    readonly notes: PairItem['notes'];
  },
): PairItem {
  const { key, generator, list, domain, notes } = of;
  const draft: Draft = { question, answer: '', aliases: [], domain, generator, written: list.written };
  return { kind: 'pair', key, draft, costUsd: list.costUsd, notes };
}
