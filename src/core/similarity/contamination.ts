// Whether a question is known from a benchmark. The 13-grams of GPT-3's appendix C, which lm-eval-harness uses too, never fire on
// questions of fewer words, and a reordered question has no long gram in common: each of these has a rule of its own.

import { GramTable } from './gram-table.ts';
import { gramsOf, wordsOf } from './words.ts';

/** Long enough that chance does not make it (GPT-3, arXiv 2005.14165, appendix C). */
const GRAM_WORDS = 13;
/** For benchmark questions with fewer than 13 words. */
const SHORT_GRAM_WORDS = 8;
/** A benchmark question of fewer words is found only whole: "what is the answer" is nobody's question. */
const WHOLE_WORDS_MIN = 4;
/** Content words that two questions must share to be the same one reordered, or to have a part in common. */
const CONTENT_WORDS_MIN = 4;

/** Words that carry no content in questions. A number or a negation is never one of them. */
const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  (
    'a an the of in on at to for from by with as and or is are was were be been being do does did has have had ' +
    'can could will would shall should may might must it its this that these those there their them they he she his her ' +
    'what which who whom whose when where why how many much if then than so into about between during also ' +
    'you your we our i me my us please find calculate compute determine give tell state name'
  ).split(' '),
);

export type ContaminationRule = 'same_question' | 'same_words' | 'shared_gram' | 'contains_question';

export interface Contamination {
  readonly rule: ContaminationRule;
  /** Number of the benchmark's question, in the order of adding. */
  readonly benchmark: number;
  /** What they have in common. */
  readonly evidence: string;
}

/** Benchmark questions, and whether another question is one of them in disguise. */
export class BenchmarkIndex {
  readonly #whole = new GramTable();
  readonly #bags = new GramTable();
  readonly #grams = new GramTable();
  readonly #shortGrams = new GramTable();
  /** Lengths in words of short benchmark questions: those that can stand whole in another. */
  readonly #wholeLengths = new Set<number>();
  #size = 0;

  /** Benchmark questions added. */
  get size(): number {
    return this.#size;
  }

  /** @param answer of the benchmark's question: with it, a short question reaches the length of a gram sooner */
  add(question: string, answer = ''): void {
    const words = wordsOf(question);
    if (words.length === 0) return;
    const index = this.#size;
    this.#size += 1;
    this.#whole.add(words.join(' '), index);
    const bag = bagOf(words);
    if (bag !== undefined) this.#bags.add(bag, index);
    const both = [...words, ...wordsOf(answer)];
    if (both.length >= GRAM_WORDS) for (const gram of gramsOf(both, GRAM_WORDS)) this.#grams.add(gram, index);
    if (words.length >= GRAM_WORDS) return;
    if (words.length >= WHOLE_WORDS_MIN) this.#wholeLengths.add(words.length);
    if (words.length >= SHORT_GRAM_WORDS) {
      for (const gram of shortGramsOf(words)) this.#shortGrams.add(gram, index);
    }
  }

  /** The first rule that fires, from the surest on; undefined for a question of its own. */
  find(question: string, answer = ''): Contamination | undefined {
    const words = wordsOf(question);
    if (words.length === 0) return undefined;
    const both = [...words, ...wordsOf(answer)];
    return (
      hit('same_question', [words.join(' ')], this.#whole) ??
      hit('shared_gram', both.length >= GRAM_WORDS ? gramsOf(both, GRAM_WORDS) : [], this.#grams) ??
      hit('same_words', [bagOf(words) ?? ''], this.#bags) ??
      hit('shared_gram', shortGramsOf(words), this.#shortGrams) ??
      this.#contained(words)
    );
  }

  #contained(words: readonly string[]): Contamination | undefined {
    for (const length of this.#wholeLengths) {
      if (length >= words.length) continue;
      const found = hit('contains_question', gramsOf(words, length), this.#whole);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function hit(rule: ContaminationRule, grams: readonly string[], table: GramTable): Contamination | undefined {
  for (const gram of grams) {
    const benchmark = gram === '' ? undefined : table.find(gram);
    if (benchmark !== undefined) return { rule, benchmark, evidence: gram };
  }
  return undefined;
}

/** Those with enough content: "who was the first woman to win a" is the beginning of many questions. */
function shortGramsOf(words: readonly string[]): readonly string[] {
  if (words.length < SHORT_GRAM_WORDS) return [];
  const isTelling = (at: number): boolean =>
    contentOf(words.slice(at, at + SHORT_GRAM_WORDS)).length >= CONTENT_WORDS_MIN;
  return gramsOf(words, SHORT_GRAM_WORDS).filter((_, at) => isTelling(at));
}

function contentOf(words: readonly string[]): readonly string[] {
  return words.filter((word) => !FUNCTION_WORDS.has(word));
}

/** The content words in alphabetical order; undefined where there are too few to tell questions apart. */
function bagOf(words: readonly string[]): string | undefined {
  const content = contentOf(words).map(stemOf);
  return content.length < CONTENT_WORDS_MIN ? undefined : content.toSorted().join(' ');
}

/** Plural and possessive endings: reordering "the river's length" gives "the length of the river". */
function stemOf(word: string): string {
  return /^\p{L}{4,}s$/u.test(word) && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
