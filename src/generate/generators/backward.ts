// What the two backward methods of MetaMath (arXiv 2309.12284) have in common: a text that has the answer in it, with one number at a
// time taken out and asked for. The answer is the number itself, so it is right by construction; whether it can be found again is
// what the proof shows.

import { z } from 'zod';

import { invalidArgument } from '../../core/errors.ts';
import type { PromptData } from '../../ports/prompt-data.ts';
import type { Draft, Drop, PairItem } from '../item.ts';
import { costShare } from '../costs.ts';
import { derived, withOriginal, isFresh, type FamilyMethod } from './families.ts';
import { freeLetter, masked, numberOf, numbersIn, type NumberPlace } from './numbers.ts';
import { proofShape, proveAll, type Proof } from './proof.ts';
import { kept, type Outcome, type StageTools } from '../stage.ts';

export const backwardShape = () => ({
  /** Numbers of one question that are asked for, from the first on. */
  numbers_max: z.int().min(1).max(100).default(8),
  keep_original: z.boolean().default(true),
  prove: proofShape(),
});
export interface BackwardOptions {
  readonly numbers_max: number;
  readonly keep_original: boolean;
  readonly prove: Proof;
}

/** The text that numbers are taken out of, and what it cost. */
export interface BackwardText {
  readonly text: string;
  readonly costUsd: number | null;
  readonly written?: Draft['written'];
}

export type BackwardTextOf = (item: PairItem, tools: StageTools) => Promise<BackwardText | Drop>;

/** The original with its backward questions. */
export async function askBackward(
  item: PairItem,
  by: {
    readonly method: FamilyMethod;
    readonly options: BackwardOptions;
    readonly tools: StageTools;
    readonly textOf: BackwardTextOf;
  },
): Promise<Outcome> {
  const { method, options, tools } = by;
  if (!isFresh(item, method)) return kept(item);
  const { draft } = item;
  const done = (children: readonly PairItem[], ...drops: readonly Drop[]): Outcome =>
    withOriginal(item, { method, children, drops, keepOriginal: options.keep_original });

  const known = numberOf(draft.answer);
  if (known === undefined) {
    return done([], { reason: 'answer_not_a_number', detail: `"${draft.answer}": ${draft.question}` });
  }
  const { places, drops } = askablePlaces(draft.question, known, options.numbers_max);
  if (places.length === 0) {
    return done([], ...drops, { reason: 'no_number_to_ask_for', detail: draft.question });
  }
  const base = await by.textOf(item, tools);
  if ('reason' in base) return done([], ...drops, base);
  const asked = askedOf(item, { method, places, base, known, wording: wordingOf(tools.data, method) });
  const checked = await proveAll(asked.children, options.prove, tools);
  return done(checked.proved, ...drops, ...asked.drops, ...checked.drops);
}

/**
 * Numbers whose value stands nowhere else: the other place would give it away.
 *
 * @param known value of the answer, which every backward question states
 */
function askablePlaces(
  question: string,
  known: number,
  most: number,
): { readonly places: readonly NumberPlace[]; readonly drops: readonly Drop[] } {
  const all = numbersIn(question);
  const stated = (place: NumberPlace): boolean =>
    place.value === known || all.some((other) => other !== place && other.value === place.value);
  const drops = all.filter(stated).map(({ text }) => ({
    reason: 'number_stated_twice',
    detail: `${text}: ${question}`,
  }));
  return { places: all.filter((place) => !stated(place)).slice(0, most), drops };
}

function askedOf(
  item: PairItem,
  of: {
    readonly method: FamilyMethod;
    readonly places: readonly NumberPlace[];
    readonly base: BackwardText;
    readonly known: number;
    readonly wording: string;
  },
): { readonly children: readonly PairItem[]; readonly drops: readonly Drop[] } {
  const { base, places } = of;
  const letter = freeLetter(base.text);
  if (letter === undefined) return { children: [], drops: [{ reason: 'no_free_letter', detail: base.text }] };
  const there = numbersIn(base.text);
  const made: PairItem[] = [];
  const drops: Drop[] = [];
  for (const [index, place] of places.entries()) {
    const [again, ...more] = there.filter(({ value }) => value === place.value);
    if (again === undefined || more.length > 0) {
      drops.push({ reason: 'number_not_once_in_statement', detail: `${place.text}: ${base.text}` });
      continue;
    }
    const question = filled(of.wording, {
      masked: masked(base.text, again, letter),
      answer: item.draft.answer.trim(),
      letter,
    });
    made.push(
      derived(item, {
        method: of.method,
        index,
        draft: { question, answer: place.text, aliases: [], answerType: 'number', written: base.written },
        costUsd: costShare(base.costUsd, places.length),
        note: { asks_for: place.text, answer: item.draft.answer },
      }),
    );
  }
  return { children: made, drops };
}

/** How the question is put, from the data file `<method>/wording`: with `{masked}`, `{letter}` and perhaps `{answer}` in it. */
function wordingOf(data: PromptData, method: FamilyMethod): string {
  const file = `${method}/wording`;
  const read = z.strictObject({ question: z.string().min(1) }).safeParse(data.find(file));
  if (read.success && ['{masked}', '{letter}'].every((name) => read.data.question.includes(name))) {
    return read.data.question.trim();
  }
  throw invalidArgument(
    'prompts',
    `Cannot use the data file "${file}.yaml": it needs "question" with {masked} and {letter} in it`,
  );
}

/** What is filled in is never read for further names: a question may have braces of its own. */
function filled(wording: string, values: Readonly<Record<string, string>>): string {
  return wording.replaceAll(/\{(masked|answer|letter)\}/gu, (_, name: string) => values[name] ?? '');
}
