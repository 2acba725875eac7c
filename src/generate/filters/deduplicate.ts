// Near-duplicates among the questions of a run, by MinHash: within one persona's, across personas, across documents. The first
// in document order stays.

import { z } from 'zod';

import { LOOSE_TEXT, normalizeText } from '../../core/normalize.ts';
import { FOR_QUESTIONS, jaccard, NearDuplicateIndex, shinglesOf } from '../../core/similarity/minhash.ts';
import { wordsOf } from '../../core/similarity/words.ts';
import { asPair, type PairItem } from '../item.ts';
import { type Decision, dropped, kept, type ItemTable, type Outcome, stageKind } from '../stage.ts';
import { decideEach } from './pairs.ts';

/** Share of words that two questions with one answer of one document have in common when they ask for the same fact. */
const SAME_FACT_MIN = 0.4;

/** Questions in the very same words are one question, whatever their answers. */
const SAME_WORDS = 0.95;

interface Options {
  readonly similarity: number;
  readonly answers_distinguish: boolean;
  readonly numbers_distinguish: boolean;
  readonly same_fact: boolean;
}

export const deduplicate = stageKind<Options>({
  name: 'deduplicate',
  summary: 'Drops questions that nearly repeat an earlier one, and facts of a document asked for twice.',
  takes: 'pair',
  gives: 'pair',
  model: undefined,
  options: () =>
    z.strictObject({
      similarity: z.number().gt(0).max(1).default(FOR_QUESTIONS.similarityMin),
      /** Whether "the SI unit of time" and "of force" are two questions, as their answers differ. */
      answers_distinguish: z.boolean().default(false),
      numbers_distinguish: z.boolean().default(true),
      same_fact: z.boolean().default(true),
    }),
  build: (options) => ({ kind: 'whole', apply: (items) => dropRepeats(items, options) }),
  estimate: () => ({ calls: 0, promptTokens: 0, showsPassage: false, completionTokens: 0, yield: 0.9 }),
});

function dropRepeats(items: ItemTable, options: Options): AsyncIterable<Decision> {
  // One index for each set of numbers: "2 + 3" and "2 + 4" are two questions, however alike they look.
  const byNumbers = new Map<string, Kept>();
  const facts = new Map<string, AskedFact[]>();
  const keptUnder = (key: string, similarity: number): Kept => {
    const known = byNumbers.get(key) ?? new Kept(similarity);
    byNumbers.set(key, known);
    return known;
  };
  return decideEach(items, (item) => {
    const pair = asPair(item);
    const numbers = options.numbers_distinguish ? numbersIn(pair.draft.question).join(' ') : '';
    const answer = options.answers_distinguish ? answerKey(pair) : undefined;
    const among =
      answer === undefined ? [] : [keptUnder(JSON.stringify([numbers, answer]), options.similarity)];
    among.push(keptUnder(numbers, answer === undefined ? options.similarity : SAME_WORDS));
    const repeated = firstRepeated(among, pair) ?? (options.same_fact ? askedBefore(facts, pair) : undefined);
    if (repeated !== undefined) return repeated;
    for (const earlier of among) earlier.add(pair);
    if (options.same_fact) remember(facts, pair);
    return kept(item);
  });
}

function firstRepeated(among: readonly Kept[], pair: PairItem): Outcome | undefined {
  for (const earlier of among) {
    const repeated = earlier.findRepeated(pair);
    if (repeated !== undefined) return repeated;
  }
  return undefined;
}

/** The questions that stay, for later ones to be held against. */
class Kept {
  readonly #index: NearDuplicateIndex;
  readonly #pairs: { readonly question: string; readonly persona: string | undefined }[] = [];

  constructor(similarityMin: number) {
    this.#index = new NearDuplicateIndex({ ...FOR_QUESTIONS, similarityMin });
  }

  add({ draft }: PairItem): void {
    this.#index.add(draft.question);
    this.#pairs.push({ question: draft.question, persona: draft.persona });
  }

  findRepeated({ draft }: PairItem): Outcome | undefined {
    const found = this.#index.findSimilar(draft.question);
    const earlier = found === undefined ? undefined : this.#pairs[found.index];
    if (found === undefined || earlier === undefined) return undefined;
    const isAcross = earlier.persona !== draft.persona;
    return dropped(
      isAcross ? 'near_duplicate_across_personas' : 'near_duplicate',
      `"${draft.question}" repeats "${earlier.question}" (similarity ${found.similarity.toFixed(2)})`,
    );
  }
}

/** A question about a fact, as others are held against it. */
interface AskedFact {
  readonly question: string;
  readonly words: ReturnType<typeof shinglesOf>;
  /** And numbers. */
  readonly names: ReadonlySet<string>;
}

function askedFact({ draft: { question } }: PairItem): AskedFact {
  return {
    question,
    words: shinglesOf(question, 1),
    names: new Set([...namesIn(question), ...numbersIn(question)]),
  };
}

/**
 * The same answer of the same document, asked for in much the same words: one fact, three personas. Where each question names
 * what the other does not, they are two facts: the nationality of one chemist, and that of another.
 */
function askedBefore(facts: ReadonlyMap<string, readonly AskedFact[]>, pair: PairItem): Outcome | undefined {
  const among = facts.get(factOf(pair) ?? '');
  if (among === undefined) return undefined;
  const asked = askedFact(pair);
  const earlier = among.find(
    ({ words, names }) =>
      (isWithin(names, asked.names) || isWithin(asked.names, names)) &&
      jaccard(words, asked.words) >= SAME_FACT_MIN,
  );
  if (earlier === undefined) return undefined;
  return dropped('same_fact', `"${asked.question}" asks for what "${earlier.question}" asks for`);
}

function remember(facts: Map<string, AskedFact[]>, pair: PairItem): void {
  const fact = factOf(pair);
  if (fact === undefined) return;
  const asked = facts.get(fact);
  if (asked === undefined) facts.set(fact, [askedFact(pair)]);
  else asked.push(askedFact(pair));
}

function factOf({ passage, draft }: PairItem): string | undefined {
  if (passage === undefined || draft.answer === '') return undefined;
  return JSON.stringify([passage.documentId, normalizeText(draft.answer, LOOSE_TEXT)]);
}

/** What two questions must share to ask for one fact: the answer, and the names that they are about. */
function answerKey({ draft }: PairItem): string {
  return JSON.stringify([normalizeText(draft.answer, LOOSE_TEXT), ...namesIn(draft.question)]);
}

/** Words that begin with a capital, but for the first, which always does. */
function namesIn(question: string): readonly string[] {
  return question.match(/(?<=\s)\p{Lu}[\p{L}\p{N}'’-]+/gu) ?? [];
}

function numbersIn(question: string): readonly string[] {
  return wordsOf(question).filter((word) => /\p{N}/u.test(word));
}

function isWithin(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  return [...part].every((each) => whole.has(each));
}
